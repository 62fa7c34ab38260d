"""The baseline rules in the answers to orders: in every shop, counted in each by itself, kept and worked out again."""

from datetime import datetime, timedelta

import pytest

from merchant_protection.foundation import tenancy
from scalper_policies.models import OrderDecision, Policy, Reservation
from scalper_policies.services import answering, baseline, deciding, explaining
from tests.factories.accounts import MerchantFactory
from tests.factories.marketplace import OrderFactory
from tests.factories.scalper_policies import ListEntryFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import CLOCK, at_once, buyer_key, decide, question
from tests.scalper_policies.baseline_rules import acting, second, second_person, tried, watching

__all__ = ["second"]
pytestmark = pytest.mark.django_db


def in_shop(code: str, number: str, *, at: datetime, units: int = 1) -> OrderDecision:
    asked = question(number, units=units, merchant=code, buyer="b", sku="ANY")
    with tenancy.platform():
        return deciding.decide(asked=asked, actor=CLOCK, at=at)


def test_they_hold_in_every_shop_with_or_without_policies_and_count_in_each_by_itself(
    merchant: Persona, rival: Persona, staff: Persona, second: Persona, now: datetime
) -> None:
    acting(staff.actor, second.actor, at=now)
    MerchantFactory(code="new-shop")  # came after the rules were approved

    first = [in_shop(code, "O-1", at=now, units=2).verdict for code in ("shop-a", "shop-b", "new-shop")]
    over = [in_shop(code, "O-2", at=now) for code in ("shop-a", "shop-b", "new-shop")]

    assert first == ["ALLOW"] * 3
    assert [each.verdict for each in over] == ["REJECT"] * 3
    assert {each.reasons[0]["observed"] for each in over} == {3}
    assert all(each.answers[0]["baseline"] for each in over)
    with tenancy.platform():
        assert Reservation.objects.values("merchant").distinct().count() == 3
        assert Policy.objects.filter(is_baseline=True).count() == 3


def test_one_that_watches_changes_no_answer_and_leaves_its_line(
    merchant: Persona, staff: Persona, second: Persona, now: datetime
) -> None:
    watching(staff.actor, second.actor, at=now)

    answer = decide(units=5, buyer="b", at=now)

    assert (answer.verdict, answer.reasons) == ("ALLOW", [])
    assert [(each["mode"], each["verdict"]) for each in answer.answers] == [("SHADOW", "REJECT")]


def test_a_draft_says_nothing_and_one_taken_out_says_nothing_any_more(
    merchant: Persona, staff: Persona, second: Persona, now: datetime
) -> None:
    version = acting(staff.actor, second.actor, at=now)
    with tenancy.platform():
        baseline.retire(actor=staff.actor, version_id=version.pk, at=now, note="hurts")
    tried(staff.actor, at=now)

    answer = decide(units=5, buyer="b", at=now)

    assert (answer.verdict, answer.answers) == ("ALLOW", [])


def test_a_shop_cannot_exempt_its_buyers_from_them(
    merchant: Persona, staff: Persona, second: Persona, now: datetime
) -> None:
    acting(staff.actor, second.actor, at=now)
    VersionFactory(merchant=merchant.shop, terms=about(limits=(per_account(1),)))
    ListEntryFactory(merchant=merchant.shop, kind="EXEMPT", key=buyer_key("b"))

    answer = decide(units=5, buyer="b", at=now)

    assert answer.verdict == "REJECT"
    assert {bool(each.get("baseline")): each["exempt"] for each in answer.answers} == {True: False, False: True}


def test_their_units_come_back_with_the_order(
    merchant: Persona, staff: Persona, second: Persona, now: datetime
) -> None:
    acting(staff.actor, second.actor, at=now)
    decide("O-1", units=2, buyer="b", at=now)
    with tenancy.platform():
        OrderFactory(merchant=merchant.shop, number="O-1", status="CANCELLED")
        Reservation.objects.update(released_at=now, released_for="CANCELLED")

    assert decide("O-2", units=2, buyer="b", at=now).verdict == "ALLOW"


def test_every_answer_comes_out_again_beside_a_policy_of_the_same_number(
    merchant: Persona, staff: Persona, second: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "_known", {})  # the number is chosen here, and another test may have had it
    version = acting(staff.actor, second.actor, at=now)
    VersionFactory(pk=version.pk, merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(9),)))
    made = [decide(f"O-{index}", buyer="b", units=2, at=now + timedelta(minutes=index)) for index in range(3)]

    with tenancy.platform():
        again = [explaining.again(each) for each in made]

        assert [each.verdict for each in made] == ["ALLOW", "REJECT", "REJECT"]
        assert {len(answers) for answers in again} == {2}
        assert all(one.is_same for answers in again for one in answers)
        assert all(explaining.verdict(one, told) == one.verdict for one, told in zip(made, again, strict=True))


@pytest.mark.usefixtures("transactional_db")
def test_many_at_once_in_a_shop_that_knows_no_baseline_yet_admit_what_the_limit_says(
    merchant: Persona, staff: Persona, now: datetime
) -> None:
    acting(staff.actor, second_person().actor, at=now)
    with tenancy.platform():
        Policy.objects.filter(is_baseline=True).delete()

    verdicts = at_once(12, lambda index: decide(f"O-{index}", buyer="b", at=now))

    assert verdicts == {"ALLOW": 2, "REJECT": 10}
