"""Asking the portal first: off unless named, obeyed when answered, no answer stops nothing."""

import dataclasses
import json
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from benchmarks.simulator import ledger, market, orders, questions, shelves
from benchmarks.simulator.engine import perform
from benchmarks.simulator.things import Order
from tests.simulator.conftest import QUIET


def _asking(shops: market.Market, answer: httpx.Response, *on: str) -> list[httpx.Request]:
    asked: list[httpx.Request] = []

    def portal(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer

    chosen = dataclasses.replace(QUIET, questions=on, api_key="mp_live_x")
    asking = questions.PortalQuestions(chosen, ledger.Ledger())
    asking.client = httpx.Client(
        transport=httpx.MockTransport(portal), base_url=QUIET.portal, headers=asking.client.headers
    )
    shops.questions = asking
    return asked


def _order(shops: market.Market) -> Order | None:
    buyer = next(iter(shops.buyers.values()))
    return orders.place(shops, shops.shops["QH-0001"], buyer, [("QH-001-01", 1)])


def test_nothing_is_asked_unless_named(shop_market: market.Market) -> None:
    asked = _asking(shop_market, httpx.Response(200, json={"verdict": "reject"}))

    assert _order(shop_market) is not None
    assert not asked


@pytest.mark.parametrize(("verdict", "held"), [("allow", []), ("hold", ["decision"]), ("review", ["decision"])])
def test_orders_follow_the_verdict(shop_market: market.Market, verdict: str, held: list[str]) -> None:
    asked = _asking(shop_market, httpx.Response(200, json={"verdict": verdict}), "order-decisions")

    order = _order(shop_market)

    assert order is not None
    assert order.held == held
    assert asked[0].url.path == "/api/v1/order-decisions"
    assert asked[0].headers["authorization"] == "Bearer mp_live_x"
    assert json.loads(asked[0].content)["number"] == order.number


@pytest.mark.parametrize(("rules", "held"), [(["QUEUE"], ["queue"]), (["QUEUE", "device"], ["decision"])])
def test_an_order_that_waits_for_its_turn_goes_on_when_it_has_come(
    shop_market: market.Market, rules: list[str], held: list[str]
) -> None:
    due_at = shop_market.now + timedelta(minutes=5)
    said = {
        "verdict": "hold",
        "queue": {"place": 3, "due_at": due_at.isoformat()},
        "reasons": [{"rule": rule} for rule in rules],
    }
    _asking(shop_market, httpx.Response(200, json=said), "order-decisions")

    order = _order(shop_market)

    assert order is not None
    assert order.held == held
    turns = [each for each in shop_market.urgent if each.step == "turn"]
    assert [each.at for each in turns] == ([due_at] if held == ["queue"] else [])
    for each in turns:
        perform(shop_market, each)
    assert order.held == ([] if held == ["queue"] else held)


def test_a_rejected_order_is_never_placed(shop_market: market.Market) -> None:
    _asking(shop_market, httpx.Response(200, json={"verdict": "reject"}), "order-decisions")

    assert _order(shop_market) is None
    assert not shop_market.outbox


@pytest.mark.parametrize(
    "answer", [httpx.Response(503), httpx.Response(200, text="no json"), httpx.Response(200, json=["allow"])]
)
def test_no_sound_answer_stops_no_order(shop_market: market.Market, answer: httpx.Response) -> None:
    _asking(shop_market, answer, "order-decisions")

    assert _order(shop_market) is not None


@pytest.mark.parametrize(("verdict", "stands"), [("allow", True), ("confirm", True), ("block", False)])
def test_a_blocked_price_is_not_written(shop_market: market.Market, verdict: str, stands: bool) -> None:
    _asking(shop_market, httpx.Response(200, json={"verdict": verdict}), "price-checks")
    listing = shop_market.shops["QH-0001"].listings["QH-001-01"]
    before = listing.price

    assert shelves.set_price(shop_market, listing, Decimal("8.90"), by="店长") is stands

    assert listing.price == (Decimal("8.90") if stands else before)
    assert len(shop_market.outbox) == stands
