"""The goods of a shop, made from a product file."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_UP, Decimal

from benchmarks.simulator import chance, reading
from benchmarks.simulator.things import CENT, Listing

DEAREST_WITH_BIG_STOCK = Decimal(200)
EXTRA_CHARGE = ("补差价", "补拍")


def listings(*, seed: int, merchant: str, goods: str) -> dict[str, Listing]:
    """Return the listings of one shop by sku, the same for the same seed."""
    rng = chance.stream(seed, "catalogue", merchant)
    shelf: dict[str, Listing] = {}
    letters = merchant.split("-")[0]
    for family, (category, title, share, specs) in enumerate(reading.families(goods), start=1):
        liked = rng.paretovariate(1.6)
        for number, spec in enumerate(specs.split(";"), start=1):
            words, _, amount = spec.strip().rpartition("=")
            price = Decimal(amount)
            sku = f"{letters}-{family:03d}-{number:02d}"
            shelf[sku] = Listing(
                merchant=merchant,
                sku=sku,
                title=f"{title} {words}",
                category=category,
                list_price=_list_price(price, rng.choice(["1.15", "1.25", "1.4"])),
                price=price,
                cost=(price * Decimal(share) * Decimal(rng.randint(95, 105)) / 100).quantize(CENT),
                stock=rng.randint(120, 900) if price < DEAREST_WITH_BIG_STOCK else rng.randint(25, 160),
                popularity=liked * rng.uniform(0.4, 1.0),
                usual_price=price,
            )
    return shelf


def enlarged(shelf: dict[str, Listing], *, count: int) -> dict[str, Listing]:
    """Return the shelf with at least so many listings: further batches of the same goods, each under its own sku."""
    whole, originals = dict(shelf), list(shelf.values())
    while len(whole) < count:
        for one in originals[: count - len(whole)]:
            sku = f"{one.sku}-{len(whole) // len(originals) + 1:03d}"
            whole[sku] = replace(one, sku=sku)
    return whole


def is_extra_charge(listing: Listing) -> bool:
    """Say whether this listing only collects a price difference or freight (补差价)."""
    return any(word in listing.title for word in EXTRA_CHARGE)


def _list_price(price: Decimal, factor: str) -> Decimal:
    if price < Decimal(20):
        return price
    return (price * Decimal(factor)).to_integral_value(rounding=ROUND_UP).quantize(CENT)
