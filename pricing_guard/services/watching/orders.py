"""Orders through the guard: how fast they come below the price we believe in, and what is at stake."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import Listing, OrderLine
from merchant_protection.marketplace.rules.wishes import LONGEST_HOLD, Mode, Wish
from merchant_protection.marketplace.services import actions
from pricing_guard.lifecycle import IncidentStatus
from pricing_guard.models import AffectedOrder, Incident
from pricing_guard.queries import incidents
from pricing_guard.queries import listings as queries
from pricing_guard.rules import orders, replay
from pricing_guard.rules.findings import Reference
from pricing_guard.rules.thresholds import Thresholds
from pricing_guard.services.incidents import ledger, opening, stopping
from pricing_guard.services.watching import loading, selling
from pricing_guard.services.watching.loading import Held, Looked

COUNTED_BACK = timedelta(days=1)
TOO_MANY = "too many units below the price we believe in"
LIMITS = ("orders_per_minute", "units_per_10_minutes", "units_per_order", "units_per_buyer", "exposure_cap")


@transaction_required
def judge(merchant_id: int, order_ids: Collection[int], *, at: datetime) -> list[Looked]:
    """Look at orders that came or changed: settle those that are over, and judge what was bought too cheaply.

    Returns the listings whose orders were objected to.
    """
    cheap: dict[int, list[OrderLine]] = defaultdict(list)
    for line in incidents.cheap_lines(merchant_id, order_ids):
        cheap[line.listing_id or 0].append(line)
    known = incidents.listings_of(merchant_id, order_ids)
    guards = queries.lock_guards(merchant_id, {*cheap, *known})
    if known:
        selling.settle(merchant_id, order_ids, at=at)
    if not cheap:
        return []
    rows = queries.listings(cheap)
    held = loading.hold(merchant_id, rows, guards, at=at)
    there = incidents.open_on(merchant_id, list(cheap))
    looked = []
    for row in rows:
        found = _judge_listing(held, row, cheap[row.pk], there.get(row.pk), at=at)
        looked += [found] if found else []
    opening.settle(held, looked, source=Incident.Source.ORDERS, at=at)
    return looked


def _judge_listing(
    held: Held, row: Listing, lines: Sequence[OrderLine], incident: Incident | None, *, at: datetime
) -> Looked | None:
    """Judge the orders of one listing; None when they are fine, or when it is stopped already."""
    listing = held.shop.listings[row.sku]
    policy, facts = held.published.policy, listing.facts
    resolved = policy.holding_for(facts)
    watching = [one for _, one in policy.watching(sku=facts.sku, category=facts.category)]
    is_limited = any(getattr(one.thresholds, name) is not None for one in (resolved, *watching) for name in LIMITS)
    if not is_limited and incident is None:
        return None
    reference = replay.order_reference(listing.facts, listing.memory, held.shop.windows, at=at)
    if reference is None:
        return None
    listing.sold = selling.sold_before(row, {line.order_id for line in lines}, since=at - COUNTED_BACK)
    ours = [line for line in lines if incident is not None and line.at >= incident.since]
    fresh = selling.note(row, ours, incident=incident, reference=reference.amount)
    fresh += selling.note(row, _in_force(listing, lines, ours, reference), incident=None, reference=reference.amount)
    if incident is not None and incident.status == IncidentStatus.TRIPPED:
        stopping.hold_late(incident, actor=opening.CLOCK, at=at)
        ledger.bring_up_to_date(incident, at=at)
        return None
    found = None
    for affected in sorted(fresh, key=lambda one: (one.placed_at, one.order_id)):
        sold = selling.sold_in(affected)
        _hold_alone(held, row, sold, listing.sold, resolved.thresholds, reference, at=at)
        event = replay.Ordered(row.sku, max(affected.placed_at, at - COUNTED_BACK), sold)
        outcome = replay.step(policy, held.shop, event)[0]
        if outcome.judgement.findings or outcome.watched:
            found = Looked(row, outcome, resolved, cause=f"orders:{row.sku}"[:120])
    return found


def _in_force(
    listing: replay.Listing, lines: Sequence[OrderLine], ours: Sequence[OrderLine], reference: Reference
) -> list[OrderLine]:
    """Return the other lines that were ordered while the price they are held against was in force.

    An older order that changes today, because it is sent or handed over, paid what was asked then.
    """
    begun = listing.memory.begun(reference.at) if reference.at else None
    return [line for line in lines if line not in ours and (begun is None or line.at >= begun)]


def _hold_alone(
    held: Held,
    row: Listing,
    sold: orders.Sold,
    before: Sequence[orders.Sold],
    thresholds: Thresholds,
    reference: Reference,
    *,
    at: datetime,
) -> None:
    """Hold one order that is too large by itself, or for its buyer; it releases itself within a day."""
    by_buyer = sum(line.quantity for line in before if line.buyer == sold.buyer and line.unit_paid < reference.amount)
    if not orders.must_hold(sold, thresholds, reference=reference, by_buyer=by_buyer):
        return
    resolved = held.published.policy.holding_for(held.shop.listings[row.sku].facts)
    response = held.published.policy.response(resolved)
    policy_id = resolved.leading.policy_id if resolved.leading else 0
    wish = Wish(
        merchant_id=held.merchant_id,
        verb="hold_order",
        ref=sold.order,
        feature=incidents.FEATURE,
        rule=f"policy-{policy_id}",
        rule_version=str(held.published.numbers.get(policy_id, "")),
        cause=f"orders:{row.sku}"[:120],
        reason=TOO_MANY,
        release_after=LONGEST_HOLD,
    )
    action = actions.ask(wish, mode=Mode(response.mode.value), actor=opening.CLOCK, at=at)
    if action.status in stopping.ON_ITS_WAY:
        AffectedOrder.objects.filter(merchant_id=held.merchant_id, listing=row, order__number=sold.order).update(
            is_held=True
        )
