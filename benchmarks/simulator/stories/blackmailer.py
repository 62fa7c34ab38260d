"""A buyer demands money privately and threatens with complaints and bad reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from benchmarks.simulator import after_sales, orders, people, reading, shelves
from benchmarks.simulator.market import Market, Shop

AFTER_DELIVERY_SECONDS = 7_200
PATIENCE_SECONDS = 3_600


def tell(market: Market, shop: Shop, more: Mapping[str, Any]) -> dict[str, Any]:
    """Let a young account buy something; the threat follows once the parcel has arrived."""
    rng = market.chance("blackmail")
    buyer = people.fresh(rng, at=market.now, days=90)
    listing = shelves.choose(rng, shop)
    order = orders.place(market, shop, buyer, [(listing.sku, 1)], story="blackmailer", pays=True, urgent=True)
    if order is None:
        return {"refused": True}
    market.book(timedelta(seconds=4), "hurry", f"{shop.code}/{order.number}", urgent=True, then="threaten")
    return {"buyer": buyer.ref, "order": order.number}


def hurry(market: Market, ref: str, *, then: str) -> None:
    """Take an order of a story through payment, parcel and delivery; a held one stays where it is."""
    for step in (orders.pay, orders.ship, orders.deliver):
        step(market, ref)
    order = market.orders[ref]
    if order.status == "DELIVERED":
        wait = timedelta(seconds=AFTER_DELIVERY_SECONDS * market.tempo.story * 0.02)
        market.book(wait, then, ref, urgent=True)
    elif order.status == "PAID":
        wait = timedelta(seconds=AFTER_DELIVERY_SECONDS * market.tempo.story)
        market.book(wait, "hurry", ref, urgent=True, then=then)


def threaten(market: Market, ref: str) -> None:
    """Open a refund-only case with the demand in its words, and press again later."""
    order = market.orders[ref]
    rng = market.chance("blackmail")
    case = after_sales.begin(
        market,
        order,
        kind="REFUND_ONLY",
        reason="质量问题",
        wording=rng.choice(reading.words()["demands"]),
        amount=order.total,
        pictures=[f"https://img.example.com/as/{rng.getrandbits(40):010x}.jpg"],
        story="blackmailer",
    )
    wait = timedelta(seconds=PATIENCE_SECONDS * market.tempo.story * rng.uniform(0.3, 1))
    market.book(wait, "press", f"{case.merchant}/{case.number}", urgent=True)


def press(market: Market, ref: str) -> None:
    """Repeat the threat in stronger words while the case is open."""
    case = market.after_sales[ref]
    if case.status in ("OPEN", "AGREED"):
        hours = market.chance("blackmail").choice(["一小时", "半小时", "两小时"])
        case.wording = f"{case.wording}。最后通知，{hours}内不转账就去12315投诉并全网曝光"
        case.amount = max(case.amount, Decimal("0.01"))
        market.tell_after_sale(case)
