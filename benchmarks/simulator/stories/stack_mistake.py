"""A promotion is set up wrong: "1000 off 200", or three coupons that all stack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from benchmarks.simulator import catalogue, orders, people, rhythm, shelves
from benchmarks.simulator.market import Market, Shop
from benchmarks.simulator.things import Listing, Promotion

KINDS = ("swapped_threshold", "three_coupons", "percent_as_money")
STARTS_IN_SECONDS = 2_400
LASTS_SECONDS = 5_400


def tell(market: Market, shop: Shop, more: Mapping[str, Any]) -> dict[str, Any]:
    """Plan the mistaken promotion; `kind` may be given. Buyers find it once it runs."""
    rng = market.chance("stacks")
    kind = str(more.get("kind") or rng.choice(KINDS))
    if kind not in KINDS:
        raise ValueError(f"No such stack mistake: {kind}")
    goods = [one for one in shop.listings.values() if one.status == "LISTED" and not catalogue.is_extra_charge(one)]
    goods = [one for one in goods if one.price >= Decimal(40)] or goods
    chosen = rng.sample(goods, k=min(3, len(goods)))
    starts_in = timedelta(seconds=STARTS_IN_SECONDS * market.tempo.story * rng.uniform(0.7, 1.3))
    lasts = timedelta(seconds=LASTS_SECONDS * market.tempo.story)
    codes = [_begin(market, shop, terms, chosen, starts_in=starts_in, lasts=lasts) for terms in _terms(kind, chosen)]
    for _ in range(rng.randint(6, 14)):
        wait = starts_in + lasts * rng.betavariate(2, 3)
        market.book(wait, "use_stack", f"{shop.code}/{rng.choice(chosen).sku}", urgent=True, codes=codes)
    for code in codes:
        market.book(starts_in + lasts * 0.8, "stack_taken_back", f"{shop.code}/{code}", urgent=True)
    return {"kind": kind, "promotions": codes, "skus": [one.sku for one in chosen]}


def _terms(kind: str, goods: list[Listing]) -> list[tuple[str, str, Decimal, Decimal | None, str]]:
    if kind == "swapped_threshold":
        return [("THRESHOLD", "满200减1000", Decimal(1000), Decimal(200), "满减")]
    if kind == "percent_as_money":
        return [("PERCENTAGE", "立减85", Decimal(85), None, "折扣")]
    third = (min(one.price for one in goods) * Decimal("0.32")).quantize(Decimal(1))
    names = ("店铺券", "品类券", "会员券")
    return [("COUPON", f"{name} {third}元", third, None, name) for name in names]


def _begin(
    market: Market,
    shop: Shop,
    terms: tuple[str, str, Decimal, Decimal | None, str],
    goods: list[Listing],
    *,
    starts_in: timedelta,
    lasts: timedelta,
) -> str:
    kind, title, value, threshold, group = terms
    starts_at = market.now + starts_in
    code = f"P{starts_at.astimezone(rhythm.CHINA):%y%m%d}{market.count('promotions'):04d}"
    skus = [one.sku for one in goods]
    promotion = Promotion(shop.code, code, title, kind, skus, value, threshold, group, starts_at, starts_at + lasts)
    shelves.begin(market, shop, promotion)
    return code


def use(market: Market, ref: str, *, codes: list[str]) -> None:
    """Somebody who reads deal forums orders while one of the promotions stands."""
    shop = shelves.shop_of(market, ref)
    if not any(code in shop.promotions for code in codes):
        return
    rng = market.chance("bargains")
    buyer = people.fresh(rng, at=market.now) if rng.random() < 0.25 else rng.choice(list(market.buyers.values()))
    sku = ref.partition("/")[2]
    orders.place(market, shop, buyer, [(sku, rng.choice([1, 2, 5]))], story="stack_mistake", pays=True, urgent=True)


def taken_back(market: Market, ref: str) -> None:
    """The shopkeeper cancels the promotion."""
    shelves.ends(market, ref, status="CANCELLED")
