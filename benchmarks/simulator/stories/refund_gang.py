"""A few accounts order small things everywhere and claim money without returning anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from benchmarks.simulator import after_sales, orders, people, reading, shelves
from benchmarks.simulator.market import Market, Shop

SPREAD_SECONDS = 3_600


def tell(market: Market, shop: Shop, more: Mapping[str, Any]) -> dict[str, Any]:
    """Let the gang's accounts order, most in this shop, some next door, on one or two devices."""
    rng = market.chance("gangs")
    devices = [people.device(rng), people.device(rng)]
    picture = f"https://img.example.com/as/{rng.getrandbits(40):010x}.jpg"
    payment = people.payment(rng)
    accounts = []
    for _ in range(min(int(more.get("accounts") or rng.randint(5, 9)), 100)):
        buyer = people.fresh(rng, at=market.now, days=40)
        buyer.device, buyer.payment = rng.choice(devices), payment
        market.buyers[buyer.ref] = buyer
        accounts.append(buyer.ref)
        target = shop.code if rng.random() < 0.7 else rng.choice(sorted(market.shops))
        wait = timedelta(seconds=SPREAD_SECONDS * market.tempo.story * rng.random())
        market.book(wait, "gang_order", target, urgent=True, buyer=buyer.ref, picture=picture)
    return {"accounts": accounts, "picture": picture}


def order(market: Market, ref: str, *, buyer: str, picture: str) -> None:
    """One account orders and hurries on to its claim."""
    shop = shelves.shop_of(market, ref)
    listing = shelves.choose(market.chance("gangs"), shop)
    placed = orders.place(
        market, shop, market.buyers[buyer], [(listing.sku, 1)], story=f"refund_gang {picture}", pays=True, urgent=True
    )
    if placed is not None:
        market.book(timedelta(seconds=4), "hurry", f"{shop.code}/{placed.number}", urgent=True, then="gang_claim")


def claim(market: Market, ref: str) -> None:
    """Claim the money at once, with the gang's one picture and nearly the same words."""
    order = market.orders[ref]
    after_sales.begin(
        market,
        order,
        kind="REFUND_ONLY",
        reason="质量问题",
        wording=market.chance("gangs").choice(reading.words()["gang_wordings"]),
        amount=order.total,
        pictures=[order.story.partition(" ")[2]],
        story="refund_gang",
    )
