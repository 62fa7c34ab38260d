"""What a price check is answered from: one question brings what the drains read in many."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.marketplace.models import Listing
from pricing_guard.models import ApprovedWindow, ListingGuard, PriceUse, Suspension
from pricing_guard.queries import asking, listings
from pricing_guard.services.watching import loading
from tests.factories.marketplace import PromotionFactory
from tests.fixtures.people import Persona
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = Decimal("1299.00")


@pytest.fixture(autouse=True)
def _scope(platform_scope: None) -> None:
    """The test looks at rows as the drains do."""


@pytest.fixture
def row(tell, merchant: Persona, rival: Persona, now: datetime) -> Listing:
    """A listing with a memory, and everything that may be around one, some of it over, a neighbour's or a rival's."""
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)), price("1199.00", 2, at=now - timedelta(hours=2)))
    found = Listing.objects.get()
    ListingGuard.objects.update(floor_price=Decimal("900.50"))
    for shop, skus, ends in (
        (merchant.shop, ["WM-1", "WM-2"], 2),
        (merchant.shop, ["WM-1"], -1),
        (merchant.shop, ["WM-2"], 2),
        (rival.shop, ["WM-1"], 2),
    ):
        begun = now - timedelta(days=3)
        times = {"starts_at": begun, "ends_at": now + timedelta(days=ends)}
        PromotionFactory(merchant=shop, skus=skus, threshold=Decimal("100.50"), stack_group="A", **times)
        ApprovedWindow.objects.create(
            merchant=shop, reason="CLEARANCE", skus=skus, categories=["家电"], lowest_price=Decimal("10.25"),
            status="APPROVED", asked_at=begun, asked_by="t", decided_at=begun, decided_by="t", **times,
        )  # fmt: skip
    PromotionFactory(merchant=merchant.shop, skus=["WM-1"], status="CANCELLED", ends_at=now + timedelta(days=2))
    PriceUse.objects.update_or_create(merchant=merchant.shop, price=PRICE, defaults={"listings": 3})
    for until in (now + timedelta(hours=1), now - timedelta(hours=1)):
        Suspension.objects.create(
            merchant=merchant.shop, listing=found, checks=["DECIMAL_SHIFT", "BELOW_FLOOR"], price=PRICE, until=until,
            reason="CLEARANCE", said_at=now, said_by="t",
        )  # fmt: skip
    return found


def test_one_question_brings_what_the_drains_read_in_many(row: Listing, merchant: Persona, now: datetime) -> None:
    many = loading.hold(row.merchant_id, [row], listings.guards(row.merchant_id, [row.pk]), at=now)
    many.shop.users_of_price = listings.uses_of(row.merchant_id, [PRICE])

    with CaptureQueriesContext(connection) as asked:
        seen = asking.look(code=merchant.shop.code, own=None, sku="WM-1", price=PRICE, at=now)
        assert seen
        once = loading.hold_seen(seen, seen.listing_row("WM-1") or row, price=PRICE, at=now)

    assert len(asked) == 1
    assert (once.merchant_id, once.published, once.known_prices) == (
        many.merchant_id,
        many.published,
        many.known_prices,
    )
    assert once.shop == many.shop
    assert (len(once.shop.promotions), len(once.shop.windows)) == (1, 2)
    assert len(once.shop.listings["WM-1"].facts.suspensions) == 1
    assert once.shop.users_of_price == {PRICE: 3}


def test_an_unknown_listing_is_seen_with_nothing_remembered(row: Listing, merchant: Persona, now: datetime) -> None:
    seen = asking.look(code=None, own=merchant.shop.pk, sku="NEW", price=PRICE, at=now)

    assert seen
    assert (seen.shop, seen.listing, seen.guard, seen.suspensions) == (merchant.shop.pk, None, None, None)
    assert seen.stamp == loading.published(merchant.shop.pk).stamp


def test_a_closed_or_unknown_shop_is_not_seen(row: Listing, merchant: Persona, now: datetime) -> None:
    merchant.shop.is_active = False
    merchant.shop.save()

    assert asking.look(code=merchant.shop.code, own=None, sku="WM-1", price=PRICE, at=now) is None
    assert asking.look(code="nobody", own=merchant.shop.pk, sku="WM-1", price=PRICE, at=now) is None
