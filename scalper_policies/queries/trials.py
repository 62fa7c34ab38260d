"""Thresholds tried on a shop's own past: how many orders they would have warned of."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from merchant_protection.risk import queries as risk
from scalper_policies.queries import histories
from scalper_policies.rules import order_history
from scalper_policies.rules import warnings as rules

TRIED = timedelta(days=30)
MOST_TRIED = 3000
# The stock of days gone by is not kept, and whether a product was scarce follows from it.
NOT_TRIED = frozenset({rules.Kind.SCALPER_ON_HOT_SKU})


@dataclass(frozen=True)
class Trial:
    """How many of the tried orders each kind would have warned of, and how many there were."""

    orders: int
    is_partial: bool
    by_kind: dict[str, int]


def thresholds_of(merchant_id: int) -> rules.Thresholds:
    """Return the thresholds that hold in a shop."""
    own = risk.limits_of(merchant_id)
    return rules.thresholds_of(own.values) if own else rules.Thresholds()


def of_last_month(merchant_id: int, *sets: rules.Thresholds, at: datetime) -> list[Trial]:
    """Return for each set of thresholds what it would have warned of in the last 30 days, order by order.

    Each order sees only what came before it. Unpaid orders are judged when the wait for their payment was over.
    """
    history, ids = histories.past(merchant_id, since=at - TRIED, until=at, most=MOST_TRIED)
    tried = set(ids)
    orders = [order for order in history.orders if order.pk in tried]
    trials = []
    for thresholds in sets:
        found: Counter[str] = Counter()
        for order in orders:
            placed = {warned.kind.value for warned in _warned(history, order, thresholds, order.placed_at)}
            later = {warned.kind.value for warned in _warned(history, order, thresholds, _unpaid_at(order, thresholds))}
            found.update(placed | later)
        for claim in history.after_sales:
            if claim.kind == "REFUND_ONLY" and at - TRIED < claim.opened_at <= at:
                facts = history.claim_facts_of(claim, at=claim.opened_at)
                found.update([rules.Kind.EXTORTION.value] if _claims(facts, thresholds) else [])
        trials.append(Trial(len(orders), len(ids) >= MOST_TRIED, dict(found)))
    return trials


def _warned(
    history: order_history.History, order: order_history.Order, thresholds: rules.Thresholds, at: datetime
) -> tuple[rules.Warned, ...]:
    facts = history.facts_of(order, at=at)
    unshipped = order_history.unshipped(facts)
    return rules.warn(unshipped, at=at, thresholds=thresholds)


def _unpaid_at(order: order_history.Order, thresholds: rules.Thresholds) -> datetime:
    return order.placed_at + thresholds.unpaid_for


def _claims(facts: rules.ClaimFacts, thresholds: rules.Thresholds) -> bool:
    return rules.warn_of_claim(facts, at=facts.opened_at, thresholds=thresholds) is not None
