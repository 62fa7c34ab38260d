"""A price is typed wrong, bargain hunters rush in, later the shopkeeper notices."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from benchmarks.simulator import catalogue, orders, people, shelves
from benchmarks.simulator.market import Market, Shop
from benchmarks.simulator.things import CENT, Listing, yuan

KINDS = {"decimal_shift": 4.0, "decimal_shift_up": 1.0, "dropped_digit": 3.0, "swapped_digits": 2.0, "cents": 2.0}
NOTICED_AFTER_SECONDS = 3_600
RUSH_SECONDS = 1_800
NEVER_BELOW = Decimal("0.01")


def slipped(price: Decimal, kind: str, rng: random.Random) -> Decimal:
    """Return the price as a slip of this kind would write it."""
    whole, _, cents = yuan(price).partition(".")
    if kind == "decimal_shift":
        wrong = price / 10
    elif kind == "decimal_shift_up":
        wrong = price * 10
    elif kind == "cents":
        wrong = price / 100
    elif kind == "dropped_digit":
        wrong = Decimal(f"{_without_a_digit(whole, rng)}.{cents}")
    elif kind == "swapped_digits":
        wrong = Decimal(f"{_with_two_swapped(whole)}.{cents}")
    else:
        raise ValueError(f"No such slip: {kind}")
    return max(wrong.quantize(CENT), NEVER_BELOW)


def _without_a_digit(whole: str, rng: random.Random) -> str:
    if len(whole) < 2:
        return "0"
    place = rng.randrange(len(whole))
    return whole[:place] + whole[place + 1 :] or "0"


def _with_two_swapped(whole: str) -> str:
    for place in range(len(whole) - 1):
        if whole[place] > whole[place + 1]:
            return whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    return whole[::-1]


def tell(market: Market, shop: Shop, more: Mapping[str, Any]) -> dict[str, Any]:
    """Write the wrong price; `sku`, `kind`, or `factor` ("0.45") or `price` may be given."""
    rng = market.chance("slips")
    listing = _listing(rng, shop, str(more.get("sku", "")))
    before = listing.price
    kind, price = _wrong_price(rng, before, more)
    chosen = {"sku": listing.sku, "kind": kind, "before": yuan(before), "price": yuan(price)}
    if not shelves.set_price(market, listing, price, by=rng.choice(shelves.EDITORS)):
        return chosen | {"blocked": True}
    ref = f"{shop.code}/{listing.sku}"
    if price < before:
        _book_rush(market, rng, ref, deep=price < before / 3, wrong=yuan(price))
    notice = timedelta(seconds=NOTICED_AFTER_SECONDS * rng.uniform(0.5, 1.5) * market.tempo.story)
    market.book(notice, "slip_noticed", ref, urgent=True, wrong=yuan(price), right=yuan(before))
    return chosen


def _listing(rng: random.Random, shop: Shop, sku: str) -> Listing:
    if sku:
        if sku not in shop.listings:
            raise ValueError(f"No such listing: {sku}")
        return shop.listings[sku]
    fit = [one for one in shop.listings.values() if one.status == "LISTED" and not catalogue.is_extra_charge(one)]
    return rng.choice(fit or list(shop.listings.values()))


def _wrong_price(rng: random.Random, before: Decimal, more: Mapping[str, Any]) -> tuple[str, Decimal]:
    if "price" in more:
        return "given", Decimal(str(more["price"])).quantize(CENT)
    if "factor" in more:
        return "given", (before * Decimal(str(more["factor"]))).quantize(CENT)
    kind = str(more.get("kind") or rng.choices(list(KINDS), weights=list(KINDS.values()))[0])
    return kind, slipped(before, kind, rng)


def _book_rush(market: Market, rng: random.Random, ref: str, *, deep: bool, wrong: str) -> None:
    for _ in range(rng.randint(12, 30) if deep else rng.randint(4, 9)):
        wait = timedelta(seconds=RUSH_SECONDS * market.tempo.story * (0.05 + rng.betavariate(2, 3)))
        market.book(wait, "bargain", ref, urgent=True, wrong=wrong)


def bargain(market: Market, ref: str, *, wrong: str) -> None:
    """A bargain hunter orders while the wrong price stands."""
    shop = shelves.shop_of(market, ref)
    listing = shop.listings[ref.partition("/")[2]]
    if listing.price > Decimal(wrong):
        return
    rng = market.chance("bargains")
    buyer = people.fresh(rng, at=market.now) if rng.random() < 0.3 else rng.choice(list(market.buyers.values()))
    quantity = min(rng.choices([1, 2, 5, 10], weights=[40, 30, 20, 10])[0], max(listing.stock, 1))
    orders.place(market, shop, buyer, [(listing.sku, quantity)], story="price_slip", pays=True, urgent=True)


def noticed(market: Market, ref: str, *, wrong: str, right: str) -> None:
    """The shopkeeper puts the price right, unless somebody already did."""
    shop = shelves.shop_of(market, ref)
    listing = shop.listings[ref.partition("/")[2]]
    if listing.price == Decimal(wrong):
        shelves.set_price(market, listing, Decimal(right), by="店长")
