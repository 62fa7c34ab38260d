"""What a check has to say: which check, how bad, why, and against which reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

HALF = Decimal("0.5")
FIFTH = Decimal("0.2")


class Severity(IntEnum):
    """How much a finding costs if it is right."""

    NOTE = 0
    DOUBTFUL = 1
    SERIOUS = 2
    CRITICAL = 3


class Verdict(StrEnum):
    """What becomes of a price that asks to be published."""

    ALLOW = "ALLOW"
    CONFIRM = "CONFIRM"
    BLOCK = "BLOCK"


class Check(StrEnum):
    """Everything the guard looks for, by the name kept in records."""

    ZERO_PRICE = "ZERO_PRICE"
    CURRENCY_CHANGED = "CURRENCY_CHANGED"
    BELOW_FLOOR = "BELOW_FLOOR"
    ABOVE_CEILING = "ABOVE_CEILING"
    BELOW_COST = "BELOW_COST"
    THIN_MARGIN = "THIN_MARGIN"
    DROP_FROM_LAST = "DROP_FROM_LAST"
    RISE_FROM_LAST = "RISE_FROM_LAST"
    DROP_FROM_LOW_7 = "DROP_FROM_LOW_7"
    DROP_FROM_LOW_30 = "DROP_FROM_LOW_30"
    DROP_FROM_LOW_90 = "DROP_FROM_LOW_90"
    DROP_FROM_MEDIAN = "DROP_FROM_MEDIAN"
    RISE_FROM_MEDIAN = "RISE_FROM_MEDIAN"
    DROP_FROM_LIST = "DROP_FROM_LIST"
    RISE_FROM_LIST = "RISE_FROM_LIST"
    DECIMAL_SHIFT = "DECIMAL_SHIFT"
    CENTS_AS_YUAN = "CENTS_AS_YUAN"
    DROPPED_DIGIT = "DROPPED_DIGIT"
    DOUBLED_DIGIT = "DOUBLED_DIGIT"
    SWAPPED_DIGITS = "SWAPPED_DIGITS"
    FAR_BELOW_USUAL = "FAR_BELOW_USUAL"
    FAR_ABOVE_USUAL = "FAR_ABOVE_USUAL"
    STACK_AT_ZERO = "STACK_AT_ZERO"
    STACK_BELOW_FLOOR = "STACK_BELOW_FLOOR"
    STACK_BELOW_COST = "STACK_BELOW_COST"
    TOTAL_DISCOUNT = "TOTAL_DISCOUNT"
    COUPON_ABOVE_THRESHOLD = "COUPON_ABOVE_THRESHOLD"
    PERCENT_AS_MONEY = "PERCENT_AS_MONEY"
    PROMOTION_ENDS_BEFORE_START = "PROMOTION_ENDS_BEFORE_START"
    ORDERS_PER_MINUTE = "ORDERS_PER_MINUTE"
    UNITS_PER_10_MINUTES = "UNITS_PER_10_MINUTES"
    UNITS_PER_ORDER = "UNITS_PER_ORDER"
    UNITS_PER_BUYER = "UNITS_PER_BUYER"
    EXPOSURE_CAP = "EXPOSURE_CAP"


# Limits a merchant states itself; every other check learns from the past or guesses what was meant.
STATED = frozenset(
    {
        *(Check.ZERO_PRICE, Check.BELOW_FLOOR, Check.ABOVE_CEILING, Check.BELOW_COST, Check.THIN_MARGIN),
        *(Check.STACK_AT_ZERO, Check.STACK_BELOW_FLOOR, Check.STACK_BELOW_COST),
        *(Check.ORDERS_PER_MINUTE, Check.UNITS_PER_10_MINUTES, Check.UNITS_PER_ORDER, Check.UNITS_PER_BUYER),
        Check.EXPOSURE_CAP,
    }
)

# What a person looks for when there are many: the group each check belongs to.
KINDS: Mapping[str, frozenset[Check]] = {
    "limits": frozenset(
        {Check.ZERO_PRICE, Check.BELOW_FLOOR, Check.ABOVE_CEILING, Check.BELOW_COST, Check.THIN_MARGIN}
        | {Check.CURRENCY_CHANGED}
    ),
    "moves": frozenset(
        {Check.DROP_FROM_LAST, Check.RISE_FROM_LAST, Check.DROP_FROM_LOW_7, Check.DROP_FROM_LOW_30}
        | {Check.DROP_FROM_LOW_90, Check.DROP_FROM_MEDIAN, Check.RISE_FROM_MEDIAN, Check.DROP_FROM_LIST}
        | {Check.RISE_FROM_LIST, Check.FAR_BELOW_USUAL, Check.FAR_ABOVE_USUAL}
    ),
    "slips": frozenset(
        {Check.DECIMAL_SHIFT, Check.CENTS_AS_YUAN, Check.DROPPED_DIGIT, Check.DOUBLED_DIGIT, Check.SWAPPED_DIGITS}
    ),
    "promotions": frozenset(
        {Check.STACK_AT_ZERO, Check.STACK_BELOW_FLOOR, Check.STACK_BELOW_COST, Check.TOTAL_DISCOUNT}
        | {Check.COUPON_ABOVE_THRESHOLD, Check.PERCENT_AS_MONEY, Check.PROMOTION_ENDS_BEFORE_START}
    ),
    "orders": frozenset(
        {Check.ORDERS_PER_MINUTE, Check.UNITS_PER_10_MINUTES, Check.UNITS_PER_ORDER, Check.UNITS_PER_BUYER}
        | {Check.EXPOSURE_CAP}
    ),
}


@dataclass(frozen=True)
class Reason:
    """Why, as a code with its figures; `words.tell` puts it into a sentence."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the reason as it is stored and sent."""
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True)
class Reference:
    """A price we believe in, what kind it is, and since when."""

    kind: str
    amount: Decimal
    at: datetime | None = None


@dataclass(frozen=True)
class Finding:
    """One check that objects to a price, a promotion or the orders on it."""

    check: Check
    severity: Severity
    reason: Reason
    reference: Reference | None = None


@dataclass(frozen=True)
class Judgement:
    """The guard's answer with everything that led to it, the worst first."""

    verdict: Verdict
    severity: Severity
    findings: tuple[Finding, ...] = ()
    excused: tuple[Finding, ...] = ()

    @property
    def worst(self) -> Finding | None:
        """Return the finding to show first."""
        return self.findings[0] if self.findings else None


def judge(findings: list[Finding], excused: list[Finding] | None = None) -> Judgement:
    """Turn findings into one answer: doubtful asks a person, serious and critical stop."""
    ordered = tuple(sorted(findings, key=lambda finding: -finding.severity))
    severity = ordered[0].severity if ordered else Severity.NOTE
    return Judgement(verdict_of(severity), severity, ordered, tuple(excused or ()))


def verdict_of(severity: Severity) -> Verdict:
    """Return what a severity means for a price that asks to be published."""
    if severity >= Severity.SERIOUS:
        return Verdict.BLOCK
    return Verdict.CONFIRM if severity == Severity.DOUBTFUL else Verdict.ALLOW


def depth(price: Decimal, reference: Decimal) -> Severity:
    """Return how bad it is to sell at `price` what we believe is worth `reference`."""
    if price <= reference * FIFTH:
        return Severity.CRITICAL
    return Severity.SERIOUS if price <= reference * HALF else Severity.DOUBTFUL
