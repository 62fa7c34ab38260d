"""Counts over shops: from three shops up, fading with age, without names, hidden while disputed."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.risk import queries
from merchant_protection.risk.models import BuyerSignal
from merchant_protection.risk.services import counting
from tests.factories.accounts import MerchantFactory
from tests.factories.marketplace import AfterSaleFactory, BuyerFactory
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db
REF = "u-7"
KEY = crypto.keyed_hash("buyer", REF)


def claim_in(shops: int, at: datetime, *, ref: str = REF) -> None:
    """Let one buyer claim once in each of so many shops."""
    for _ in range(shops):
        shop = MerchantFactory()
        buyer = BuyerFactory(merchant=shop, ref=ref)
        AfterSaleFactory(merchant=shop, order__merchant=shop, order__buyer=buyer, opened_at=at)


@pytest.mark.parametrize(("shops", "shown"), [(2, None), (3, 3), (9, 9)])
def test_it_is_counted_from_three_shops_up(platform_scope: None, now: datetime, shops: int, shown: int | None) -> None:
    claim_in(shops, now - timedelta(days=1))

    counting.count_over_shops(now=now)

    signal = queries.shown_signal(KEY)
    assert (signal.shops if signal else None) == shown
    assert BuyerSignal.objects.count() == (1 if shown else 0)


def test_it_fades_with_age_and_is_forgotten(platform_scope: None, now: datetime) -> None:
    claim_in(3, now)
    counting.count_over_shops(now=now)
    fresh = BuyerSignal.objects.get().weight

    counting.count_over_shops(now=now + timedelta(days=10))
    assert BuyerSignal.objects.get().weight == pytest.approx(fresh / 2)

    later = now + timedelta(days=29)
    counting.count_over_shops(now=later)
    assert BuyerSignal.objects.get().weight < queries.FADED
    assert queries.shown_signal(KEY) is None

    counting.count_over_shops(now=now + timedelta(days=31))
    assert not BuyerSignal.objects.exists()


def test_a_shop_sees_the_count_and_no_shops_rows(merchant: Persona, now: datetime) -> None:
    with tenancy.platform():
        claim_in(3, now)
        counting.count_over_shops(now=now)

    with tenancy.merchant(merchant.shop.pk):
        signal = queries.shown_signal(KEY)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM marketplace_aftersale")
            assert cursor.fetchone() == (0,)
    assert signal is not None
    assert signal.shops == 3
    assert not any(field.name == "merchant" for field in BuyerSignal._meta.fields)


def test_counting_in_one_shops_scope_would_count_that_shop_only(merchant: Persona, now: datetime) -> None:
    """The database stands behind it: without the platform's scope there is nothing to add up."""
    with tenancy.platform():
        claim_in(3, now)

    with tenancy.merchant(merchant.shop.pk):
        assert counting.count_over_shops(now=now) == 0


def test_a_dispute_hides_the_count_until_it_is_answered(
    platform_scope: None, speaker: Actor, reviewer: Persona, now: datetime
) -> None:
    claim_in(4, now)
    counting.count_over_shops(now=now)

    made = counting.dispute(buyer_ref=REF, words="not me", actor=speaker, at=now)
    assert counting.dispute(buyer_ref=REF, words="again", actor=speaker, at=now).pk == made.pk
    assert queries.shown_signal(KEY) is None
    assert queries.shops_claimed_against([KEY]) == {}

    counting.answer(dispute_id=made.pk, name="dismiss", actor=reviewer.actor, at=now, note="the same device")
    assert queries.shops_claimed_against([KEY]) == {KEY: 4}

    again = counting.dispute(buyer_ref=REF, words="still not me", actor=speaker, at=now)
    counting.answer(dispute_id=again.pk, name="uphold", actor=reviewer.actor, at=now, note="account was stolen")
    assert queries.shown_signal(KEY) is None


def test_only_the_platform_disputes_and_only_reviewers_answer(
    platform_scope: None, merchant: Persona, speaker: Actor, reviewer: Persona, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        counting.dispute(buyer_ref=REF, words="x", actor=merchant.actor, at=now)
    with pytest.raises(Invalid):
        counting.dispute(buyer_ref=REF, words=" ", actor=speaker, at=now)
    made = counting.dispute(buyer_ref=REF, words="not me", actor=speaker, at=now)
    with pytest.raises(NotAllowed):
        counting.answer(dispute_id=made.pk, name="uphold", actor=merchant.actor, at=now, note="x")
    with pytest.raises(Invalid):
        counting.answer(dispute_id=made.pk, name="uphold", actor=reviewer.actor, at=now, note="")
    counting.answer(dispute_id=made.pk, name="uphold", actor=reviewer.actor, at=now, note="yes")
    with pytest.raises(Conflict):
        counting.answer(dispute_id=made.pk, name="dismiss", actor=reviewer.actor, at=now, note="no")
