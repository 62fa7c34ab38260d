"""Asking the portal first: off unless named, obeyed when answered, no answer stops nothing."""

import dataclasses
import json
from decimal import Decimal

import httpx
import pytest

from benchmarks.simulator import ledger, market, orders, questions, shelves
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
