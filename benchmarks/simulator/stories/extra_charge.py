"""A buyer orders only the link for price differences and freight (差价运费单拍), many times over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from benchmarks.simulator import catalogue, orders, people, shelves
from benchmarks.simulator.market import Market, Shop

SPREAD_SECONDS = 1_800


def tell(market: Market, shop: Shop, more: Mapping[str, Any]) -> dict[str, Any]:
    """Let one account order nothing but the extra-charge link."""
    rng = market.chance("extras")
    links = [one for one in shop.listings.values() if catalogue.is_extra_charge(one)]
    if not links:
        return {"refused": True}
    link = rng.choice(links)
    buyer = people.fresh(rng, at=market.now, days=60)
    market.buyers[buyer.ref] = buyer
    for _ in range(rng.randint(3, 6)):
        wait = timedelta(seconds=SPREAD_SECONDS * market.tempo.story * rng.random())
        market.book(wait, "extra_order", f"{shop.code}/{link.sku}", urgent=True, buyer=buyer.ref)
    return {"sku": link.sku, "buyer": buyer.ref}


def order(market: Market, ref: str, *, buyer: str) -> None:
    """One more of them."""
    rng = market.chance("extras")
    shop = shelves.shop_of(market, ref)
    wanted = [(ref.partition("/")[2], rng.choice([1, 1, 9, 50]))]
    orders.place(market, shop, market.buyers[buyer], wanted, story="extra_charge", pays=True, urgent=True)
