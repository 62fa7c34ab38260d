"""What is answered before any policy: restricted buyers, and listings that take no orders just now."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import DoubtedListing
from merchant_protection.marketplace.queries import doubts
from merchant_protection.risk import queries as risk
from merchant_protection.risk.models import Restriction
from scalper_policies.api.serializers import answer
from scalper_policies.models import OrderDecision, Reservation
from scalper_policies.services import explaining
from tests.factories.marketplace import BuyerFactory, ListingFactory
from tests.factories.scalper_policies import VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import decide, question

pytestmark = pytest.mark.django_db


def restricted(merchant: Persona, now: datetime, *limits: str, ref: str = "b", **more: Any) -> Restriction:
    with tenancy.platform():
        return Restriction.objects.create(
            **{
                "merchant": merchant.shop,
                "buyer": BuyerFactory(merchant=merchant.shop, ref=ref),
                "limits": list(limits),
                "reason": "囤货不付款",
                "made_at": now - timedelta(hours=1),
                "made_by": "Ann Owner",
                "review_due_at": now + timedelta(hours=23),
                "ends_at": now + timedelta(days=7),
            }
            | more
        )


def comes_out_again(decision: OrderDecision) -> bool:
    with tenancy.platform():
        stored = OrderDecision.objects.get(pk=decision.pk)
        return explaining.verdict(stored, explaining.again(stored)) == stored.verdict


def test_a_buyer_who_may_not_order_is_rejected_without_any_policy_and_the_answer_can_be_replayed(
    merchant: Persona, now: datetime
) -> None:
    held = restricted(merchant, now, "NO_ORDERS")

    said, other = decide("O-1", buyer="b", at=now), decide("O-2", buyer="c", at=now)

    assert (said.verdict, other.verdict) == ("REJECT", "ALLOW")
    assert [(each["rule"], each["would_pass_if"]["code"]) for each in said.reasons] == [
        ("RESTRICTED_NO_ORDERS", "RESTRICTION_ENDS")
    ]
    assert (said.facts["restriction"], said.facts["restricted"]) == (held.pk, ["NO_ORDERS"])
    assert comes_out_again(said)


def test_a_restriction_keeps_nothing_of_a_limit_and_ends_at_its_end_though_no_sweep_came(
    merchant: Persona, now: datetime
) -> None:
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(1),)))
    restricted(merchant, now, "NO_ORDERS", ends_at=now + timedelta(hours=1))

    during, after = decide("O-1", buyer="b", at=now), decide("O-2", buyer="b", at=now + timedelta(hours=1))

    assert (during.verdict, after.verdict) == ("REJECT", "ALLOW")
    with tenancy.platform():
        assert list(Reservation.objects.values_list("number", flat=True)) == ["O-2"]


@pytest.mark.parametrize(("said", "verdict"), [(True, "REJECT"), (False, "ALLOW"), (None, "VERIFY")])
def test_cash_on_delivery_is_refused_and_asked_for_where_nobody_said(
    merchant: Persona, now: datetime, said: bool | None, verdict: str
) -> None:
    restricted(merchant, now, "NO_CASH_ON_DELIVERY")

    decision = decide(buyer="b", at=now, **({} if said is None else {"cash_on_delivery": said}))

    assert decision.verdict == verdict
    assert comes_out_again(decision)


def test_a_shorter_time_to_pay_lets_the_order_pass_and_tells_the_platform(merchant: Persona, now: datetime) -> None:
    restricted(merchant, now, "SHORT_PAYMENT", payment_minutes=15)

    decision = decide(buyer="b", at=now)

    assert (decision.verdict, answer(decision)["pay_within_minutes"]) == ("ALLOW", 15)
    assert answer(decide("O-2", buyer="c", at=now))["pay_within_minutes"] is None


@pytest.mark.parametrize("status", ["IN_REVIEW", "CONFIRMED", "LIFTED", "REJECTED", "LAPSED"])
def test_decisions_and_the_buyers_page_agree_about_which_restrictions_are_in_force(
    merchant: Persona, now: datetime, status: str
) -> None:
    ended = None if status in ("IN_REVIEW", "CONFIRMED") else now
    held = restricted(merchant, now, "NO_ORDERS", status=status, ended_at=ended)

    with tenancy.platform():
        in_force = risk.restriction_in_force(merchant.shop.pk, held.buyer_id) is not None

    assert (decide(buyer="b", at=now).verdict == "REJECT") is in_force


def test_a_restriction_in_one_shop_says_nothing_in_another(merchant: Persona, rival: Persona, now: datetime) -> None:
    restricted(rival, now, "NO_ORDERS")

    assert decide(buyer="b", at=now).verdict == "ALLOW"


def test_an_order_on_a_listing_with_a_doubted_price_is_held_as_the_doubts_say(merchant: Persona, now: datetime) -> None:
    with tenancy.platform():
        listing = ListingFactory(merchant=merchant.shop, sku="SKU-HOT")
        doubt = DoubtedListing(merchant=merchant.shop, listing=listing, sku="SKU-HOT", feature="pricing_guard")
        doubt.subject_id, doubt.since = 1, now
        doubt.save()
        assert doubts.held_among(merchant.shop.pk, ["SKU-HOT", "SKU-OTHER"]) == {"SKU-HOT"}

    held, other = decide("O-1", at=now), decide("O-2", sku="SKU-OTHER", at=now)

    assert (held.verdict, held.reasons[0]["rule"], held.facts["held_listings"]) == ("HOLD", "LISTING_HELD", ["SKU-HOT"])
    assert other.verdict == "ALLOW"
    assert comes_out_again(held)
    with tenancy.platform():
        doubt.delete()
    assert decide("O-3", at=now).verdict == "ALLOW"


def test_a_question_without_the_new_field_is_the_same_question_as_before_there_was_one() -> None:
    assert (
        question().digest == "e2d90975f0f1fa09962d9e726689c2904653b0a8c7e1f1b7c73115073ea51bbb"
    )  # as it was kept then
    assert question().digest != question(cash_on_delivery=False).digest
