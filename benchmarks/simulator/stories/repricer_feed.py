"""A repricing program gone wrong sets thousands of products to a penny, and the news spreads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from benchmarks.simulator import shelves
from benchmarks.simulator.market import Market, Shop
from benchmarks.simulator.things import yuan

PENNY = "0.01"
FEED = "repricer"
HUNTERS = 200
RUSH_SECONDS = 20.0


def tell(market: Market, shop: Shop, more: Mapping[str, Any]) -> dict[str, Any]:
    """Write the penny on every product; `price`, `hunters` and `rush` (seconds) may be given.

    Nobody at the shop notices: what is ordered is shipped unless it is stopped.
    """
    rng = market.chance("repricer")
    wrong = Decimal(str(more.get("price", PENNY)))
    written = [one for one in shop.listings.values() if shelves.set_price(market, one, wrong, by=FEED)]
    rush = float(more.get("rush", RUSH_SECONDS))
    for _ in range(int(more.get("hunters", HUNTERS)) if written else 0):
        wait = timedelta(seconds=rng.uniform(0, rush))
        ref = f"{shop.code}/{rng.choice(written).sku}"
        market.book(wait, "bargain", ref, urgent=True, wrong=yuan(wrong))
    return {"listings": len(written), "price": yuan(wrong)}
