"""What people do: approve, decline, take back, hold and let go."""

from datetime import timedelta

import pytest

from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import ActionTarget, Budget, BudgetUse, PlatformAction, RulePause
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.rules.wishes import Mode, Wish
from merchant_protection.marketplace.services import actions
from tests.marketplace.conftest import CLOCK


@pytest.fixture(autouse=True)
def _generous(transactional_db, platform_scope, platform):
    Budget.objects.update(cap=100_000, catalogue_share=None)


def snapshot():
    return list(PlatformAction.objects.order_by("pk").values()), list(ActionTarget.objects.order_by("pk").values())


@pytest.mark.parametrize("command", ["approve", "decline", "retry", "undo"])
def test_only_who_decides_for_the_shop_decides_and_else_nothing_changes(ask, command, rival, onlooker, now):
    waiting = ask("delist", "SKU-1", mode="APPROVE")
    before = snapshot()

    for stranger in (rival, onlooker):
        with pytest.raises(NotAllowed):
            getattr(actions, command)(action_id=waiting.pk, actor=stranger.actor, at=now)
    with pytest.raises(NotFound):
        getattr(actions, command)(action_id=10**9, actor=onlooker.actor, at=now)

    assert snapshot() == before


@pytest.mark.parametrize(("command", "mode"), [("approve", "AUTO"), ("decline", "AUTO"), ("retry", "APPROVE")])
def test_a_move_that_is_not_possible_now_is_refused_and_changes_nothing(ask, merchant, command, mode, now):
    action = ask("delist", "SKU-1", mode=mode)
    before = snapshot()

    with pytest.raises(Conflict):
        getattr(actions, command)(action_id=action.pk, actor=merchant.actor, at=now)

    assert snapshot() == before


def test_declining_leaves_the_platform_as_it_is(ask, merchant, now, drain, market):
    action = ask("delist", "SKU-1", mode="APPROVE")

    actions.decline(action_id=action.pk, actor=merchant.actor, at=now, note="the price is right")

    action.refresh_from_db()
    assert (action.status, drain(later=5), market.effects) == ("CANCELLED", 0, [])
    assert Entry.objects.get(action="action.declined").reason == "the price is right"


def test_approving_takes_the_place_of_what_was_on_its_way(ask, merchant, now):
    sent = ask("delist", "SKU-1", is_latched=True)
    waiting = ask("relist", "SKU-1")

    actions.approve(action_id=waiting.pk, actor=merchant.actor, at=now)

    sent.refresh_from_db()
    waiting.refresh_from_db()
    assert (sent.status, waiting.status, waiting.target.desired) == ("SUPERSEDED", "AUTHORISED", "LISTED")


def test_what_expired_can_no_longer_be_approved_and_is_put_away(ask, merchant, now):
    action = ask("delist", "SKU-1", mode="APPROVE", expires_at=now + timedelta(hours=1))
    later = now + timedelta(hours=2)

    with pytest.raises(Conflict):
        actions.approve(action_id=action.pk, actor=merchant.actor, at=later)
    assert actions.expire_waiting(now=later) == 1
    assert actions.expire_waiting(now=later) == 0
    action.refresh_from_db()
    assert action.status == "CANCELLED"


def test_undo_sets_a_price_back_and_can_itself_be_undone(ask, merchant, now, drain, market):
    before = {"amount": "99.00", "currency": "CNY"}
    action = ask("set_price", "SKU-1", value={"amount": "129.00", "currency": "CNY"}, undo=before)
    drain()

    undone = actions.undo(action_id=action.pk, actor=merchant.actor, at=now, note="wrong floor")
    drain(later=5)

    assert market.state("LISTING", "SKU-1", "price") == before
    assert (undone.verb, undone.undo) == ("set_price", {"amount": "129.00", "currency": "CNY"})
    with pytest.raises(Conflict):
        actions.undo(action_id=action.pk, actor=merchant.actor, at=now)
    actions.undo(action_id=undone.pk, actor=merchant.actor, at=now)
    drain(later=10)
    assert market.state("LISTING", "SKU-1", "price") == {"amount": "129.00", "currency": "CNY"}


def test_undo_refuses_what_is_not_known_or_changed_nothing(ask, merchant, now, drain):
    unknown = ask("set_price", "SKU-1", value={"amount": "129.00", "currency": "CNY"})
    shadow = ask("delist", "SKU-2", mode="SHADOW")
    drain()

    for action in (unknown, shadow):
        with pytest.raises(Conflict):
            actions.undo(action_id=action.pk, actor=merchant.actor, at=now)


