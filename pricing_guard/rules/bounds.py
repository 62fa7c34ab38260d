"""Bounds written beside each listing so that plain SQL finds every price worth a second look.

A price inside its bounds is one `prices.check` says nothing about; one outside
is only a candidate. SQL may ask too often, never too seldom.
"""

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from pricing_guard.rules import alike, limits, money, slips
from pricing_guard.rules.facts import Facts
from pricing_guard.rules.memory import Memory
from pricing_guard.rules.thresholds import FAMILIAR_DAYS, Thresholds

ABOVE_ZERO = Decimal("0.000001")


@dataclass(frozen=True)
class Bounds:
    """The lowest and highest price without a finding; None above means no end. Good until `valid_until`."""

    low: Decimal
    high: Decimal | None
    valid_until: datetime | None

    def leave_out(self, price: Decimal) -> bool:
        """Say whether SQL selects a price: it lies outside."""
        return price < self.low or (self.high is not None and price > self.high)


def bounds(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> Bounds:
    """Return the bounds of a listing, around its last accepted price.

    A listing under a promotion is always a candidate: what a buyer pays does
    not follow the price smoothly. Open windows are left out of the account,
    they can only excuse. `facts.price` is not read.
    """
    until = _valid_until(facts, thresholds, memory, at=at)
    step = money.quantum(facts.currency)
    wrong_currency = memory.last is not None and facts.currency != memory.currency
    if facts.running(at) or wrong_currency:
        return Bounds(step, Decimal(0), until)
    lowest, highest = [ABOVE_ZERO], list[Decimal]()
    for limit in _limits(facts, thresholds, memory, at):
        (lowest if limit.is_lowest else highest).append(limit.amount)
    if span := limits.apart(thresholds, memory, at=at):
        lowest.append(span[0])
        highest.append(span[1])
    if thresholds.decimal_shift and (span := alike.span(memory, at=at)):
        lowest.append(span[0])
        highest.append(span[1])
    for below, above in _nearest_slips(facts, thresholds, memory, at):
        lowest += [] if below is None else [below + step]
        highest += [] if above is None else [above - step]
    return Bounds(max(lowest), min(highest, default=None), until)


def narrowest(found: Sequence[Bounds]) -> Bounds:
    """Return the bounds outside which at least one of several sees a candidate; good as long as all are."""
    return Bounds(
        max(one.low for one in found),
        min((one.high for one in found if one.high is not None), default=None),
        min((one.valid_until for one in found if one.valid_until is not None), default=None),
    )


def _limits(facts: Facts, thresholds: Thresholds, memory: Memory, at: datetime) -> Iterator[limits.Limit]:
    yield from limits.of(facts, thresholds, memory, at=at)
    yield from limits.usual(thresholds, memory, at=at)


def _nearest_slips(
    facts: Facts, thresholds: Thresholds, memory: Memory, at: datetime
) -> Iterator[tuple[Decimal | None, Decimal | None]]:
    """Return for each price that may have been meant its next unknown slips below and above the last price."""
    if not memory.last or not (thresholds.decimal_shift or thresholds.cents_as_yuan or thresholds.digit_slips):
        return
    days = thresholds.familiar_days or FAMILIAR_DAYS
    known = memory.known(days=days, at=at)
    for meant in {*memory.believed(days=days, at=at), *known}:
        found = slips.in_order(meant, currency=facts.currency)
        above = bisect.bisect_left(found, memory.last.price)
        below = above - 1
        while below >= 0 and found[below] in known:
            below -= 1
        while above < len(found) and found[above] in known:
            above += 1
        yield found[below] if below >= 0 else None, found[above] if above < len(found) else None


def _valid_until(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> datetime | None:
    """Return when time alone changes the answer: a low leaves its window, a price is forgotten, a promotion turns."""
    ends = {timedelta(days=days) for days in (thresholds.familiar_days or FAMILIAR_DAYS, FAMILIAR_DAYS)}
    moments = [sighting.last_at + familiar for sighting in memory.familiar.values() for familiar in ends]
    for days, _, _ in limits.LOWS:
        moments += [low.until + timedelta(days=days) for low in memory.lows if low.until]
    for promotion in facts.promotions:
        if facts.sku in promotion.skus:
            moments += [promotion.starts_at, promotion.ends_at]
    return min((moment for moment in moments if moment >= at), default=None)
