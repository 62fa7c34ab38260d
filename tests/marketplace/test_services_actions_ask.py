"""What a rule may bring about by itself, and what has to wait for a person."""

from datetime import timedelta

import pytest

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.marketplace.models import ActionTarget, Budget, BudgetUse, PlatformAction, RulePause, Switch
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services import actions, switches
from merchant_protection.notices.models import Notice
from tests.factories.marketplace import ListingFactory

pytestmark = pytest.mark.usefixtures("platform_scope")


def used(scope):
    return BudgetUse.objects.get(scope=scope, purse="").used


def test_an_authorised_action_sets_what_is_wanted_and_counts_once_in_each_budget(ask, merchant):
    action = ask("delist", "SKU-1", cause="feed:1", reason="below cost", is_latched=True)

    target = action.target
    assert (action.status, action.undo, action.desired_generation) == ("AUTHORISED", "LISTED", 1)
    assert (target.desired, target.desired_generation, target.is_latched) == ("DELISTED", 1, True)
    assert {scope: used(scope) for scope in Budget.Scope.values} == {"PLATFORM": 1, "MERCHANT": 1, "RULE": 1}
    assert len(action.idempotency_key) == 64


def test_asking_the_same_again_is_asking_once(ask):
    assert ask("delist", "SKU-1").pk == ask("delist", "SKU-1").pk
    assert used("RULE") == 1


def test_another_state_takes_the_place_of_what_was_on_its_way(ask):
    first = ask("set_price", "SKU-1", value={"amount": "10.00", "currency": "CNY"})

    second = ask("set_price", "SKU-1", value={"amount": "12.00", "currency": "CNY"})

    first.refresh_from_db()
    assert (first.status, second.status, second.desired_generation) == ("SUPERSEDED", "AUTHORISED", 2)
    assert second.undo == {"amount": "10.00", "currency": "CNY"}
    assert first.idempotency_key != second.idempotency_key


def test_shadow_writes_what_would_have_been_and_changes_nothing(ask):
    action = ask("delist", "SKU-1", mode="SHADOW")

    assert (action.status, action.due_at) == ("SHADOW", None)
    assert (action.target.desired, action.target.desired_generation) == (None, 0)
    assert not BudgetUse.objects.exists()
    assert ask("delist", "SKU-1", mode="SHADOW").pk == action.pk


def test_approve_mode_waits_for_a_person_without_using_a_budget(ask, merchant, now):
    action = ask("delist", "SKU-1", mode="APPROVE")

    assert (action.status, action.review_reason, action.target.desired) == ("NEEDS_REVIEW", "APPROVAL", None)
    assert not BudgetUse.objects.exists()
    assert Notice.objects.get().kind == "action.review"

    actions.approve(action_id=action.pk, actor=merchant.actor, at=now)
    action.refresh_from_db()
    assert (action.status, action.approved_by, action.target.desired) == ("AUTHORISED", "Ann Owner", "DELISTED")


@pytest.mark.parametrize("scope", Switch.Scope.values)
def test_a_kill_switch_lets_nothing_through(ask, merchant, staff, now, scope):
    whose = {"MERCHANT": {"merchant_id": merchant.shop.pk}, "RULE": {"rule": "toy:floor"}, "PLATFORM": {}}[scope]
    switches.stop(scope=scope, actor=staff.actor, at=now, reason="wrong prices", **whose)

    with tenancy.merchant(merchant.shop.pk):
        action = ask("delist", "SKU-1")

    assert (action.status, action.review_reason) == ("NEEDS_REVIEW", "SWITCH")
    with pytest.raises(Conflict):
        actions.approve(action_id=action.pk, actor=merchant.actor, at=now)
    wish = Wish(merchant_id=merchant.shop.pk, verb="relist", ref="SKU-1", feature="toy", rule="floor")
    with pytest.raises(Conflict):
        actions.ask_by_person(wish, actor=merchant.actor, at=now)


def test_no_budget_means_a_person_looks(ask):
    Budget.objects.filter(scope="MERCHANT", purse="").delete()

    assert ask("delist", "SKU-1").review_reason == "NO_BUDGET"


