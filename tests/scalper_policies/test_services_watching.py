"""Orders and after-sales are looked at as they change: six kinds of warnings, ended when the order ships."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Change, Order, PricePoint
from merchant_protection.notices.models import Notice
from merchant_protection.risk.models import BuyerCluster, Warning
from tests.factories.marketplace import (
    AfterSaleFactory,
    BuyerFactory,
    ListingFactory,
    OrderFactory,
    OrderLineFactory,
)
from tests.fixtures.people import Persona
from tests.scalper_policies.watching import look_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]


def order_of(shop: Any, listing: Any, units: int, *, paid: str = "1299", **fields: Any) -> Order:
    """An order of one line."""
    order = OrderFactory(merchant=shop, lines=0, total=Decimal(paid) * units, units=units, **fields)
    OrderLineFactory(
        merchant=shop,
        order=order,
        buyer=order.buyer,
        listing=listing,
        quantity=units,
        unit_price=Decimal(paid),
        paid=Decimal(paid) * units,
    )
    return order


def raised() -> list[tuple[str, str]]:
    return sorted(Warning.objects.values_list("kind", "level"))


def test_an_ordinary_order_raises_nothing(merchant: Persona, now: datetime) -> None:
    order = order_of(merchant.shop, ListingFactory(merchant=merchant.shop), 1, placed_at=now)

    assert look_at(order, at=now) == 1
    assert raised() == []


def test_stock_held_without_paying_is_seen_only_after_a_while(merchant: Persona, now: datetime) -> None:
    listing = ListingFactory(merchant=merchant.shop, stock=20)
    order = order_of(merchant.shop, listing, 30, status="PLACED", paid_at=None, placed_at=now)

    look_at(order, at=now)
    assert raised() == []
    assert Change.objects.get(kind="order.unpaid").due_at == now + timedelta(minutes=15)

    look_at(at=now + timedelta(minutes=15))
    warning = Warning.objects.get()
    assert (warning.kind, warning.level, warning.expires_at) == ("HOARDING", "HIGH", now + timedelta(hours=24))
    assert warning.facts["percent"] == 60
    assert warning.facts["limits"]["unpaid_share"] == 10


def test_a_slip_of_the_price_is_held_against_what_the_listing_usually_costs(merchant: Persona, now: datetime) -> None:
    listing = ListingFactory(merchant=merchant.shop)
    for version, (days, price) in enumerate([(20, "1299"), (0, "129.9")], start=1):
        PricePoint.objects.create(
            merchant=merchant.shop,
            listing=listing,
            version=version,
            price=Decimal(price),
            currency="CNY",
            occurred_at=now - timedelta(days=days, minutes=5),
            recorded_at=now,
        )

    look_at(order_of(merchant.shop, listing, 5, paid="129.90", placed_at=now), at=now)

    warning = Warning.objects.get()
    assert (warning.kind, warning.level) == ("ARBITRAGE", "HIGH")
    assert (warning.facts["price"], warning.facts["usual"]) == ("129.90", "1299.00")


def test_a_buyer_whose_claims_were_wrong_is_seen_at_the_next_order(merchant: Persona, now: datetime) -> None:
    buyer = BuyerFactory(merchant=merchant.shop)
    for days in (10, 20, 30):
        AfterSaleFactory(
            order__merchant=merchant.shop,
            merchant=merchant.shop,
            order__buyer=buyer,
            status="REJECTED",
            opened_at=now - timedelta(days=days),
        )
    order = order_of(merchant.shop, ListingFactory(merchant=merchant.shop), 1, buyer=buyer, placed_at=now)

    look_at(order, at=now)

    assert raised() == [("EXTORTION", "MEDIUM")]


def test_a_claim_that_presses_for_money_is_seen_at_once_and_ends_with_the_claim(
    merchant: Persona, now: datetime
) -> None:
    claim = AfterSaleFactory(
        merchant=merchant.shop, wording="私了500块，不赔就投诉到12315，再给你们全店差评", opened_at=now
    )

    look_at(claim, at=now, kind="after_sale.changed")
    warning = Warning.objects.get()
    assert (warning.kind, warning.level, warning.order_id) == ("EXTORTION", "HIGH", claim.order_id)

    claim.status, claim.version = "REJECTED", 2
    claim.save()
    look_at(claim, at=now, kind="after_sale.changed")
    warning.refresh_from_db()
    assert (warning.status, warning.answer_note) == ("EXPIRED", "CLAIM_CLOSED")


def test_an_angry_claim_alone_presses_for_nothing(merchant: Persona, now: datetime) -> None:
    claim = AfterSaleFactory(merchant=merchant.shop, wording="太差了，我要投诉", opened_at=now)

    look_at(claim, at=now, kind="after_sale.changed")

    assert raised() == []


def test_who_returns_most_of_it_is_seen(merchant: Persona, now: datetime) -> None:
    buyer = BuyerFactory(merchant=merchant.shop)
    for days in range(1, 6):
        AfterSaleFactory(
            merchant=merchant.shop,
            order__merchant=merchant.shop,
            order__buyer=buyer,
            order__placed_at=now - timedelta(days=days),
            kind="RETURN",
            status="REFUNDED",
            opened_at=now - timedelta(days=days),
        )

    look_at(order_of(merchant.shop, ListingFactory(merchant=merchant.shop), 1, buyer=buyer, placed_at=now), at=now)

    assert raised() == [("RETURN_ABUSE", "MEDIUM")]


def test_accounts_tied_together_on_a_scarce_product_are_seen_and_kept_as_a_cluster(
    merchant: Persona, now: datetime
) -> None:
    listing = ListingFactory(merchant=merchant.shop, stock=5)
    for _ in range(10):
        order_of(merchant.shop, listing, 1, placed_at=now - timedelta(hours=1))
    ring = [
        order_of(merchant.shop, listing, 3, placed_at=now, device_key="d1", phone_key="p1", address_fuzzy="a1")
        for _ in range(2)
    ]

    look_at(*ring, at=now)

    assert raised() == [("SCALPER_ON_HOT_SKU", "HIGH")] * 2
    cluster = BuyerCluster.objects.get()
    assert (cluster.size, cluster.signals) == (2, ["ADDRESS", "DEVICE", "PHONE"])
    assert {warning.cluster_id for warning in Warning.objects.all()} == {cluster.pk}


def test_a_dormitory_is_no_cluster(merchant: Persona, now: datetime) -> None:
    listing = ListingFactory(merchant=merchant.shop, stock=5)
    order_of(merchant.shop, listing, 10, placed_at=now - timedelta(hours=1))
    neighbours = [order_of(merchant.shop, listing, 1, placed_at=now, address_fuzzy="a1") for _ in range(2)]

    look_at(*neighbours, at=now)

    assert raised() == []
    assert not BuyerCluster.objects.exists()


def test_an_order_of_only_the_difference_link_is_seen(merchant: Persona, now: datetime) -> None:
    link = ListingFactory(merchant=merchant.shop, title="补差价专用链接 1元")

    look_at(order_of(merchant.shop, link, 50, paid="1", placed_at=now), at=now)

    assert raised() == [("ONLY_PRICE_DIFFERENCE", "LOW")]


@pytest.mark.parametrize(("status", "why"), [("SHIPPED", "SHIPPED"), ("CANCELLED", "ORDER_OVER")])
def test_a_shipped_order_ends_its_warning_and_the_shop_is_told(
    merchant: Persona, now: datetime, status: str, why: str
) -> None:
    link = ListingFactory(merchant=merchant.shop, title="补差价")
    order = order_of(merchant.shop, link, 1, paid="1", placed_at=now)
    look_at(order, at=now)

    order.status, order.version = status, 2
    order.save()
    look_at(order, at=now)

    warning = Warning.objects.get()
    assert (warning.status, warning.answer_note) == ("EXPIRED", why)
    assert Notice.objects.get(kind="warning.expired").params["why"] == why


def test_looking_twice_raises_once(merchant: Persona, now: datetime) -> None:
    link = ListingFactory(merchant=merchant.shop, title="补差价")
    order = order_of(merchant.shop, link, 1, paid="1", placed_at=now)
    look_at(order, at=now)
    order.version = 2
    order.save()

    look_at(order, at=now)

    assert Warning.objects.count() == 1


def test_an_order_of_long_ago_raises_nothing(merchant: Persona, now: datetime) -> None:
    link = ListingFactory(merchant=merchant.shop, title="补差价")

    look_at(order_of(merchant.shop, link, 1, paid="1", placed_at=now - timedelta(days=2)), at=now)

    assert raised() == []


def test_fifty_orders_cost_as_many_queries_as_two(merchant: Persona, now: datetime) -> None:
    costs = []
    for many in (2, 50):
        listing = ListingFactory(merchant=merchant.shop)
        orders = [order_of(merchant.shop, listing, 1, placed_at=now) for _ in range(many)]
        with (
            tenancy.platform(),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            look_at(*orders, at=now)
        costs.append(len(queries))

    assert costs[0] == costs[1]
