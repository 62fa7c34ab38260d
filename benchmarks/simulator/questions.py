"""Asking the portal in the request: may this price stand, may this order pass?

Off unless `questions` names them. A portal that does not answer in time, or says
something unknown, is taken as "allow": a platform does not stop selling for it.
"""

from __future__ import annotations

from typing import Any

import httpx

from benchmarks.simulator.ledger import Ledger
from benchmarks.simulator.market import ALLOWED, Answered
from benchmarks.simulator.settings import Settings
from benchmarks.simulator.things import CURRENCY, Listing, Order, yuan

PRICES, ORDERS = "price-checks", "order-decisions"
TIMEOUT_SECONDS = 1.5
VERDICTS = ("allow", "verify", "hold", "review", "reject")


class PortalQuestions:
    """Asks what is switched on, with a platform key."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.on = settings.questions
        self.ledger = ledger
        self.client = httpx.Client(
            base_url=settings.portal,
            timeout=TIMEOUT_SECONDS,
            headers={"authorization": f"Bearer {settings.api_key}"},
        )

    def price_allowed(self, listing: Listing, *, by: str) -> bool:
        """Ask before a price is written; only "block" keeps it from being written."""
        if PRICES not in self.on:
            return True
        asked = {"sku": listing.sku, "price": yuan(listing.price), "currency": CURRENCY, "by": by}
        return self._ask(PRICES, {"merchant": listing.merchant, **asked}) != "block"

    def order_answer(self, order: Order) -> Answered:
        """Ask before an order is taken: allow, reject, or anything that holds it, if only until its turn."""
        if ORDERS not in self.on:
            return ALLOWED
        said = self._said(ORDERS, {"merchant": order.merchant, **order.data()})
        verdict, place = str(said.get("verdict", "")), said.get("queue")
        if verdict not in VERDICTS:
            return ALLOWED
        due_at = str(place.get("due_at", "")) if isinstance(place, dict) and verdict == "hold" else ""
        rules = {str(each.get("rule")) for each in said.get("reasons", ()) if isinstance(each, dict)}
        return Answered(verdict, due_at=due_at if rules == {"QUEUE"} else "")

    def _ask(self, path: str, body: dict[str, Any]) -> str:
        return str(self._said(path, body).get("verdict", ""))

    def _said(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = self.client.post(f"/api/v1/{path}", json=body)
            found = response.json() if response.is_success else {}
            answer = found if isinstance(found, dict) else {}
        except (httpx.HTTPError, ValueError) as error:
            self.ledger.fault(f"{path} {type(error).__name__}")
            return {}
        self.ledger.fault(f"{path} {answer.get('verdict') or response.status_code}")
        return answer
