"""Thresholds drawn from what a merchant usually does, with what they would have caught."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from pricing_guard.rules import money, replay, slips
from pricing_guard.rules.facts import Promotion
from pricing_guard.rules.memory import PastPrice
from pricing_guard.rules.orders import Sold
from pricing_guard.rules.promotions import worst_stack
from pricing_guard.rules.thresholds import DEFAULT, USUAL_LISTINGS, Thresholds
from pricing_guard.rules.trial import KEPT_FOR

USUAL_SHARE = Decimal("0.995")
STEP = Decimal(5)
LEAST = Decimal(20)
MOST_DROP = Decimal(95)
ENOUGH_MOVES = 20
ENOUGH_ORDERS = 50
ROOM = 2
EXAMPLES = 20
COMMON = Decimal("0.006")  # of the listings of a shop; of a large one the default's count is enough
LEAST_COMMON = 6
ENOUGH_LISTINGS = 20
COUNTS = ("units_per_order", "units_per_10_minutes", "usual_listings")


@dataclass(frozen=True)
class Evidence:
    """Where one recommended number comes from: the usual limit of what was seen, over how many cases."""

    field: str
    value: Decimal
    usual: Decimal
    cases: int


@dataclass(frozen=True)
class Recommendation:
    """Thresholds to start from, where they come from, and what they would have flagged."""

    thresholds: Thresholds
    evidence: tuple[Evidence, ...]
    looked_at: int
    flagged: int
    examples: tuple[replay.Outcome, ...]


def recommend(
    history: Mapping[str, Sequence[PastPrice]],
    *,
    currency: str,
    promotions: Iterable[tuple[Decimal, Promotion]] = (),
    sold: Mapping[str, Sequence[Sold]] | None = None,
) -> Recommendation:
    """Recommend thresholds from price histories (oldest first), promotions with the price they met, and orders.

    A number is left blank where too little was seen to say what is usual. Prices that were mistyped and put right
    within a day say nothing of what is usual.
    """
    evidence = [*_moves(history, currency), *_discounts(promotions), *_orders(sold or {}), *_common(history)]
    values: dict[str, object] = {one.field: int(one.value) if one.field in COUNTS else one.value for one in evidence}
    thresholds = replace(DEFAULT, currency=currency, **values)  # type: ignore[arg-type]
    outcomes = list(caught(thresholds, history, currency=currency))
    flagged = [one for one in outcomes if one.judgement.findings]
    flagged.sort(key=lambda one: -one.judgement.severity)
    return Recommendation(thresholds, tuple(evidence), len(outcomes), len(flagged), tuple(flagged[:EXAMPLES]))


def caught(
    thresholds: Thresholds, history: Mapping[str, Sequence[PastPrice]], *, currency: str
) -> Iterable[replay.Outcome]:
    """Put price histories through the guard as it would have been with these thresholds."""
    events = [replay.PriceSet(sku, past.at, past.price, currency) for sku, pasts in history.items() for past in pasts]
    events.sort(key=_when)
    if not events:
        return []
    return replay.replay(replay.whole_shop(thresholds, at=events[0].at), events)


def _when(event: replay.PriceSet) -> datetime:
    return event.at


def without_mistakes(pasts: Sequence[PastPrice], *, currency: str) -> Iterator[PastPrice]:
    """Leave out what was mistyped and put right: a shop's mistakes are none of its habits.

    Such a price stood once, for less than a day, between the same price before and after, of which it is a slip.
    """
    counts = Counter(past.price for past in pasts)
    for place, past in enumerate(pasts):
        around = pasts[place - 1 : place + 2] if place else []
        if counts[past.price] > 1 or not _is_mistake(around, currency):
            yield past


def _is_mistake(around: Sequence[PastPrice], currency: str) -> bool:
    if len(around) < 3:
        return False
    before, past, after = around
    put_right = after.price == before.price and after.at - past.at < KEPT_FOR
    return put_right and past.price in slips.slips_of(before.price, currency=currency)


def _moves(history: Mapping[str, Sequence[PastPrice]], currency: str) -> list[Evidence]:
    drops: list[Decimal] = []
    rises: list[Decimal] = []
    for pasts in history.values():
        for before, after in itertools.pairwise(without_mistakes(pasts, currency=currency)):
            if before.price <= 0 or after.price <= 0 or before.price == after.price:
                continue
            change = money.change_percent(after.price, before.price)
            (drops if change < 0 else rises).append(abs(change))
    found = []
    for name, seen, most in (("max_drop_last", drops, MOST_DROP), ("max_rise_last", rises, None)):
        if len(seen) >= ENOUGH_MOVES:
            usual = _usual(seen)
            value = max(_stepped(usual), LEAST)
            found.append(Evidence(name, min(value, most) if most else value, usual, len(seen)))
    return found


def _discounts(promotions: Iterable[tuple[Decimal, Promotion]]) -> list[Evidence]:
    seen = [
        (price - worst_stack(price, [one]).unit_price) * money.HUNDRED / price for price, one in promotions if price > 0
    ]
    if len(seen) < ENOUGH_MOVES:
        return []
    usual = _usual(seen)
    return [Evidence("max_total_discount", min(_stepped(usual) + STEP, MOST_DROP), usual, len(seen))]


def _orders(sold: Mapping[str, Sequence[Sold]]) -> list[Evidence]:
    sizes = [Decimal(line.quantity) for lines in sold.values() for line in lines if line.quantity > 0]
    if len(sizes) < ENOUGH_ORDERS:
        return []
    usual = _usual(sizes)
    return [Evidence("units_per_order", usual.to_integral_value(rounding=ROUND_CEILING) * ROOM, usual, len(sizes))]


def common_in(listings: int) -> int:
    """Return in how many listings of a shop of this size a price is common: in a small one fewer know it."""
    share = int((COMMON * listings).to_integral_value(rounding=ROUND_CEILING))
    return min(max(share, LEAST_COMMON), USUAL_LISTINGS) if listings >= ENOUGH_LISTINGS else USUAL_LISTINGS


def _common(history: Mapping[str, Sequence[PastPrice]]) -> list[Evidence]:
    value = common_in(len(history))
    if value == USUAL_LISTINGS:
        return []
    return [Evidence("usual_listings", Decimal(value), Decimal(value), len(history))]


def _usual(seen: Sequence[Decimal]) -> Decimal:
    """Return the value that all but one case in two hundred stay below."""
    ordered = sorted(seen)
    place = int((USUAL_SHARE * len(ordered)).to_integral_value(rounding=ROUND_CEILING)) - 1
    return ordered[max(place, 0)]


def _stepped(value: Decimal) -> Decimal:
    return (value / STEP).to_integral_value(rounding=ROUND_CEILING) * STEP
