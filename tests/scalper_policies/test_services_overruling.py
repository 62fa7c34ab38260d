"""Staff overrule an answer or a rule: in effect for its time, with a reason, told, replayable, and gone by itself."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.notices.models import Notice
from scalper_policies.models import DecisionNote, Override, PolicyVersion, Reservation
from scalper_policies.rules.policy import Band, Verdict
from scalper_policies.services import explaining, overruling
from tests.factories.marketplace import SellingPlatformFactory
from tests.factories.scalper_policies import OrderDecisionFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import decide
from tests.scalper_policies.baseline_rules import acting, english, second

__all__ = ["english", "second"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
DAY = timedelta(days=1)
ONE = about("SKU-HOT", limits=(per_account(1),))
HELD = about("SKU-HOT", limits=(per_account(1),), bands=(Band(1, Verdict.HOLD, hours=6),))


def overrule(staff: Persona, **given: Any) -> Override:
    at = given["at"]
    with tenancy.platform():
        return overruling.overrule_answer(actor=staff.actor, **{"reason": "A school buys", "until": at + DAY} | given)


def leave_aside(staff: Persona, **given: Any) -> Override:
    at = given["at"]
    told = {"policy_id": None, "rule": "account", "reason": "A fair runs here", "until": at + DAY} | given
    with tenancy.platform():
        return overruling.overrule_rule(actor=staff.actor, **told)


def kept() -> list[tuple[str, int, str]]:
    with tenancy.platform():
        return list(Reservation.objects.order_by("number").values_list("number", "units", "released_for"))


def test_a_rejected_order_may_pass_until_the_overruling_ends_and_keeps_its_units(
    merchant: Persona, staff: Persona, now: datetime
) -> None:
    VersionFactory(merchant=merchant.shop, terms=ONE)
    rejected = decide("O-1", units=3, buyer="b", at=now)

    overrule(staff, decision_id=rejected.pk, verdict="ALLOW", at=now)

    again = decide("O-1", units=3, buyer="b", at=now + timedelta(hours=1))
    after = decide("O-1", units=3, buyer="b", at=now + DAY)
    assert (again.verdict, again.stands, after.stands) == ("REJECT", "ALLOW", "REJECT")
    assert kept() == [("O-1", 3, "")]
    assert decide("O-2", buyer="b", at=now).verdict == "REJECT"
    with tenancy.platform():
        assert [note.said for note in DecisionNote.objects.all()] == ["WRONG"]
        assert Notice.objects.get().kind == "decision.overruled"
        assert Entry.objects.get(action="override.made").reason == "A school buys"
        assert not PlatformAction.objects.exists()


def test_a_held_order_is_let_go_and_one_that_went_is_held(merchant: Persona, staff: Persona, now: datetime) -> None:
    SellingPlatformFactory()
    VersionFactory(merchant=merchant.shop, terms=HELD)
    passed, held = decide("O-1", buyer="b", at=now), decide("O-2", buyer="b", at=now)

    overrule(staff, decision_id=held.pk, verdict="ALLOW", at=now)
    overrule(staff, decision_id=passed.pk, verdict="HOLD", at=now)

    with tenancy.platform():
        wanted = dict(PlatformAction.objects.values_list("target__ref", "verb"))
        said = list(DecisionNote.objects.values_list("decision_id", "said"))
    assert wanted == {"O-2": "release_order", "O-1": "hold_order"}
    assert said == [(held.pk, "WRONG")]


def test_an_order_that_must_not_pass_gives_its_units_back_and_takes_them_again(
    merchant: Persona, staff: Persona, now: datetime
) -> None:
    VersionFactory(merchant=merchant.shop, terms=ONE)
    passed = decide("O-1", buyer="b", at=now)

    overrule(staff, decision_id=passed.pk, verdict="REJECT", at=now)
    assert kept() == [("O-1", 1, "OVERRULED")]
    overrule(staff, decision_id=passed.pk, verdict="ALLOW", at=now)

    assert kept() == [("O-1", 1, "")]
    with pytest.raises(Conflict, match="already"):
        overrule(staff, decision_id=passed.pk, verdict="ALLOW", at=now)


def test_a_rule_says_nothing_in_one_shop_for_its_time_and_counts_on(
    merchant: Persona, staff: Persona, now: datetime
) -> None:
    version = VersionFactory(merchant=merchant.shop, terms=ONE)

    made = leave_aside(staff, merchant_id=merchant.shop.pk, policy_id=version.policy_id, at=now)

    during = [decide(f"O-{index}", buyer="b", at=now + timedelta(minutes=index)) for index in range(3)]
    after = decide("O-9", buyer="b", at=now + DAY)
    assert [each.verdict for each in during] == ["ALLOW"] * 3
    assert during[1].answers[0]["left_aside"] == ["account"]
    assert (after.verdict, after.reasons[0]["observed"]) == ("REJECT", 3)
    with tenancy.platform():
        assert all(one.is_same for each in [*during, after] for one in explaining.again(each))
        assert made.policy_id == version.policy_id
        assert Notice.objects.get().kind == "policy.overruled"


def test_a_baseline_rule_is_left_aside_in_one_shop_and_holds_in_the_others(
    merchant: Persona, rival: Persona, staff: Persona, second: Persona, now: datetime
) -> None:
    acting(staff.actor, second.actor, at=now)

    leave_aside(staff, merchant_id=merchant.shop.pk, rule="", at=now)

    here = decide("O-1", units=9, buyer="b", at=now)
    there = decide("O-1", units=9, buyer="b", at=now, merchant="shop-b")
    assert (here.verdict, there.verdict) == ("ALLOW", "REJECT")
    with tenancy.platform():
        assert explaining.again(here)[0].is_same
    with pytest.raises(Conflict, match="already"):
        leave_aside(staff, merchant_id=merchant.shop.pk, rule="account", at=now)


def test_ended_early_it_holds_no_longer(merchant: Persona, staff: Persona, now: datetime) -> None:
    version = VersionFactory(merchant=merchant.shop, terms=ONE)
    made = leave_aside(staff, merchant_id=merchant.shop.pk, policy_id=version.policy_id, at=now)
    hour = timedelta(hours=1)

    with tenancy.platform():
        overruling.end(actor=staff.actor, override_id=made.pk, at=now + hour, reason="The fair is over")

        with pytest.raises(Conflict, match="ended"):
            overruling.end(actor=staff.actor, override_id=made.pk, at=now + hour, reason="again")
    before, after = (decide(f"O-{at}", units=2, buyer="b", at=at) for at in (now, now + hour))
    assert (before.verdict, after.verdict) == ("ALLOW", "REJECT")
    leave_aside(staff, merchant_id=merchant.shop.pk, policy_id=version.policy_id, at=now + 2 * hour)


def test_what_is_wrong_is_refused_and_changes_nothing(
    merchant: Persona, rival: Persona, staff: Persona, reviewer: Persona, now: datetime
) -> None:
    version = VersionFactory(merchant=rival.shop, terms=ONE)
    decision = OrderDecisionFactory(merchant=merchant.shop, verdict="HOLD")
    answer: dict[str, Any] = {"decision_id": decision.pk, "verdict": "ALLOW", "at": now}
    rule: dict[str, Any] = {"merchant_id": rival.shop.pk, "policy_id": version.policy_id, "at": now}

    for person in (merchant, rival, reviewer):
        with pytest.raises(NotAllowed):
            overrule(person, **answer)
        with pytest.raises(NotAllowed):
            leave_aside(person, **rule)
    for wrong in ({"reason": " "}, {"until": now}, {"until": now + timedelta(days=91)}, {"verdict": "MAYBE"}):
        with pytest.raises(Invalid):
            overrule(staff, **answer | wrong)
    for wrong in ({"rule": "unheard-of"}, {"merchant_id": merchant.shop.pk}, {"reason": ""}):
        with pytest.raises(Invalid):
            leave_aside(staff, **rule | wrong)
    with pytest.raises(NotFound):
        overrule(staff, **answer | {"decision_id": decision.pk + 99})

    with tenancy.platform():
        assert not Override.objects.exists()
        assert not Notice.objects.exists()
        assert not DecisionNote.objects.exists()


def test_ending_needs_a_reason_and_a_person_of_operations(
    merchant: Persona, staff: Persona, reviewer: Persona, now: datetime
) -> None:
    version = VersionFactory(merchant=merchant.shop, terms=ONE)
    made = leave_aside(staff, merchant_id=merchant.shop.pk, policy_id=version.policy_id, at=now)
    given: dict[str, Any] = {"override_id": made.pk, "at": now}

    with tenancy.platform():
        with pytest.raises(NotAllowed):
            overruling.end(actor=reviewer.actor, reason="no", **given)
        with pytest.raises(Invalid):
            overruling.end(actor=staff.actor, reason=" ", **given)
        with pytest.raises(NotFound):
            overruling.end(actor=staff.actor, reason="no", override_id=made.pk + 9, at=now)
        made.refresh_from_db()
    assert made.ended_at is None


def test_the_database_refuses_an_overruling_of_nothing_or_without_an_end(merchant: Persona, now: datetime) -> None:
    decision = OrderDecisionFactory(merchant=merchant.shop)
    told: dict[str, Any] = {"merchant": merchant.shop, "reason": "r", "starts_at": now, "made_by": "Opal"}
    wrong: list[dict[str, Any]] = [
        {"kind": "DECISION", "ends_at": now + DAY},
        {"kind": "DECISION", "decision": decision, "verdict": "ALLOW", "ends_at": now},
        {"kind": "RULE", "decision": decision, "ends_at": now + DAY},
    ]

    for each in wrong:
        with tenancy.platform(), pytest.raises(IntegrityError), transaction.atomic():
            Override.objects.create(**told | each)


def test_a_policy_that_does_not_live_has_no_rules_to_overrule(merchant: Persona, staff: Persona, now: datetime) -> None:
    version = VersionFactory(merchant=merchant.shop, terms=ONE)
    with tenancy.platform():
        PolicyVersion.objects.update(status="RETIRED")

    with pytest.raises(Invalid):
        leave_aside(staff, merchant_id=merchant.shop.pk, policy_id=version.policy_id, at=now)
