"""What listings that sell at the same prices have cost: a moved point is told although the price meant is new here.

A listing at 3.75 is to get 7.62, as many others at 3.75 have, and is given 0.76, which hardly one of them ever was.
Nothing the listing itself has cost tells the two apart; what its like have cost does.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pricing_guard.rules import limits, money
from pricing_guard.rules.facts import Facts
from pricing_guard.rules.findings import Check
from pricing_guard.rules.memory import Memory
from pricing_guard.rules.slips import Slip
from pricing_guard.rules.thresholds import FAMILIAR_DAYS

POWERS = (1, 2)
APART = Decimal(2)
LEAST = 3
LIKELIER = 4


@dataclass(frozen=True)
class Origins:
    """The prices from `low` up to, not with, `high`: each is the one in question once its point is moved by `power`."""

    low: Decimal
    high: Decimal
    power: int


@dataclass(frozen=True)
class Question:
    """Which listings have had one of `shared`, and besides a price of `origins`, or the price in question itself."""

    sku: str
    price: Decimal
    shared: tuple[Decimal, ...]
    origins: tuple[Origins, ...]

    def is_about(self, price: Decimal) -> bool:
        """Say whether it matters who has had this price."""
        return price == self.price or any(one.low <= price < one.high for one in self.origins)


def span(memory: Memory, *, at: datetime) -> tuple[Decimal, Decimal] | None:
    """Return between which prices nothing is asked; None when nothing is known of the listing."""
    if not memory.last:
        return None
    believed = memory.believed(days=FAMILIAR_DAYS, at=at)
    far = APART * limits.caution(memory)
    return min(believed) / far, max(believed) * far


def question(facts: Facts, memory: Memory, *, at: datetime) -> Question | None:
    """Return what to ask of a shop about a price half below, or twice above, all that is believed; else nothing."""
    between = span(memory, at=at)
    if between is None or facts.price <= 0 or between[0] <= facts.price <= between[1]:
        return None
    believed = memory.believed(days=FAMILIAR_DAYS, at=at)
    origins = _fallen(facts) if facts.price < between[0] else _risen(facts)
    return Question(facts.sku, facts.price, tuple(believed), tuple(origins))


def counted(asked: Question, had: Mapping[Decimal, Set[str]]) -> dict[Decimal, int]:
    """Return how many other listings that share a price have had each price that matters; `had` tells who had what."""
    shared: set[str] = set()
    shared = shared.union(*(had.get(price, ()) for price in asked.shared)) - {asked.sku}
    if not shared:
        return {}
    found = {price: len(shared & skus) for price, skus in had.items() if asked.is_about(price)}
    return {price: count for price, count in found.items() if count}


def shifted(facts: Facts, memory: Memory, *, at: datetime) -> Slip | None:
    """Return the slip of a price that several alike listings have had, and far more of them than have had this one."""
    asked = question(facts, memory, at=at)
    if asked is None:
        return None
    found = [
        (facts.alike[price], Slip(Check.DECIMAL_SHIFT, price, one.power))
        for one in asked.origins
        for price in sorted(facts.alike)
        if one.low <= price < one.high
    ]
    count, slip = max(found, key=lambda one: one[0], default=(0, None))
    return slip if count >= max(LEAST, LIKELIER * (facts.alike.get(facts.price, 0) + 1)) else None


def _fallen(facts: Facts) -> Iterator[Origins]:
    """What falls below the smallest coin was rounded; that it was cut is too far-fetched for a hint."""
    coin = money.quantum(facts.currency)
    for power in POWERS:
        yield Origins((facts.price - coin / 2).scaleb(power), (facts.price + coin / 2).scaleb(power), -power)


def _risen(facts: Facts) -> Iterator[Origins]:
    coin = money.quantum(facts.currency)
    for power in POWERS:
        meant = facts.price.scaleb(-power)
        yield Origins(meant, meant + coin / 10, power)
