"""What a buyer pays when every promotion is stacked (到手价), and promotions that were typed wrongly."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from pricing_guard.rules import limits, money
from pricing_guard.rules.facts import Facts, Promotion, PromotionKind
from pricing_guard.rules.findings import Check, Finding, Reason, Reference, Severity, depth
from pricing_guard.rules.memory import Memory
from pricing_guard.rules.thresholds import Thresholds

MISTYPED = frozenset({Check.COUPON_ABOVE_THRESHOLD, Check.PERCENT_AS_MONEY, Check.PROMOTION_ENDS_BEFORE_START})
MOST_STACKS = 4096
ROUND_PERCENTS = frozenset(Decimal(step) for step in range(5, 100, 5))
PERCENT_LIKE = Decimal(60)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Stack:
    """What one unit costs a buyer, buying how many, with which promotions."""

    unit_price: Decimal
    quantity: int = 1
    codes: tuple[str, ...] = ()


def worst_stack(price: Decimal, running: Sequence[Promotion]) -> Stack:
    """Return the lowest price per unit a buyer can reach, over every allowed stack and quantity.

    Of promotions that share a stack group a buyer uses one; those without a
    group stack with everything. Fixed prices come first, then percentages,
    then money off, which is the order that costs most. Money off above a
    threshold is shared by the units it takes to reach it.
    """
    stacks = (_cheapest(price, chosen) for chosen in _stacks(running))
    return min(stacks, key=lambda stack: (stack.unit_price, stack.quantity, len(stack.codes)))


def typical_stack(price: Decimal, running: Sequence[Promotion]) -> Stack:
    """Return what a buyer of one unit pays with the best single promotion that applies to it."""
    single = [_priced(price, (one,), 1) for one in running]
    return min([Stack(price), *single], key=lambda stack: stack.unit_price)


def look(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> Iterator[Finding]:
    """Return what the promotions running on a listing break: floor, cost, largest discount, zero."""
    running = [one for one in facts.running(at) if one.by_merchant]
    if thresholds.coupon_sense:
        for promotion in running:
            yield from mistyped(promotion, currency=facts.currency, price=facts.price)
    if not running or not _stacks_matter(thresholds):
        return
    stack = worst_stack(facts.price, running)
    if stack.unit_price >= facts.price:
        return
    yield from _stack_findings(stack, facts, thresholds)
    base = _discount_base(facts, memory)
    allowed = thresholds.max_total_discount
    if allowed is not None and stack.unit_price < money.lowest_after_drop(base.amount, allowed):
        params = _told(stack, facts) | {
            "percent": str(allowed),
            "reference": str(base.amount),
            "change": str(abs(money.change_percent(stack.unit_price, base.amount))),
        }
        severity = depth(stack.unit_price, base.amount)
        yield Finding(Check.TOTAL_DISCOUNT, severity, Reason("TOTAL_DISCOUNT", params), base)


def mistyped(promotion: Promotion, *, currency: str, price: Decimal | None = None) -> Iterator[Finding]:
    """Return what is odd about one promotion by itself, before it starts.

    1000 off 200 typed for 200 off 1000; a percentage typed as money, or money
    as a percentage; an end before its start.
    """
    params = {"code": promotion.code, "value": str(promotion.value), "currency": currency}
    if promotion.ends_at <= promotion.starts_at:
        times = {"starts_at": promotion.starts_at.isoformat(), "ends_at": promotion.ends_at.isoformat()}
        check = Check.PROMOTION_ENDS_BEFORE_START
        yield Finding(check, Severity.SERIOUS, Reason(check.value, params | times))
    money_off = promotion.kind in (PromotionKind.COUPON, PromotionKind.THRESHOLD)
    threshold = promotion.threshold
    if money_off and threshold is not None and 0 < threshold <= promotion.value:
        check = Check.COUPON_ABOVE_THRESHOLD
        reason = Reason(check.value, params | {"threshold": str(threshold)})
        yield Finding(check, Severity.CRITICAL, reason, Reference("COUPON_THRESHOLD", threshold))
    elif _percent_as_money(promotion, price) or _money_as_percent(promotion):
        check = Check.PERCENT_AS_MONEY
        told = params | {"price": str(price) if price is not None else "", "kind": promotion.kind.value}
        is_percentage = promotion.kind == PromotionKind.PERCENTAGE and promotion.value < money.HUNDRED
        severity = Severity.DOUBTFUL if is_percentage else Severity.SERIOUS
        yield Finding(check, severity, Reason(check.value, told))


def _percent_as_money(promotion: Promotion, price: Decimal | None) -> bool:
    """Money off that takes more than half of the price and reads like a percentage; or 'fixed price 80'."""
    if price is None or promotion.value not in ROUND_PERCENTS:
        return False
    if promotion.kind == PromotionKind.FIXED_PRICE:
        return promotion.value * 5 < price
    if promotion.kind == PromotionKind.COUPON and promotion.threshold is None:
        return promotion.value * 2 > price
    return False


def _money_as_percent(promotion: Promotion) -> bool:
    """A percentage nobody gives: 80 % off where 20 % off (80 % of the price) was meant, or above a hundred."""
    return promotion.kind == PromotionKind.PERCENTAGE and promotion.value >= PERCENT_LIKE


def _stacks_matter(thresholds: Thresholds) -> bool:
    return bool(thresholds.stack_below_floor) or thresholds.max_total_discount is not None


def _stack_findings(stack: Stack, facts: Facts, thresholds: Thresholds) -> Iterator[Finding]:
    params = _told(stack, facts)
    if stack.unit_price <= 0:
        yield Finding(Check.STACK_AT_ZERO, Severity.CRITICAL, Reason("STACK_AT_ZERO", params))
        return
    if not thresholds.stack_below_floor:
        return
    floor, cost = thresholds.floor_price, limits.cost_of(facts, thresholds)
    pairs = ((Check.STACK_BELOW_FLOOR, "FLOOR", floor), (Check.STACK_BELOW_COST, "COST", cost))
    for check, kind, amount in pairs:
        if amount is not None and stack.unit_price < amount:
            severity = max(depth(stack.unit_price, amount), Severity.SERIOUS)
            reason = Reason(check.value, params | {"limit": str(amount)})
            yield Finding(check, severity, reason, Reference(kind, amount))


def _told(stack: Stack, facts: Facts) -> dict[str, str]:
    return {
        "price": str(facts.price),
        "effective": str(money.rounded(stack.unit_price, facts.currency)),
        "quantity": str(stack.quantity),
        "codes": ", ".join(stack.codes),
        "currency": facts.currency,
    }


def _discount_base(facts: Facts, memory: Memory) -> Reference:
    """Discounts are counted from the list price, or else from the median of accepted prices."""
    if facts.list_price:
        return Reference("LIST", facts.list_price)
    median = memory.median()
    return Reference("MEDIAN", median) if median else Reference("PRICE", facts.price)


def _stacks(running: Sequence[Promotion]) -> Iterable[tuple[Promotion, ...]]:
    """Return every set of promotions a buyer may combine; past thousands, one set holding them all."""
    groups: dict[object, list[Promotion | None]] = {}
    for place, one in enumerate(running):
        key: object = one.stack_group if one.stack_group is not None else place
        groups.setdefault(key, [None]).append(one)
    count = 1
    for choices in groups.values():
        count *= len(choices)
    if count > MOST_STACKS:
        return [tuple(running)]
    chosen = itertools.product(*groups.values())
    return [tuple(one for one in stack if one is not None) for stack in chosen]


def _cheapest(price: Decimal, chosen: tuple[Promotion, ...]) -> Stack:
    """Try buying one unit, and as many as it takes to reach each threshold."""
    quantities = {1}
    for one in chosen:
        unit = _base(price, chosen)
        if one.threshold is not None and one.threshold > unit > 0:
            quantities.add(int((one.threshold / unit).to_integral_value(rounding=ROUND_CEILING)))
    stacks = (_priced(price, chosen, quantity) for quantity in sorted(quantities))
    return min(stacks, key=lambda stack: stack.unit_price)


def _priced(price: Decimal, chosen: tuple[Promotion, ...], quantity: int) -> Stack:
    base = _base(price, chosen)
    total = base * quantity
    used = [one for one in chosen if one.threshold is None or one.threshold <= base * quantity]
    for one in used:
        if one.kind == PromotionKind.PERCENTAGE:
            total *= (money.HUNDRED - min(one.value, money.HUNDRED)) / money.HUNDRED
    for one in used:
        if one.kind in (PromotionKind.COUPON, PromotionKind.THRESHOLD):
            total -= one.value
    return Stack(max(total, ZERO) / quantity, quantity, tuple(one.code for one in used))


def _base(price: Decimal, chosen: tuple[Promotion, ...]) -> Decimal:
    fixed = [one.value for one in chosen if one.kind == PromotionKind.FIXED_PRICE]
    return min([price, *fixed])
