"""Reading the shop's facts through the API: who may, what is shown, and at which cost."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace import drains
from merchant_protection.marketplace.models import InboxEvent, Order
from tests.factories.marketplace import (
    AfterSaleFactory,
    BuyerFactory,
    InboundSourceFactory,
    ListingFactory,
    OrderFactory,
    PromotionFactory,
)
from tests.fixtures.people import Persona
from tests.marketplace.posting import event, post

LISTS = {
    "orders": ("orders:read", OrderFactory),
    "listings": ("listings:read", ListingFactory),
    "promotions": ("listings:read", PromotionFactory),
    "buyers": ("orders:read", BuyerFactory),
    "after-sales": ("orders:read", AfterSaleFactory),
}


def answer(client: Client, path: str, **headers: Any) -> Any:
    return client.get(f"/api/v1/{path}", **headers)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_a_shop_its_own_only(merchant: Persona, rival: Persona, staff: Persona, name: str) -> None:
    scope, factory = LISTS[name]
    ours, theirs = factory(merchant=merchant.shop), factory(merchant=rival.shop)

    mine = answer(Client(), f"{name}", **merchant.key(scope))
    assert ours.pk in [row["id"] for row in mine.json()["results"]]
    assert theirs.pk not in [row["id"] for row in mine.json()["results"]]
    assert answer(merchant.client, f"{name}/{ours.pk}").status_code == 200
    assert answer(rival.client, f"{name}/{ours.pk}").status_code == 404
    assert answer(staff.client, f"{name}/{ours.pk}").status_code == 200
    assert answer(Client(), f"{name}").status_code == 401
    assert answer(Client(), f"{name}", **merchant.key("actions:read")).status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_one_row_and_for_fifty(merchant: Persona, name: str) -> None:
    scope, factory = LISTS[name]
    key = merchant.key(scope)
    factory(merchant=merchant.shop)
    answer(Client(), f"{name}", **key)
    with CaptureQueriesContext(
        connection,
    ) as one:
        answer(Client(), f"{name}", **key)
    for _ in range(49):
        factory(merchant=merchant.shop)
    with CaptureQueriesContext(connection) as fifty:
        answer(Client(), f"{name}", **key)

    assert len(one) == len(fifty)


def test_orders_are_found_by_number_buyer_sku_status_and_time(merchant: Persona) -> None:
    order = OrderFactory(merchant=merchant.shop, skus=["A-1"], shipped=True)
    OrderFactory(merchant=merchant.shop)
    key = merchant.key("orders:read")

    for query in (f"number={order.number}", f"buyer={order.buyer.ref}", "sku=A-1", "status=SHIPPED"):
        found = answer(Client(), f"orders?{query}", **key).json()["results"]
        assert [row["number"] for row in found] == [order.number], query
    assert answer(Client(), "orders?placed_from=2999-01-01T00:00:00Z", **key).json()["results"] == []
    assert answer(Client(), "orders?status=NOPE", **key).status_code == 422


def test_an_order_comes_with_lines_and_history_and_a_masked_buyer(merchant: Persona, platform_scope: None) -> None:
    InboundSourceFactory()
    post(event())
    drains.decide(timezone.now)
    order = Order.objects.get()

    body = answer(Client(), f"orders/{order.pk}", **merchant.key("orders:read")).json()

    assert body["buyer"] == "b***4821"
    assert [line["sku"] for line in body["lines"]] == ["WM-1"]
    assert [step["status"] for step in body["history"]] == ["PAID"]
    assert "key" not in str(sorted(body))


def test_prices_of_a_listing_are_told(merchant: Persona, platform_scope: None) -> None:
    InboundSourceFactory()
    post([event("price.changed", version=version, price=f"{version}.00") for version in (1, 2, 3)])
    drains.decide(timezone.now)
    key = merchant.key("listings:read")
    listing = answer(Client(), "listings?sku=WM-1", **key).json()["results"][0]

    prices = answer(Client(), f"listings/{listing['id']}/prices", **key).json()["results"]

    assert sorted(row["version"] for row in prices) == [1, 2, 3]


def test_the_log_of_received_events_hides_what_is_personal(merchant: Persona, rival: Persona) -> None:
    InboundSourceFactory()
    post(event(id="evt-1"))
    with tenancy.platform():
        pk = InboxEvent.objects.get().pk
    key = merchant.key("events:read")

    assert answer(Client(), "received-events?event_id=evt-1", **key).json()["results"][0]["status"] == "PENDING"
    detail = answer(Client(), f"received-events/{pk}", **key)
    assert detail.json()["body"]["buyer"] == "b***4821"
    for hidden in ("sealed", "means", "774821", "张三"):
        assert hidden not in detail.content.decode()
    assert answer(Client(), f"received-events/{pk}", **rival.key("events:read")).status_code == 404
