"""Orders on a wrong price: how fast they come, how large they are, how much they cost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from pricing_guard.rules import money
from pricing_guard.rules.findings import Check, Finding, Judgement, Reason, Reference, Severity, judge
from pricing_guard.rules.thresholds import Thresholds

MINUTE = timedelta(minutes=1)
TEN_MINUTES = timedelta(minutes=10)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Sold:
    """One line of an order on the listing: who, how many, and what was paid for each."""

    order: str
    buyer: str
    quantity: int
    unit_paid: Decimal
    placed_at: datetime
    settled: bool = False


def check(
    sold: Sequence[Sold], thresholds: Thresholds, *, reference: Reference | None, currency: str, at: datetime
) -> Judgement:
    """Judge the orders of one listing at a moment: velocity, units, exposure (敞口)."""
    return judge(list(look(sold, thresholds, reference=reference, currency=currency, at=at)))


def look(
    sold: Sequence[Sold], thresholds: Thresholds, *, reference: Reference | None, currency: str, at: datetime
) -> Iterator[Finding]:
    """Return what the orders of one listing object to; without a reference nothing is below it."""
    if reference is None:
        return
    cheap = [line for line in sold if line.placed_at <= at and _is_below(line, thresholds, reference)]
    if not cheap:
        return
    minute = {line.order for line in cheap if line.placed_at > at - MINUTE}
    ten = sum(line.quantity for line in cheap if line.placed_at > at - TEN_MINUTES)
    order, in_order = _most((line.order, line.quantity) for line in cheap)
    buyer, by_buyer = _most((line.buyer, line.quantity) for line in cheap)
    counted: list[tuple[Check, int | None, int, str]] = [
        (Check.ORDERS_PER_MINUTE, thresholds.orders_per_minute, len(minute), ""),
        (Check.UNITS_PER_10_MINUTES, thresholds.units_per_10_minutes, ten, ""),
        (Check.UNITS_PER_ORDER, thresholds.units_per_order, in_order, order),
        (Check.UNITS_PER_BUYER, thresholds.units_per_buyer, by_buyer, buyer),
    ]
    for what, most, count, who in counted:
        if most is not None and count > most:
            params = {"count": str(count), "limit": str(most), "who": who}
            params |= {"reference": str(reference.amount), "currency": currency}
            yield Finding(what, Severity.CRITICAL, Reason(what.value, params), reference)
    exposed = exposure(cheap, reference=reference.amount)
    if thresholds.exposure_cap is not None and exposed > thresholds.exposure_cap:
        params = {"exposed": str(money.rounded(exposed, currency)), "limit": str(thresholds.exposure_cap)}
        params |= {"orders": str(len({line.order for line in cheap})), "currency": currency}
        check_name = Check.EXPOSURE_CAP
        yield Finding(check_name, Severity.CRITICAL, Reason(check_name.value, params), reference)


def exposure(sold: Iterable[Sold], *, reference: Decimal) -> Decimal:
    """Return what the orders not yet settled cost against the reference, in money."""
    lines = (line for line in sold if not line.settled and line.unit_paid < reference)
    return sum(((reference - line.unit_paid) * line.quantity for line in lines), ZERO)


def must_hold(line: Sold, thresholds: Thresholds, *, reference: Reference | None, by_buyer: int) -> bool:
    """Say whether one order below the reference is to be held by itself: too many units of it or for its buyer.

    `by_buyer` is what the same buyer has already ordered below the reference.
    """
    if reference is None or not _is_below(line, thresholds, reference):
        return False
    too_many = thresholds.units_per_order is not None and line.quantity > thresholds.units_per_order
    most = thresholds.units_per_buyer
    return too_many or (most is not None and by_buyer + line.quantity > most)


def _is_below(line: Sold, thresholds: Thresholds, reference: Reference) -> bool:
    percent = thresholds.below_reference if thresholds.below_reference is not None else ZERO
    return line.unit_paid < money.lowest_after_drop(reference.amount, percent)


def _most(counts: Iterable[tuple[str, int]]) -> tuple[str, int]:
    totals: dict[str, int] = {}
    for who, count in counts:
        totals[who] = totals.get(who, 0) + count
    who = max(totals, key=lambda one: totals[one])
    return who, totals[who]
