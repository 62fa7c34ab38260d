"""A buyer orders again and again and sends nearly everything back (退换货)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from benchmarks.simulator import after_sales, orders, people, shelves
from benchmarks.simulator.market import Market, Shop

EVERY_SECONDS = 300
RETURNED = 5


def tell(market: Market, shop: Shop, more: Mapping[str, Any]) -> dict[str, Any]:
    """Let one account order and return five times, and then order once more."""
    rng = market.chance("returners")
    buyer = people.fresh(rng, at=market.now, days=200)
    market.buyers[buyer.ref] = buyer
    for number in range(RETURNED + 1):
        wait = timedelta(seconds=EVERY_SECONDS * market.tempo.story * (number + rng.random()))
        is_last = number == RETURNED
        market.book(wait, "returner_order", shop.code, urgent=True, buyer=buyer.ref, is_last=is_last)
    return {"buyer": buyer.ref}


def order(market: Market, ref: str, *, buyer: str, is_last: bool) -> None:
    """One more order; all but the last hurry on to their return."""
    shop = market.shops[ref]
    listing = shelves.choose(market.chance("returners"), shop)
    wanted = [(listing.sku, 1)]
    placed = orders.place(market, shop, market.buyers[buyer], wanted, story="serial_returner", pays=True, urgent=True)
    if placed is not None and not is_last:
        market.book(timedelta(seconds=4), "hurry", f"{shop.code}/{placed.number}", urgent=True, then="send_back")


def send_back(market: Market, ref: str) -> None:
    """Return what arrived, used."""
    order = market.orders[ref]
    after_sales.begin(
        market,
        order,
        kind="RETURN",
        reason="不喜欢/不想要",
        wording=market.chance("returners").choice(["用了两天不喜欢，退一下", "七天无理由", "换季了不需要了，退货"]),
        amount=max(order.total, Decimal("0.01")),
        story="serial_returner",
    )
