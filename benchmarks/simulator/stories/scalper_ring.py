"""A hot product is launched; a ring of new accounts behind one address wants it all."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from benchmarks.simulator import addresses, orders, people, rhythm, shelves
from benchmarks.simulator.market import Market, Shop
from benchmarks.simulator.things import Buyer, Listing

LAUNCH_SECONDS = 3_600
HOT = {
    "household": ("水具茶具", "山岚 生肖限定礼盒 首发 限量编号", Decimal(388)),
    "appliances": ("个护电器", "拂柳 联名限定吹风机 首发 限量", Decimal(699)),
}
OTHERS = ("家居日用", "限量联名礼盒 首发", Decimal(299))


def tell(market: Market, shop: Shop, more: Mapping[str, Any]) -> dict[str, Any]:
    """Launch a product, or take the `sku` given, and let the ring of `accounts` in among honest buyers."""
    rng = market.chance("rings")
    listing = shop.listings.get(str(more.get("sku", ""))) or _launch(market, rng, shop)
    size = min(int(more.get("accounts") or rng.randint(14, 32)), 500)
    home = addresses.somewhere(rng)
    ring = _ring(market, rng, home, size)
    names = set()
    for buyer in ring:
        disguise, address = addresses.jigged(home, rng)
        names.add(disguise)
        _book_try(market, rng, shop, listing, buyer, address=address, quick=True, story="scalper_ring")
    for _ in range(size // 2):
        buyer = rng.choice(list(market.buyers.values()))
        _book_try(market, rng, shop, listing, buyer, address="", quick=False, story="launch")
    dormitory = addresses.somewhere(rng)
    for _ in range(4):
        student = people.fresh(rng, at=market.now, days=400)
        student.real_name_verified = True
        address = dormitory.neighbour(rng).text()
        _book_try(market, rng, shop, listing, student, address=address, quick=False, story="dormitory")
    return {"sku": listing.sku, "accounts": size, "address": home.text(), "disguises": sorted(names)}


def _launch(market: Market, rng: random.Random, shop: Shop) -> Listing:
    category, title, price = HOT.get(shop.merchant.goods, OTHERS)
    local = market.now.astimezone(rhythm.CHINA)
    sku = f"{shop.code.split('-')[0]}-L{local:%y%m%d}-{market.count('launches'):02d}"
    listing = Listing(
        merchant=shop.code,
        sku=sku,
        title=f"{title} {local:%m%d}",
        category=category,
        list_price=price,
        price=price,
        cost=price * Decimal("0.6"),
        stock=rng.randint(40, 80),
        popularity=0.3,
        usual_price=price,
    )
    shop.listings[sku] = listing
    market.tell_listing(listing)
    market.tell_price(listing, by="新品上架")
    return listing


def _ring(market: Market, rng: random.Random, home: addresses.Address, size: int) -> list[Buyer]:
    devices = [people.device(rng) for _ in range(max(2, size // 6))]
    payments = [people.payment(rng) for _ in range(max(2, size // 5))]
    phones = [people.phone(rng) for _ in range(max(3, size // 2))]
    block = people.network(rng).rpartition(".")[0]
    ring = []
    for _ in range(size):
        buyer = people.fresh(rng, at=market.now, days=6)
        buyer.address = home.text()
        buyer.device = rng.choice(devices)
        buyer.payment = rng.choice(payments)
        buyer.phone = rng.choice(phones)
        buyer.ip = f"{block}.{rng.randint(1, 254)}"
        ring.append(buyer)
    return ring


def _book_try(
    market: Market,
    rng: random.Random,
    shop: Shop,
    listing: Listing,
    buyer: Buyer,
    *,
    address: str,
    quick: bool,
    story: str,
) -> None:
    market.buyers[buyer.ref] = buyer
    share = rng.betavariate(1.2, 8) if quick else rng.random()
    wait = timedelta(seconds=LAUNCH_SECONDS * market.tempo.story * share)
    market.book(
        wait,
        "launch_order",
        f"{shop.code}/{listing.sku}",
        urgent=True,
        buyer=buyer.ref,
        address=address,
        quantity=rng.choice([1, 2, 2]) if quick else 1,
        story=story,
    )


def order(market: Market, ref: str, *, buyer: str, address: str, quantity: int, story: str) -> None:
    """One account of the launch orders."""
    shop = shelves.shop_of(market, ref)
    wanted = [(ref.partition("/")[2], quantity)]
    orders.place(market, shop, market.buyers[buyer], wanted, address=address, story=story, pays=True, urgent=True)