def test_a_used_up_budget_pauses_the_rule_and_tells_once(ask, merchant):
    Budget.objects.filter(scope="RULE", purse="").update(cap=3)

    found = [ask("delist", f"SKU-{number}") for number in range(6)]

    assert [each.review_reason for each in found] == ["", "", "", "BUDGET_RULE", "PAUSE", "PAUSE"]
    assert {scope: used(scope) for scope in Budget.Scope.values} == {"PLATFORM": 3, "MERCHANT": 3, "RULE": 3}
    assert RulePause.objects.get().rule == "floor"
    assert Notice.objects.filter(kind="rule.paused").count() == 1


def test_orders_are_held_on_while_their_rule_is_paused_for_another_purse(ask, merchant):
    Budget.objects.filter(scope="RULE", purse="").update(cap=1)
    Budget.objects.filter(scope="RULE", purse="ORDER_HOLDS").update(cap=2)
    [ask("delist", f"SKU-{number}") for number in range(2)]

    held = [ask("hold_shipment", f"O-{number}") for number in range(4)]

    assert [each.review_reason for each in held] == ["", "", "BUDGET_RULE", "PAUSE"]
    assert RulePause.objects.count() == 1


def test_a_pause_by_a_person_holds_no_orders_either(ask, merchant, now):
    RulePause.objects.create(
        merchant=merchant.shop, feature="toy", rule="floor", reason="asked", paused_at=now, paused_by="Ann Owner"
    )

    assert ask("hold_shipment", "O-1").review_reason == "PAUSE"


def test_the_whole_platforms_budget_stops_no_rule_for_good(ask, now):
    Budget.objects.filter(scope="PLATFORM", purse="").update(cap=1)

    found = [ask("delist", f"SKU-{number}", rule=f"rule-{number}") for number in range(3)]

    assert [each.review_reason for each in found] == ["", "BUDGET_PLATFORM", "BUDGET_PLATFORM"]
    assert not RulePause.objects.exists()
    assert Notice.objects.filter(kind="budget.used_up").count() == 1
    assert ask("delist", "SKU-9", at=now + timedelta(hours=1)).status == "AUTHORISED"


def test_a_rule_reaches_one_in_twenty_listings_an_hour_and_at_least_three(ask, merchant):
    ListingFactory.create_batch(100, merchant=merchant.shop)
    ListingFactory.create_batch(30, merchant=merchant.shop, delisted=True)

    found = [ask("delist", f"SKU-{number}", cause="feed:1") for number in range(8)]

    assert [each.status for each in found].count("AUTHORISED") == 5


def test_what_was_closed_for_good_is_opened_only_by_a_person(ask, merchant, now, drain):
    ask("delist", "SKU-1", is_latched=True)

    again = ask("relist", "SKU-1", rule="another")

    assert (again.status, again.review_reason) == ("NEEDS_REVIEW", "LATCH")
    assert PlatformAction.objects.filter(status="AUTHORISED", verb="delist").count() == 1
    wish = Wish(merchant_id=merchant.shop.pk, verb="relist", ref="SKU-1", feature="by_hand")
    opened = actions.ask_by_person(wish, actor=merchant.actor, at=now)
    assert (opened.status, opened.target.is_latched) == ("AUTHORISED", False)
    assert set(PlatformAction.objects.exclude(pk=opened.pk).values_list("status", flat=True)) == {"SUPERSEDED"}


@pytest.mark.parametrize("ref", ["", "*", None, "ALL"])
def test_an_empty_selector_is_refused_and_nothing_is_written(ask, ref):
    with pytest.raises(Invalid):
        ask("delist", ref)

    assert not ActionTarget.objects.exists()
    assert not PlatformAction.objects.exists()


def test_an_unknown_mode_is_refused(ask):
    with pytest.raises(Invalid):
        ask("delist", "SKU-1", mode="OFF")


def test_only_who_decides_for_the_shop_asks_by_hand(merchant, rival, onlooker, platform, now):
    wish = Wish(merchant_id=merchant.shop.pk, verb="delist", ref="SKU-1", feature="by_hand")

    for stranger in (rival, onlooker):
        with pytest.raises(NotAllowed):
            actions.ask_by_person(wish, actor=stranger.actor, at=now)

    assert not PlatformAction.objects.exists()


def test_a_shop_without_a_platform_is_told_so(ask, platform):
    platform.is_active = False
    platform.save()

    with pytest.raises(Conflict):
        ask("delist", "SKU-1")


def test_what_cannot_be_read_means_stop(ask, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the switches cannot be read")

    monkeypatch.setattr(guards, "stopped_by", broken)

    with pytest.raises(RuntimeError):
        ask("delist", "SKU-1")
    assert not PlatformAction.objects.exists()
