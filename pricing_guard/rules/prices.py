"""Is this price meant? Every check on one price, and what excuses it."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from pricing_guard.rules import alike, limits, money, promotions, slips
from pricing_guard.rules.facts import Facts, Meaning, Window
from pricing_guard.rules.findings import Check, Finding, Judgement, Reason, Reference, Severity, depth, judge
from pricing_guard.rules.memory import Memory
from pricing_guard.rules.thresholds import FAMILIAR_DAYS, Thresholds

RISES = frozenset(
    {
        Check.ABOVE_CEILING,
        Check.RISE_FROM_LAST,
        Check.RISE_FROM_MEDIAN,
        Check.RISE_FROM_LIST,
        Check.FAR_ABOVE_USUAL,
        Check.CURRENCY_CHANGED,
    }
)
SMALL_IN_DOUBT = Decimal(4)
FEW_COINS, SMALL_IN_COINS = 3, Decimal("0.5")
SEEN_CHANGING = 2
TEN = Decimal(10)
NEAREST, FARTHEST = Decimal("0.5"), Decimal("1.2")
SLIPS = slips.DECIMAL_CHECKS | slips.DIGIT_CHECKS


def check(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> Judgement:
    """Judge a price (改价检查): allow it, ask somebody to confirm it, or block it, and say why."""
    findings: list[Finding] = []
    excused: list[Finding] = []
    windows = facts.open_windows(at)
    for finding in look(facts, thresholds, memory, at=at):
        (excused if _is_meant(finding, facts, windows, at) else findings).append(finding)
    return judge(findings, excused)


def look(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> Iterator[Finding]:
    """Return everything the checks object to, before windows and answers are considered."""
    if memory.last and facts.currency != memory.currency:
        params = {"currency": facts.currency, "usual": memory.currency}
        yield Finding(Check.CURRENCY_CHANGED, Severity.SERIOUS, Reason("CURRENCY_CHANGED", params))
        return
    if facts.price <= 0:
        params = {"price": str(facts.price), "currency": facts.currency}
        yield Finding(Check.ZERO_PRICE, Severity.CRITICAL, Reason("ZERO_PRICE", params))
        return
    yield from _beyond_limits(facts, thresholds, memory, at)
    if not is_familiar(facts, thresholds, memory, at=at):
        slip = find_slip(facts, thresholds, memory, at=at)
        if slip:
            yield _slip_finding(slip, facts, memory)
        elif near := nearly_shifted(facts, thresholds, memory, at=at):
            yield _near_finding(near, facts)
        elif far := list(_far_from_usual(facts, thresholds, memory, at)):
            yield from far
        elif thresholds.decimal_shift and (told := alike.shifted(facts, memory, at=at)):
            yield _alike_finding(told, facts)
    yield from promotions.look(facts, thresholds, memory, at=at)


def is_familiar(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> bool:
    """Say whether the listing has had this very price before; then it is neither a slip nor unusual."""
    days = thresholds.familiar_days or FAMILIAR_DAYS
    return facts.price in memory.familiar and facts.price in memory.known(days=days, at=at)


def find_slip(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> slips.Slip | None:
    """Return the slip that turns a believed price into this one, if the policy looks for slips.

    A digit slip onto a price the shop uses for many listings, or one too small
    to matter, is let go; while few prices were seen, small is eight times as
    large. A moved point goes before a digit, and may start from a price that
    was accepted a single time, long ago.
    """
    days = thresholds.familiar_days or FAMILIAR_DAYS
    if not (thresholds.decimal_shift or thresholds.cents_as_yuan or thresholds.digit_slips):
        return None
    believed = memory.believed(days=days, at=at)
    once = [price for price in memory.known(days=days, at=at) if price not in believed]
    found = [
        slip
        for meant in [*believed, *once]
        if (slip := slips.slips_of(meant, currency=facts.currency).get(facts.price))
        and (meant in believed or slip.check in slips.DECIMAL_CHECKS)
        and _looked_for(slip, facts, thresholds, memory)
    ]
    return min(found, key=lambda slip: slip.check not in slips.DECIMAL_CHECKS, default=None)


def nearly_shifted(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> slips.Slip | None:
    """Return the slip of a price that, its point moved back, lies beside a believed one, and far from all as it is.

    So a moved point is found although the price that was meant is a new one.
    """
    if not thresholds.decimal_shift or not limits.is_apart(facts.price, thresholds, memory, at=at):
        return None
    believed = memory.believed(days=thresholds.familiar_days or FAMILIAR_DAYS, at=at)
    for power in slips.POWERS:
        for moved in (power, -power):
            meant = facts.price.scaleb(moved)
            if any(abs(meant - one) <= one * limits.BESIDE for one in believed):
                return slips.Slip(Check.DECIMAL_SHIFT, money.rounded(meant, facts.currency), -moved)
    return None


def _near_finding(slip: slips.Slip, facts: Facts) -> Finding:
    params = {
        "price": str(facts.price),
        "meant": str(slip.meant),
        "currency": facts.currency,
        "places": str(abs(slip.power)),
    }
    severity = min(depth(facts.price, slip.meant), Severity.SERIOUS)
    return Finding(slip.check, severity, Reason(slip.check.value, params), Reference("NEAR", slip.meant))


def _alike_finding(slip: slips.Slip, facts: Facts) -> Finding:
    """What others cost is a hint, no proof: a person is asked, nothing is stopped for it."""
    params = {
        "price": str(facts.price),
        "meant": str(slip.meant),
        "currency": facts.currency,
        "places": str(abs(slip.power)),
        "count": str(facts.alike[slip.meant]),
    }
    return Finding(slip.check, Severity.DOUBTFUL, Reason("SHIFTED_AS_ALIKE", params), Reference("ALIKE", slip.meant))


def _looked_for(slip: slips.Slip, facts: Facts, thresholds: Thresholds, memory: Memory) -> bool:
    if slip.check == Check.CENTS_AS_YUAN:
        return bool(thresholds.cents_as_yuan or thresholds.decimal_shift)
    if slip.check == Check.DECIMAL_SHIFT:
        return bool(thresholds.decimal_shift)
    if not thresholds.digit_slips or facts.price in facts.usual_prices:
        return False
    return _is_large(slip, facts, thresholds, memory) and not _ends_as_usual(facts, memory)


def _is_large(slip: slips.Slip, facts: Facts, thresholds: Thresholds, memory: Memory) -> bool:
    """One or two coins may be how prices are rounded, and 5.99 after 5.90 is another ending, no digit typed twice."""
    change = abs(facts.price - slip.meant)
    smallest = thresholds.smallest_slip or Decimal(0)
    if limits.caution(memory) != 1 or slip.check == Check.DOUBLED_DIGIT:
        smallest = max(smallest, SMALL_IN_DOUBT)
    elif change < FEW_COINS * money.quantum(facts.currency):
        smallest = max(smallest, SMALL_IN_COINS)
    return change * money.HUNDRED >= smallest * slip.meant


def _ends_as_usual(facts: Facts, memory: Memory) -> bool:
    """Say whether a price ends as one near it that the listing has had: shops change their prices that way.

    The ending is the last whole digit with what follows it (1,549.00 and 1,459.00 both end in 9.00), or only what
    follows the point below ten, and where the listing's own prices differ in that digit. A listing that has had
    a single price so far has not shown that it changes them.
    """
    if len(memory.familiar) < SEEN_CHANGING:
        return False
    near = [one for one in memory.familiar if one * NEAREST <= facts.price <= one * FARTHEST]
    digits = {one // 1 % TEN for one in near if one % 1 == facts.price % 1}
    return facts.price // 1 % TEN in digits or len(digits) > 1 or bool(digits and facts.price < TEN)


def _slip_finding(slip: slips.Slip, facts: Facts, memory: Memory) -> Finding:
    params = {
        "price": str(facts.price),
        "meant": str(slip.meant),
        "currency": facts.currency,
        "places": str(abs(slip.power)),
    }
    seen = [past.at for past in memory.recent if past.price == slip.meant]
    reference = Reference("ACCEPTED", slip.meant, seen[-1] if seen else None)
    return Finding(slip.check, depth(facts.price, slip.meant), Reason(slip.check.value, params), reference)


def _beyond_limits(facts: Facts, thresholds: Thresholds, memory: Memory, at: datetime) -> Iterator[Finding]:
    for limit in limits.of(facts, thresholds, memory, at=at):
        if limit.crossed_by(facts.price):
            yield limit.finding(facts.price, facts.currency)


def _far_from_usual(facts: Facts, thresholds: Thresholds, memory: Memory, at: datetime) -> Iterator[Finding]:
    for limit in limits.usual(thresholds, memory, at=at):
        if limit.crossed_by(facts.price):
            yield limit.finding(facts.price, facts.currency)


def _is_meant(finding: Finding, facts: Facts, windows: list[Window], at: datetime) -> bool:
    """Say whether an open window or an answer explains what the check objects to.

    Windows explain low prices only. A slip is explained only by a window that
    names its lowest price, and a price of zero only by a gift.
    """
    if any(one.covers(sku=facts.sku, check=finding.check, at=at) for one in facts.suspensions):
        return finding.check != Check.ZERO_PRICE
    if finding.check in RISES:
        return False
    return any(_explains(window, finding, facts) for window in windows)


def _explains(window: Window, finding: Finding, facts: Facts) -> bool:
    if finding.check == Check.ZERO_PRICE:
        return window.reason == Meaning.GIFT and facts.price == 0
    if finding.reference and finding.check in SLIPS and facts.price > finding.reference.amount:
        return False
    if window.lowest_price is None:
        return finding.check not in SLIPS
    return facts.price >= window.lowest_price and finding.check not in promotions.MISTYPED
