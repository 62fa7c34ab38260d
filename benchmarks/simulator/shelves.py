"""What shopkeepers do on ordinary days: change prices, run promotions, fill the shelves."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal

from benchmarks.simulator import catalogue, rhythm
from benchmarks.simulator.market import Market, Shop
from benchmarks.simulator.things import CENT, Listing, Promotion

EDITORS = ("运营-小周", "运营-阿敏", "店长", "调价助手")
TOLD_WHEN_IT_STARTS = 0.7
DAY = timedelta(days=1)


def nice(price: Decimal, *, usual: Decimal) -> Decimal:
    """Round a price to what shops write: 19.90 or 19.00, as the listing's prices usually end, 129.00, 2299.00."""
    if price < Decimal(100):
        less = Decimal("0.10") if usual % 1 else Decimal(0)
        return (price.to_integral_value(rounding=ROUND_CEILING) - less).quantize(CENT)
    tens = (price / 10).to_integral_value(rounding=ROUND_CEILING)
    return (tens * 10 - 1).quantize(CENT)


def choose(rng: random.Random, shop: Shop) -> Listing:
    """Choose a listing as buyers do: by what is liked, on sale and in stock."""
    shelf = [one for one in shop.listings.values() if one.status == "LISTED" and one.stock > 0]
    if not shelf:
        return next(iter(shop.listings.values()))
    weights = [0.15 if catalogue.is_extra_charge(one) else one.popularity for one in shelf]
    return rng.choices(shelf, weights=weights)[0]


def edit_price(market: Market, shop: Shop) -> None:
    """Change one price the usual way: a little down, back to the usual, now and then a new usual price."""
    rng = market.chance("prices")
    listing = choose(rng, shop)
    usual = listing.usual_price or listing.price
    if catalogue.is_extra_charge(listing):
        return
    if listing.price != usual and rng.random() < 0.6:
        price = usual
    elif rng.random() < 0.15:
        price = max(nice(usual * Decimal(rng.randint(94, 108)) / 100, usual=usual), nice(listing.cost, usual=usual))
        listing.usual_price = price
    else:
        price = max(nice(usual * Decimal(rng.randint(80, 97)) / 100, usual=usual), nice(listing.cost, usual=usual))
    if price == listing.price or price > listing.list_price:
        return
    set_price(market, listing, price, by=rng.choice(EDITORS))


def set_price(market: Market, listing: Listing, price: Decimal, *, by: str) -> bool:
    """Write a price; False when the portal, asked beforehand, did not allow it."""
    before, listing.price = listing.price, price
    if not market.questions.price_allowed(listing, by=by):
        listing.price = before
        return False
    market.tell_price(listing, by=by)
    return True


def restock(market: Market, shop: Shop) -> None:
    """Fill up the emptiest shelf."""
    rng = market.chance("stock")
    listing = min(shop.listings.values(), key=lambda one: (one.stock, one.sku))
    listing.stock += rng.randint(40, 300)
    market.tell_listing(listing)


def promote(market: Market, shop: Shop) -> None:
    """Plan one ordinary promotion and put its start and end on the agenda."""
    rng = market.chance("promotions")
    wait = timedelta(seconds=rng.uniform(0.2, 2) * 86_400 * market.tempo.story)
    length = timedelta(seconds=rng.uniform(1, 4) * 86_400 * max(market.tempo.story, 0.05))
    promotion = ordinary(market, shop, starts_in=wait, lasts=length)
    begin(market, shop, promotion)


def ordinary(market: Market, shop: Shop, *, starts_in: timedelta, lasts: timedelta) -> Promotion:
    """Make up one ordinary promotion."""
    rng = market.chance("promotions")
    kind, title, value, threshold, group = rng.choice(
        [
            ("THRESHOLD", "满199减20", Decimal(20), Decimal(199), "满减"),
            ("THRESHOLD", "满99减8", Decimal(8), Decimal(99), "满减"),
            ("PERCENTAGE", "限时95折", Decimal(5), None, "折扣"),
            ("PERCENTAGE", "会员9折", Decimal(10), None, "折扣"),
            ("COUPON", "店铺新客券 5元", Decimal(5), Decimal(59), "店铺券"),
            ("COUPON", "收藏有礼券 3元", Decimal(3), Decimal(39), "店铺券"),
        ]
    )
    goods = [one for one in shop.listings.values() if not catalogue.is_extra_charge(one)]
    category = rng.choice(sorted({one.category for one in goods}))
    starts_at = market.now + starts_in
    return Promotion(
        merchant=shop.code,
        code=f"P{starts_at.astimezone(rhythm.CHINA):%y%m%d}{market.count('promotions'):04d}",
        title=f"{category} {title}",
        kind=kind,
        skus=[one.sku for one in goods if one.category == category],
        value=value,
        threshold=threshold,
        stack_group=group,
        starts_at=starts_at,
        ends_at=starts_at + lasts,
    )


def begin(market: Market, shop: Shop, promotion: Promotion) -> None:
    """Tell a planned promotion; some start without a further word, as on real platforms."""
    shop.promotions[promotion.code] = promotion
    market.tell_promotion(promotion)
    ref = f"{shop.code}/{promotion.code}"
    silent = market.chance("promotions").random() >= TOLD_WHEN_IT_STARTS
    market.book(promotion.starts_at - market.now, "promotion_starts", ref, silent=silent)
    market.book(promotion.ends_at - market.now, "promotion_ends", ref)


def starts(market: Market, ref: str, *, silent: bool = False) -> None:
    """A promotion takes force, with or without being told."""
    promotion = _find(market, ref)
    if promotion is not None and promotion.status == "PLANNED":
        promotion.status = "RUNNING"
        if not silent:
            market.tell_promotion(promotion)


def ends(market: Market, ref: str, *, status: str = "ENDED") -> None:
    """A promotion is over, or taken back."""
    promotion = _find(market, ref)
    if promotion is not None and promotion.status in ("PLANNED", "RUNNING"):
        promotion.status = status
        market.tell_promotion(promotion)
        del market.shops[promotion.merchant].promotions[promotion.code]


def _find(market: Market, ref: str) -> Promotion | None:
    merchant, _, code = ref.partition("/")
    return market.shops[merchant].promotions.get(code)


def shop_of(market: Market, ref: str) -> Shop:
    """Return the shop a reference begins with."""
    return market.shops[ref.partition("/")[0]]


def basket(market: Market, shop: Shop) -> list[tuple[str, int]]:
    """Return what one ordinary visitor puts into the basket."""
    rng = market.chance("visitors")
    first = choose(rng, shop)
    cheap = first.price < Decimal(60)
    wanted = {first.sku: rng.choices([1, 2, 3], weights=[80, 15, 5])[0] if cheap else 1}
    if rng.random() < 0.18:
        wanted.setdefault(choose(rng, shop).sku, 1)
    return list(wanted.items())