def test_undoing_a_rules_last_hours_goes_back_to_before_it_began(ask, merchant, now, drain, market):
    first = {"amount": "100.00", "currency": "CNY"}
    for number in range(5):
        ask("delist", f"SKU-{number}")
    ask("set_price", "SKU-9", value={"amount": "90.00", "currency": "CNY"}, undo=first)
    drain()
    ask("set_price", "SKU-9", value={"amount": "80.00", "currency": "CNY"})
    drain(later=5)
    waiting = ask("delist", "SKU-7", mode="APPROVE")
    ask("delist", "SKU-8", rule="another")
    ask("relist", "SKU-4", rule="another")  # newer than what the rule did
    drain(later=10)

    undone = actions.undo_rule_since(
        merchant_id=merchant.shop.pk,
        feature="toy",
        rule="floor",
        since=now - timedelta(hours=1),
        actor=merchant.actor,
        at=now,
    )
    drain(later=15)

    assert undone == actions.Undone(undone=5, declined=1, left=1)
    states = [market.state("LISTING", f"SKU-{number}", "availability") for number in (0, 1, 2, 3, 4, 8)]
    assert states == ["LISTED"] * 5 + ["DELISTED"]
    assert market.state("LISTING", "SKU-9", "price") == first
    waiting.refresh_from_db()
    assert waiting.status == "CANCELLED"
    assert RulePause.objects.get().rule == "floor"


def test_undoing_a_rule_is_for_who_decides(merchant, onlooker, now):
    with pytest.raises(NotAllowed):
        actions.undo_rule_since(
            merchant_id=merchant.shop.pk, feature="toy", rule="floor", since=now, actor=onlooker.actor, at=now
        )
    assert not RulePause.objects.exists()


def test_a_held_order_releases_itself_and_draws_from_its_own_purse(ask, now, drain, market):
    Budget.objects.filter(purse="").update(cap=0)
    held = ask("hold_order", "O-1", release_after=timedelta(minutes=30))
    drain()

    assert (market.state("ORDER", "O-1", "fulfilment"), held.status) == ("HELD", "AUTHORISED")
    assert set(BudgetUse.objects.values_list("purse", flat=True)) == {"ORDER_HOLDS"}
    assert actions.release_due(now=now + timedelta(minutes=29)) == 0
    assert drain(later=1800) == 1
    assert market.state("ORDER", "O-1", "fulfilment") == "OPEN"
    assert actions.release_due(now=now + timedelta(hours=9)) == 0


def test_a_hold_that_a_person_released_is_not_released_again(ask, merchant, now, drain, market):
    ask("hold_order", "O-1", release_after=timedelta(minutes=30))
    drain()
    wish = Wish(merchant_id=merchant.shop.pk, verb="release_order", ref="O-1", feature="by_hand")
    actions.ask_by_person(wish, actor=merchant.actor, at=now)
    drain(later=5)

    assert (drain(later=3600), len(market.effects)) == (0, 2)


def test_new_orders_are_held_on_more_and_more_listings_and_let_in_again(merchant, platform, now, drain, market):
    @transaction
    def hold(*skus: str, rule: str = "floor") -> PlatformAction:
        wish = Wish(merchant_id=merchant.shop.pk, verb="hold_new_orders", ref="", feature="toy", rule=rule)
        return actions.hold_new_orders(wish, skus=skus, mode=Mode.AUTO, actor=CLOCK, at=now)

    Budget.objects.filter(purse="SHOP_HOLDS").update(cap=1)
    hold("b")
    hold("a", "b")
    action = hold("c")
    drain()

    assert (action.undo, queries.held_skus(merchant.shop.pk)) == ({"held_skus": ["a", "b"]}, {"a", "b", "c"})
    assert market.state("SHOP", "shop-a", "new_orders") == {"held_skus": ["a", "b", "c"]}
    actions.open_new_orders(merchant_id=merchant.shop.pk, skus=["b"], actor=merchant.actor, at=now, feature="toy")
    drain(later=5)
    assert market.state("SHOP", "shop-a", "new_orders") == {"held_skus": ["a", "c"]}
    opened = actions.open_new_orders(
        merchant_id=merchant.shop.pk, skus=["a", "c"], actor=merchant.actor, at=now, feature="toy"
    )
    drain(later=10)
    assert (opened.verb, market.state("SHOP", "shop-a", "new_orders")) == ("open_new_orders", "OPEN")
    with pytest.raises(Invalid):
        hold()
    with pytest.raises(Invalid):
        actions.open_new_orders(merchant_id=merchant.shop.pk, skus=[], actor=merchant.actor, at=now, feature="toy")
