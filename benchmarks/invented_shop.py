"""Prices of a shop that does not exist: what a Chinese shop's prices do in eight months, by a seed.

Made to be unlike the real file in every way that matters to the guard: prices from ¥5.9 to ¥4,999 that end in
.9, .99, .8 or nothing, one price at a time, slow changes of list price, a member day a month, 618 and 11.11 at 5 to
50 % off, clearance in steps, and listings sold by the piece and by the bundle in turn. No price of it was looked at
when a rule was made; it is made up all the same, and its figures say nothing about a real shop.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from pricing_guard.rules.evaluate import Row

BEGINS = date(2026, 4, 10)
DAYS = 240  # to 5 December: 618 and 11.11 lie in it
LOWEST, HIGHEST = 5.9, 4999.0
BIG_DAYS = ((date(2026, 6, 1), date(2026, 6, 20), 0.7), (date(2026, 11, 1), date(2026, 11, 12), 0.8))
SMALL, MIDDLE = 20, 300
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
            offer = _ended(float(price) * (1 - off), thing.ending if chance.random() < 0.7 else _any_ending(price, chance))
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
    """Return the price nearest to an amount that ends like this."""
    whole, _, cents = ending.partition(".")
    kept = whole[-1:] if amount >= SMALL * 2 else ""  # nobody goes from 18 to 8 because the next 8 lies there
    tail, step = Decimal(f"{kept}.{cents}"), Decimal(10) ** len(whole if amount >= MIDDLE * 2 else kept)
    tail = Decimal(ending) if amount >= MIDDLE * 2 else tail
    times = max(round((Decimal(amount) - tail) / step), 0)
    return max(times * step + tail, Decimal("0.50"))


def _moment(day: int, number: int) -> datetime:
    return datetime.combine(BEGINS, datetime.min.time(), UTC) + timedelta(days=day, hours=9, minutes=number % 600)
