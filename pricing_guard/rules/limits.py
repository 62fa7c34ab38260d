"""Limits on a price that are plain numbers: judged here, and the same numbers select candidates in SQL."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pricing_guard.rules import money
from pricing_guard.rules.facts import Facts
from pricing_guard.rules.findings import Check, Finding, Reason, Reference, Severity, depth
from pricing_guard.rules.memory import Memory
from pricing_guard.rules.thresholds import FAMILIAR_DAYS, Thresholds

LOWS = (
    (7, Check.DROP_FROM_LOW_7, "LOW_7"),
    (30, Check.DROP_FROM_LOW_30, "LOW_30"),
    (90, Check.DROP_FROM_LOW_90, "LOW_90"),
)

ENOUGH_SEEN = 8
CAUTION = 4
DEARER = 4
APART = Decimal("2.5")
CAUTION_BELOW = 2
BESIDE = Decimal("0.12")


@dataclass(frozen=True)
class Limit:
    """A lowest or a highest price, the check it belongs to, and the reference it comes from."""

    check: Check
    amount: Decimal
    is_lowest: bool
    reference: Reference
    percent: Decimal | None = None

    def crossed_by(self, price: Decimal) -> bool:
        """Say whether a price lies beyond the limit; the limit itself is still fine."""
        return price < self.amount if self.is_lowest else price > self.amount

    def finding(self, price: Decimal, currency: str) -> Finding:
        """Say what is wrong with a price beyond the limit, with every figure."""
        params = {
            "price": str(price),
            "currency": currency,
            "limit": str(money.rounded(self.amount, currency)),
            "reference": str(self.reference.amount),
        }
        if self.percent is not None:
            params["percent"] = str(self.percent)
        if self.reference.amount > 0:
            params["change"] = str(abs(money.change_percent(price, self.reference.amount)))
        severity = self._severity(price)
        return Finding(self.check, severity, Reason(self.check.value, params), self.reference)

    def _severity(self, price: Decimal) -> Severity:
        if not self.is_lowest:
            return Severity.DOUBTFUL
        how_bad = depth(price, self.reference.amount)
        meant_as_hard = self.check in (Check.BELOW_FLOOR, Check.BELOW_COST)
        # At half of what it cost every parcel that leaves is a loss, so what was ordered already is held too.
        return Severity(min(how_bad + 1, Severity.CRITICAL)) if meant_as_hard else how_bad


def of(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> Iterator[Limit]:
    """Return every limit that is set for a listing and whose reference is known."""
    yield from _absolute(facts, thresholds)
    last = memory.last
    if last:
        reference = Reference("LAST", last.price, last.at)
        yield from _drop(Check.DROP_FROM_LAST, reference, thresholds.max_drop_last)
        yield from _rise(Check.RISE_FROM_LAST, reference, thresholds.max_rise_last)
    allowed = (thresholds.max_drop_low_7, thresholds.max_drop_low_30, thresholds.max_drop_low_90)
    for (days, check, kind), percent in zip(LOWS, allowed, strict=True):
        low = memory.low(days=days, at=at) if percent is not None else None
        if low is not None:
            yield from _drop(check, Reference(kind, low), percent)
    judges_median = thresholds.max_drop_median is not None or thresholds.max_rise_median is not None
    median = memory.median() if judges_median else None
    if median is not None:
        reference = Reference("MEDIAN", median)
        yield from _drop(Check.DROP_FROM_MEDIAN, reference, thresholds.max_drop_median)
        yield from _rise(Check.RISE_FROM_MEDIAN, reference, thresholds.max_rise_median)
    if facts.list_price:
        reference = Reference("LIST", facts.list_price)
        yield from _drop(Check.DROP_FROM_LIST, reference, thresholds.max_drop_list)
        yield from _rise(Check.RISE_FROM_LIST, reference, thresholds.max_rise_list)


def usual(thresholds: Thresholds, memory: Memory, *, at: datetime) -> Iterator[Limit]:
    """Return how far a price may lie from all prices the listing has usually had.

    While few prices were seen the distance is four times as long: a second
    price far from the first is as often another way of selling as an error.
    Upwards it is four times as long again: too dear a price sells nothing, so
    it costs little to wait for one that is plainly wrong.
    """
    days = thresholds.familiar_days or FAMILIAR_DAYS
    if thresholds.far_from_usual is None or not memory.last:
        return
    believed = memory.believed(days=days, at=at)
    lowest, highest = min(believed), max(believed)
    ratio = thresholds.far_from_usual * caution(memory)
    yield Limit(Check.FAR_BELOW_USUAL, lowest / ratio, True, Reference("USUAL_LOW", lowest))
    yield Limit(Check.FAR_ABOVE_USUAL, highest * ratio * DEARER, False, Reference("USUAL_HIGH", highest))


def apart(thresholds: Thresholds, memory: Memory, *, at: datetime) -> tuple[Decimal, Decimal] | None:
    """Return between which prices nobody asks whether the point was nearly moved; None when nothing is known.

    Of a listing that is new a fall is asked about twice as soon as a rise, which costs nothing while nobody buys.
    """
    if not thresholds.decimal_shift or not memory.last:
        return None
    believed = memory.believed(days=thresholds.familiar_days or FAMILIAR_DAYS, at=at)
    far = caution(memory)
    return min(believed) / (APART * min(far, CAUTION_BELOW)), max(believed) * APART * far


def is_apart(price: Decimal, thresholds: Thresholds, memory: Memory, *, at: datetime) -> bool:
    """Say whether a price is far enough from every believed one to ask whether its point was nearly moved."""
    span = apart(thresholds, memory, at=at)
    return span is not None and not span[0] <= price <= span[1]


def caution(memory: Memory) -> int:
    """Return by how much more a price must differ while little is known of its listing."""
    return 1 if len(memory.recent) >= ENOUGH_SEEN else CAUTION


def _absolute(facts: Facts, thresholds: Thresholds) -> Iterator[Limit]:
    if thresholds.floor_price is not None:
        reference = Reference("FLOOR", thresholds.floor_price)
        yield Limit(Check.BELOW_FLOOR, thresholds.floor_price, True, reference)
    if thresholds.ceiling_price is not None:
        reference = Reference("CEILING", thresholds.ceiling_price)
        yield Limit(Check.ABOVE_CEILING, thresholds.ceiling_price, False, reference)
    cost = cost_of(facts, thresholds)
    if cost is None:
        return
    reference = Reference("COST", cost)
    if thresholds.never_below_cost or thresholds.cost is not None:
        yield Limit(Check.BELOW_COST, cost, True, reference)
    if thresholds.minimum_margin is not None:
        lowest = money.lowest_with_margin(cost, thresholds.minimum_margin)
        yield Limit(Check.THIN_MARGIN, lowest, True, reference, thresholds.minimum_margin)


def cost_of(facts: Facts, thresholds: Thresholds) -> Decimal | None:
    """Return what a unit costs: as the policy says, or else as the marketplace told us."""
    return thresholds.cost if thresholds.cost is not None else facts.cost


def _drop(check: Check, reference: Reference, percent: Decimal | None) -> Iterator[Limit]:
    if percent is not None:
        yield Limit(check, money.lowest_after_drop(reference.amount, percent), True, reference, percent)


def _rise(check: Check, reference: Reference, percent: Decimal | None) -> Iterator[Limit]:
    if percent is not None:
        yield Limit(check, money.highest_after_rise(reference.amount, percent), False, reference, percent)
