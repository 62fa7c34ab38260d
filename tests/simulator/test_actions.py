"""The actions side over real HTTP: one effect per key, the newest generation wins, effects show in events."""

import threading
from typing import Any

import pytest

from benchmarks.simulator import orders
from tests.simulator.conftest import Platform, until
from tests.simulator.portal import FakePortal


def test_the_same_key_again_has_the_same_answer_and_no_second_effect(platform: Platform) -> None:
    answers = [platform.act("key-1") for _ in range(3)]

    assert {one.status_code for one in answers} == {200}
    assert {one.text for one in answers} == {'{"status": "done", "state": "DELISTED"}'}
    counts = platform.ledger()
    assert counts["effects_by_key"] == {"key-1": 1}
    assert counts["actions"]["duplicates"] == 2


def test_another_body_under_a_used_key_is_refused(platform: Platform) -> None:
    platform.act("key-1")

    answer = platform.act("key-1", value="LISTED")

    assert answer.status_code == 422
    assert platform.state().json()["state"] == "DELISTED"


def test_an_older_generation_is_superseded(platform: Platform) -> None:
    platform.act("new", generation=5)

    late = platform.act("old", generation=4, value="LISTED")
    other = platform.act("same generation", generation=5, value="LISTED")

    assert (late.status_code, late.json()["status"]) == (409, "superseded")
    assert other.status_code == 409
    assert platform.state().json() == {"state": "DELISTED", "generation": 5}


def test_many_at_once_under_one_key_have_one_effect(platform: Platform) -> None:
    threads = [threading.Thread(target=platform.act, args=("key-1",)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert platform.ledger()["effects_by_key"] == {"key-1": 1}
    assert platform.ledger()["requests_by_key"] == {"key-1": 16}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"target": {"kind": "LISTING", "ref": "none"}}, 404),
        ({"merchant": "XX-0009"}, 404),
        ({"value": "GONE"}, 400),
        ({"value": True}, 400),
        ({"aspect": "colour"}, 400),
        ({"aspect": "refund"}, 400),
        ({"generation": "1"}, 400),
        ({"target": "QH-001-01"}, 400),
        ({"aspect": "price", "value": {"amount": "NaN", "currency": "CNY"}}, 400),
        ({"aspect": "price", "value": {"amount": "-1", "currency": "CNY"}}, 400),
        ({"aspect": "stock", "value": -1}, 400),
        ({"aspect": "new_orders", "value": {"held_skus": "*"}}, 400),
    ],
)
def test_bad_actions_are_refused_and_change_nothing(platform: Platform, changes: dict[str, Any], status: int) -> None:
    answer = platform.act("key-1", **changes)

    assert answer.status_code == status
    assert "effects" not in platform.ledger()["actions"]
    assert platform.state().json() == {"state": "LISTED", "generation": 0}


def test_unknown_targets_are_taken_when_told(platform: Platform) -> None:
    platform.control(accept_unknown=True)

    assert platform.act("key-1", target={"kind": "LISTING", "ref": "load-1"}).status_code == 200
    assert platform.state(ref="load-1").json() == {"state": "DELISTED", "generation": 1}


def test_unsigned_requests_are_refused(platform: Platform) -> None:
    assert platform.client.post("/actions", json={}, headers={"Idempotency-Key": "k"}).status_code == 401
    assert platform.client.get("/state").status_code == 401
    assert "received" not in platform.ledger()["actions"]


@pytest.mark.parametrize(
    ("aspect", "value", "kind", "field"),
    [
        ("availability", "DELISTED", "listing.changed", "status"),
        ("stock", 0, "listing.changed", "stock"),
        ("price", {"amount": "129.00", "currency": "CNY"}, "price.changed", "price"),
    ],
)
def test_effects_show_in_events(
    platform: Platform, portal: FakePortal, aspect: str, value: Any, kind: str, field: str
) -> None:
    platform.act("key-1", aspect=aspect, value=value)

    until(lambda: portal.of(kind))
    told = portal.of(kind)[-1]["data"]
    assert told["sku"] == "QH-001-01"
    assert told[field] == (value["amount"] if isinstance(value, dict) else value)
    assert platform.state(aspect=aspect).json() == {"state": value, "generation": 1}


def _order(platform: Platform) -> str:
    with platform.live.lock:
        market = platform.live.market
        buyer = next(iter(market.buyers.values()))
        order = orders.place(market, market.shops["QH-0001"], buyer, [("QH-002-01", 1)], pays=True)
        assert order is not None
        orders.pay(market, f"QH-0001/{order.number}")
    return order.number


@pytest.mark.parametrize("aspect", ["fulfilment", "shipment"])
def test_a_held_order_is_not_shipped_until_released(platform: Platform, aspect: str) -> None:
    number = _order(platform)
    market, target = platform.live.market, {"kind": "ORDER", "ref": number}
    order = market.orders[f"QH-0001/{number}"]

    platform.act("hold", target=target, aspect=aspect, value="HELD")
    orders.ship(market, f"QH-0001/{number}")
    held = order.status
    platform.act("release", target=target, aspect=aspect, value="OPEN", generation=2)
    orders.ship(market, f"QH-0001/{number}")

    assert (held, order.status) == ("PAID", "SHIPPED")


def test_new_orders_on_held_listings_wait_and_go_on_when_opened(platform: Platform) -> None:
    shop = {"kind": "SHOP", "ref": "QH-0001"}
    platform.act("hold", target=shop, aspect="new_orders", value={"held_skus": ["QH-002-01"]})

    number = _order(platform)
    order = platform.live.market.orders[f"QH-0001/{number}"]
    held = list(order.held)
    platform.act("open", target=shop, aspect="new_orders", value="OPEN", generation=2)

    assert (held, order.held) == (["new_orders"], [])


def test_a_restricted_buyer_cannot_order_in_that_shop(platform: Platform) -> None:
    market = platform.live.market
    buyer = next(iter(market.buyers.values()))
    value = {"restricted": ["no_orders"]}

    platform.act("restrict", target={"kind": "BUYER", "ref": buyer.ref}, aspect="purchasing", value=value)

    with platform.live.lock:
        assert orders.place(market, market.shops["QH-0001"], buyer, [("QH-002-01", 1)]) is None
        assert orders.place(market, market.shops["BW-0002"], buyer, [("BW-002-01", 1)]) is not None
