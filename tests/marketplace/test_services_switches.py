"""Who may stop what, who lets it go on, and that it takes effect at once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from merchant_protection.marketplace.models import Budget, BudgetUse, RulePause, Switch
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.services import budgets, switches
from merchant_protection.notices.models import Notice
from tests.factories.accounts import UserFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")


@pytest.fixture
def colleague(db):
    return Persona(UserFactory(operations=True, email="second@example.com"))


def stop(actor, now, scope="PLATFORM", **whose):
    return switches.stop(scope=scope, actor=actor, at=now, reason="wrong prices", **whose)


def test_the_platform_goes_on_only_by_two_people(staff, colleague, now):
    stop(staff.actor, now)

    asked = switches.resume(scope="PLATFORM", actor=staff.actor, at=now, proved_again=True)
    assert asked.is_stopped
    with pytest.raises(Conflict):
        switches.resume(scope="PLATFORM", actor=staff.actor, at=now, proved_again=True)
    assert guards.stopped_by(1) is not None
    resumed = switches.resume(scope="PLATFORM", actor=colleague.actor, at=now, proved_again=True)

    assert not resumed.is_stopped
    assert guards.stopped_by(1) is None
    names = ["switch.stopped", "switch.resume_asked", "switch.resumed"]
    entries = Entry.objects.filter(subject_kind="switch").order_by("pk")
    assert list(entries.values_list("action", flat=True)) == names
    assert entries[0].reason == "wrong prices"
    assert entries[0].actor_id == staff.user.pk


def test_stopping_again_takes_back_that_somebody_asked_to_go_on(staff, colleague, now):
    stop(staff.actor, now)
    switches.resume(scope="PLATFORM", actor=staff.actor, at=now, proved_again=True)
    stop(colleague.actor, now)

    assert switches.resume(scope="PLATFORM", actor=colleague.actor, at=now, proved_again=True).is_stopped


def test_a_shop_is_stopped_by_its_people_and_goes_on_by_its_owners_word(merchant, operator, now):
    shop = {"merchant_id": merchant.shop.pk}
    stop(operator.actor, now, "MERCHANT", **shop)

    assert Notice.objects.get().kind == "switch.stopped"
    assert guards.stopped_by(merchant.shop.pk) is not None
    assert guards.stopped_by(merchant.shop.pk + 1) is None
    with pytest.raises(NotAllowed):
        switches.resume(scope="MERCHANT", actor=operator.actor, at=now, **shop, proved_again=True)
    assert not switches.resume(scope="MERCHANT", actor=merchant.actor, at=now, **shop, proved_again=True).is_stopped
    with pytest.raises(Conflict):
        switches.resume(scope="MERCHANT", actor=merchant.actor, at=now, **shop, proved_again=True)


def test_nobody_stops_what_is_not_theirs(merchant, rival, onlooker, now):
    for stranger, scope, whose in [
        (rival, "MERCHANT", {"merchant_id": merchant.shop.pk}),
        (onlooker, "MERCHANT", {"merchant_id": merchant.shop.pk}),
        (merchant, "PLATFORM", {}),
        (merchant, "RULE", {"rule": "toy:floor"}),
    ]:
        with pytest.raises(NotAllowed):
            stop(stranger.actor, now, scope, **whose)
    assert not Switch.objects.exists()


@pytest.mark.parametrize(
    ("scope", "whose"),
    [
        ("MERCHANT", {}),
        ("PLATFORM", {"merchant_id": 1}),
        ("RULE", {}),
        ("RULE", {"rule": "  "}),
        ("EVERYTHING", {}),
        ("PLATFORM", {"rule": "toy"}),
    ],
)
def test_a_switch_names_exactly_what_it_stops(staff, now, scope, whose):
    with pytest.raises(Invalid):
        stop(staff.actor, now, scope, **whose)
    assert not Switch.objects.exists()


def test_a_switch_needs_a_reason(staff, now):
    with pytest.raises(Invalid):
        switches.stop(scope="PLATFORM", actor=staff.actor, at=now, reason=" ")


def paused(merchant, now):
    return switches.pause_rule(
        merchant_id=merchant.shop.pk, feature="toy", rule="floor", actor=merchant.actor, at=now, reason="too many"
    )


def test_a_paused_rule_goes_on_by_two_people(merchant, operator, now):
    pause = paused(merchant, now)

    assert paused(merchant, now).pk == pause.pk
    switches.resume_rule(pause_id=pause.pk, actor=merchant.actor, at=now)
    with pytest.raises(Conflict):
        switches.resume_rule(pause_id=pause.pk, actor=merchant.actor, at=now + timedelta(hours=1), proved_again=True)
    assert guards.is_paused(merchant.shop.pk, feature="toy", rule="floor")
    done = switches.resume_rule(pause_id=pause.pk, actor=operator.actor, at=now)

    assert done.resumed_by == "Otto Operator"
    assert not guards.is_paused(merchant.shop.pk, feature="toy", rule="floor")
    assert switches.resume_rule(pause_id=pause.pk, actor=operator.actor, at=now).resumed_at == done.resumed_at


def test_who_is_alone_waits_ten_minutes_and_proves_who_they_are(merchant, now):
    pause = paused(merchant, now)
    switches.resume_rule(pause_id=pause.pk, actor=merchant.actor, at=now)

    with pytest.raises(Conflict):
        switches.resume_rule(pause_id=pause.pk, actor=merchant.actor, at=now + timedelta(minutes=9), proved_again=True)
    with pytest.raises(NotAllowed):
        switches.resume_rule(pause_id=pause.pk, actor=merchant.actor, at=now + timedelta(minutes=11))
    later = now + timedelta(minutes=11)
    assert (
        switches.resume_rule(pause_id=pause.pk, actor=merchant.actor, at=later, proved_again=True).resumed_at == later
    )


def test_a_pause_is_the_shops_own_matter(merchant, rival, now):
    pause = paused(merchant, now)

    with pytest.raises(NotAllowed):
        switches.resume_rule(pause_id=pause.pk, actor=rival.actor, at=now)
    with pytest.raises(NotFound):
        switches.resume_rule(pause_id=pause.pk + 1, actor=merchant.actor, at=now)
    with pytest.raises(Invalid):
        switches.pause_rule(
            merchant_id=merchant.shop.pk, feature="toy", rule=" ", actor=merchant.actor, at=now, reason=""
        )
    assert RulePause.objects.get().resume_asked_by is None


def set_budget(actor, now, *, cap, scope="RULE", share=Decimal("0.05"), **whose):
    whose = {"merchant_id": None, "purse": ""} | whose
    return budgets.change_budget(
        scope=scope, cap=cap, actor=actor, at=now, catalogue_share=share, proved_again=True, **whose
    )


def test_raising_a_budget_takes_a_second_person_and_lowering_does_not(staff, colleague, ask, now):
    ask("delist", "SKU-1")

    assert set_budget(staff.actor, now, cap=1).cap == 1
    assert BudgetUse.objects.get(scope="RULE").cap == 1
    assert set_budget(staff.actor, now, cap=90).cap == 1
    with pytest.raises(Conflict):
        set_budget(staff.actor, now, cap=90)
    assert set_budget(colleague.actor, now, cap=80).cap == 1  # another figure is asked for anew
    assert set_budget(staff.actor, now, cap=80).cap == 80
    assert set_budget(staff.actor, now, cap=80, share=None).cap == 80
    assert Budget.objects.get(scope="RULE", purse="").catalogue_share == Decimal("0.05")


def test_a_shops_own_budget_leaves_everybodys_as_it_is_until_two_agree(staff, colleague, merchant, now):
    own = {"merchant_id": merchant.shop.pk, "scope": "MERCHANT", "share": None}

    assert set_budget(staff.actor, now, cap=500, **own).cap == 100
    assert set_budget(colleague.actor, now, cap=500, **own).cap == 500
    assert guards.budget(scope="MERCHANT", merchant_id=merchant.shop.pk, purse="").cap == 500
    assert guards.budget(scope="MERCHANT", merchant_id=merchant.shop.pk + 1, purse="").cap == 100


def test_budgets_are_set_by_operations_and_within_reason(staff, merchant, now):
    with pytest.raises(NotAllowed):
        set_budget(merchant.actor, now, cap=1)
    for wrong in ({"scope": "ALL"}, {"cap": -1}, {"purse": "X"}, {"share": Decimal(2)}):
        with pytest.raises(Invalid) as refused:
            set_budget(staff.actor, now, **{"cap": 1} | wrong)
        assert len(refused.value.fields) == 1
