"""The things that go wrong on a marketplace, each told by its own module.

A story is a function `tell(market, shop, more)`; `more` may fix what would otherwise
be drawn (a sku, a kind). It acts through the same orders, prices and cases as ordinary
days do, so whatever stops an order or a refund stops the story too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.simulator import chance
from benchmarks.simulator.market import Market, Shop
from benchmarks.simulator.stories import (
    blackmailer,
    extra_charge,
    hoarding,
    price_slip,
    refund_gang,
    repricer_feed,
    scalper_ring,
    serial_returner,
    stack_mistake,
)

TELLERS: dict[str, Callable[[Market, Shop, Mapping[str, Any]], dict[str, Any]]] = {
    "price_slip": price_slip.tell,
    "stack_mistake": stack_mistake.tell,
    "scalper_ring": scalper_ring.tell,
    "blackmailer": blackmailer.tell,
    "refund_gang": refund_gang.tell,
    "hoarding": hoarding.tell,
    "extra_charge": extra_charge.tell,
    "serial_returner": serial_returner.tell,
    "repricer_feed": repricer_feed.tell,
}


def tell(market: Market, name: str, *, merchant: str = "", more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Begin a story now and return what was chosen for it; ValueError for what does not exist."""
    if name not in TELLERS:
        raise ValueError(f"No such story: {name}")
    if merchant and merchant not in market.shops:
        raise ValueError(f"No such merchant: {merchant}")
    shop = market.shops[merchant or market.chance("stories").choice(sorted(market.shops))]
    chosen = TELLERS[name](market, shop, more or {})
    return {"story": name, "merchant": shop.code, "at": market.now.isoformat(), **chosen}


def choose(market: Market, weights: Mapping[str, float]) -> str | None:
    """Choose a story by the weights; None when all are switched off."""
    wanted = {name: weight for name, weight in weights.items() if weight > 0}
    return chance.weighted(market.chance("stories"), wanted) if wanted else None
