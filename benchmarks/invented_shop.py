"""Prices of a shop that does not exist: what a Chinese shop's prices do in eight months, by a seed.

Made to be unlike the real file in every way that matters to the guard: prices from ¥5.9 to ¥4,999 that end in
.9, .99, .8 or nothing, one price at a time, slow changes of list price, a member day a month, 618 and 11.11 at 5 to
50 % off, clearance in steps, and listings sold by the piece and by the bundle in turn. It is made up: its figures show
where a rule leans on one shop's habits, and say nothing about a real one.

python -m benchmarks.invented_shop [--seeds 11 12 13] [--listings 300] [--prices 240] [--after 8] [--rate 0.01]

Seeds 1 to 10 were looked at while rules were made, later ones were not. Slips go into rows with `after` rows before.
"""

import argparse
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from benchmarks import price_slips
from pricing_guard.rules.evaluate import Row

BEGINS = date(2026, 4, 10)
DAYS = 240  # to 5 December: 618 and 11.11 lie in it
LOWEST, HIGHEST = 5.9, 4999.0
BIG_DAYS = ((date(2026, 6, 1), date(2026, 6, 20), 0.7), (date(2026, 11, 1), date(2026, 11, 12), 0.8))
SMALL, CHEAP, MIDDLE, DEAR = 20, 40, 300, 600
LEAST = Decimal("0.50")
ENDINGS = {  # of the last whole yuan and what follows it, by how dear the thing is
    "cheap": (".90", ".90", ".99", ".80", ".50", ".00"),
    "middle": ("9.00", "9.90", "9.00", "8.00", "9.99", "5.00"),
    "dear": ("99.00", "9.00", "9.00", "8.00", "0.00", "9.99"),
}


@dataclass
class Thing:
    """A listing: what it asks on an ordinary day, and how its owner goes about it."""

    series: str
    price: Decimal
    ending: str
    changes: float
    joins: float
    member_off: float
    cleared_from: int | None = None
    pieces: int = 1


def main(arguments: Sequence[str]) -> int:
    """Print one table over all seeds; return 1 if a goal is missed."""
    options = _options(arguments)
    marked: list[price_slips.Marked] = []
    ours: list[bool] = []
    plain: list[bool] = []
    changes = 0
    for seed in options.seeds:
        made = rows(seed=seed, listings=options.listings, prices=options.prices)
        changes += _changes(made)
        put = price_slips.inject(made, seed=seed, rate=options.rate, after=options.after)
        marked += put
        ours += price_slips.guarded(put, currency="CNY")
        plain += price_slips.plain(put)
    slips = sum(one.slip is not None for one in marked)
    print(f"{len(marked):,} prices, {changes / len(marked):.0%} changes, {slips:,} slips, seeds {options.seeds}")
    return 0 if price_slips.table(marked, {"guard": ours, "half of median": plain}) else 1


def rows(*, seed: int, listings: int = 300, prices: int = DAYS, days: int = DAYS) -> list[Row]:
    """Return `prices` looks at each listing, evenly over the days, in the order of time."""
    chance = random.Random(seed)
    found: list[Row] = []
    for number in range(listings):
        asked = list(_daily(_thing(number, days, chance), days, chance))
        looks = sorted({place * days // prices for place in range(prices)})
        found += [Row(f"L{number:04}", _moment(day, number), asked[day]) for day in looks]
    return sorted(found, key=lambda row: row.date)


def _thing(number: int, days: int, chance: random.Random) -> Thing:
    amount = math.exp(chance.uniform(math.log(LOWEST), math.log(HIGHEST)))
    ending = chance.choice(ENDINGS["cheap" if amount < SMALL else "middle" if amount < MIDDLE else "dear"])
    kind = chance.random()
    return Thing(
        series=f"L{number:04}",
        price=_ended(amount, ending),
        ending=ending,
        changes=chance.uniform(0.005, 0.04),
        joins=chance.choice((0.2, 0.6, 1.0)),
        member_off=chance.choice((0.0, 0.05, 0.08, 0.12)),
        cleared_from=chance.randrange(days) if kind < 0.06 else None,
        pieces=chance.choice((2, 3, 5)) if 0.06 <= kind < 0.11 else 1,
    )


def _daily(thing: Thing, days: int, chance: random.Random) -> Iterator[Decimal]:
    """Yield what the listing asks on each day; an offer keeps its price while it lasts."""
    price, offer, over = thing.price, None, BEGINS
    steps = 0
    for day in range(days):
        today = BEGINS + timedelta(days=day)
        if chance.random() < thing.changes:
            price = _ended(float(price) * (1 + chance.choice((-1, 1)) * chance.uniform(0.02, 0.12)), thing.ending)
        if thing.cleared_from is not None and day >= thing.cleared_from and (day - thing.cleared_from) % 14 == 0:
            steps += 1
            price = _ended(float(price) * chance.uniform(0.7, 0.85), thing.ending) if steps <= 4 else price
        if offer is not None and today >= over:
            offer = None
        if offer is None and (begun := _offered(thing, today, chance)):
            off, over = begun
            ending = thing.ending if chance.random() < 0.7 else _any_ending(price, chance)
            offer = _ended(float(price) * (1 - off), ending)
        asked = price if offer is None else offer
        yield _ended(float(asked) * thing.pieces * 0.92, thing.ending) if thing.pieces > 1 and day % 7 >= 5 else asked


def _offered(thing: Thing, today: date, chance: random.Random) -> tuple[float, date] | None:
    for first, last, share in BIG_DAYS:
        if first <= today < last and chance.random() < share * thing.joins / 5:
            return chance.triangular(0.05, 0.5, 0.15), last
    if today.day == 18 and thing.member_off and chance.random() < thing.joins:
        return thing.member_off, today + timedelta(days=1)
    return None


def _any_ending(price: Decimal, chance: random.Random) -> str:
    amount = float(price)
    return chance.choice(ENDINGS["cheap" if amount < SMALL else "middle" if amount < MIDDLE else "dear"])


def _ended(amount: float, ending: str) -> Decimal:
    """Return the price nearest to an amount that ends like this; a cheap thing keeps only what follows the point."""
    whole, _, cents = ending.partition(".")
    kept = whole if amount >= DEAR else whole[-1:] if amount >= CHEAP else ""
    tail, step = Decimal(f"{kept}.{cents}"), Decimal(10) ** len(kept)
    times = max(round((Decimal(amount) - tail) / step), 0)
    return max(times * step + tail, LEAST)


def _moment(day: int, number: int) -> datetime:
    return datetime.combine(BEGINS, datetime.min.time(), UTC) + timedelta(days=day, hours=9, minutes=number % 600)


def _changes(made: Sequence[Row]) -> int:
    last: dict[str, Decimal] = {}
    changed = 0
    for row in made:
        changed += last.get(row.series, row.price) != row.price
        last[row.series] = row.price
    return changed


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Detection of typing slips put into invented prices")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--listings", type=int, default=300)
    parser.add_argument("--prices", type=int, default=DAYS)
    parser.add_argument("--after", type=int, default=price_slips.BEFORE)
    parser.add_argument("--rate", type=float, default=0.01)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
