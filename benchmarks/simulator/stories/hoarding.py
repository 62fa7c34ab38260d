"""Somebody orders most of the stock and never pays (占库存), again and again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from benchmarks.simulator import orders, people, shelves
from benchmarks.simulator.market import Market, Shop

SPREAD_SECONDS = 2_400


def tell(market: Market, shop: Shop, more: Mapping[str, Any]) -> dict[str, Any]:
    """Let a few accounts block the stock of one listing."""
    rng = market.chance("hoards")
    listing = shop.listings.get(str(more.get("sku", ""))) or shelves.choose(rng, shop)
    accounts = [people.fresh(rng, at=market.now, days=30) for _ in range(rng.randint(1, 3))]
    for buyer in accounts:
        market.buyers[buyer.ref] = buyer
    for _ in range(rng.randint(4, 8)):
        wait = timedelta(seconds=SPREAD_SECONDS * market.tempo.story * rng.random())
        buyer = rng.choice(accounts)
        market.book(wait, "hoard", f"{shop.code}/{listing.sku}", urgent=True, buyer=buyer.ref)
    return {"sku": listing.sku, "accounts": [one.ref for one in accounts]}


def hoard(market: Market, ref: str, *, buyer: str) -> None:
    """Order a third of what is left, and do not pay."""
    shop = shelves.shop_of(market, ref)
    listing = shop.listings[ref.partition("/")[2]]
    quantity = max(1, listing.stock // 3)
    orders.place(market, shop, market.buyers[buyer], [(listing.sku, quantity)], story="hoarding", pays=False)
