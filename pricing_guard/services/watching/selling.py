"""What sold below the price we believe in, noted order by order so that it is counted from a small table."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import Listing, OrderLine
from pricing_guard.models import AffectedOrder, Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.rules.orders import Sold

# Incidents are locked before their orders, as the answers of people lock them.
LEDGER = """
UPDATE pricing_guard_incident SET ledger_due_at = %(at)s WHERE id IN (
  SELECT own.id FROM pricing_guard_incident own
  WHERE own.merchant_id = %(shop)s AND own.id IN (
    SELECT affected.incident_id
    FROM pricing_guard_affectedorder affected
    JOIN marketplace_order bought ON bought.merchant_id = affected.merchant_id AND bought.id = affected.order_id
    WHERE affected.merchant_id = %(shop)s AND affected.order_id = ANY(%(orders)s)
      AND bought.status IN ('SHIPPED', 'DELIVERED', 'CANCELLED', 'EXPIRED', 'REFUNDED')
  )
  ORDER BY own.id FOR UPDATE
)
"""
SETTLE = """
UPDATE pricing_guard_affectedorder own SET is_settled = true
FROM marketplace_order bought
WHERE own.merchant_id = %(shop)s AND own.order_id = ANY(%(orders)s) AND bought.merchant_id = own.merchant_id
  AND bought.id = own.order_id AND NOT own.is_settled
  AND bought.status IN ('SHIPPED', 'DELIVERED', 'CANCELLED', 'EXPIRED', 'REFUNDED')
"""


@transaction_required
def settle(merchant_id: int, order_ids: Collection[int], *, at: datetime) -> None:
    """Note which of these orders are over; the ledger of what that touches is brought up to date by a sweep.

    An order that was sent and comes back is over twice: what was lost is recovered.
    """
    facts: dict[str, Any] = {"at": at, "shop": merchant_id, "orders": sorted(order_ids)}
    with connection.cursor() as cursor:
        cursor.execute(LEDGER, facts)
        cursor.execute(SETTLE, facts)


@transaction_required
def note(
    listing: Listing, lines: Iterable[OrderLine], *, incident: Incident | None, reference: Decimal
) -> list[AffectedOrder]:
    """Note orders that bought a listing below its reference; return those that were not known, oldest first."""
    by_order: dict[int, list[OrderLine]] = {}
    for line in lines:
        by_order.setdefault(line.order_id, []).append(line)
    known = queries.known_orders(listing, by_order)
    fresh = []
    for order_id, of_order in by_order.items():
        quantity = sum(line.quantity for line in of_order)
        each = sum((line.paid for line in of_order), Decimal(0)) / quantity
        if order_id in known or each >= reference:
            continue
        first = of_order[0]
        fresh.append(
            AffectedOrder(
                merchant_id=listing.merchant_id,
                incident=incident,
                listing=listing,
                order=first.order,
                buyer_id=first.buyer_id,
                quantity=quantity,
                unit_paid=each.quantize(Decimal("0.0001")),
                reference=reference,
                currency=first.order.currency,
                placed_at=first.at,
            )
        )
    AffectedOrder.objects.bulk_create(fresh)
    return sorted(fresh, key=lambda one: (one.placed_at, one.order_id))


def sold_in(affected: AffectedOrder) -> Sold:
    """Return an affected order as the rules count it."""
    return Sold(
        order=affected.order.number,
        buyer=str(affected.buyer_id or affected.order.number),
        quantity=affected.quantity,
        unit_paid=affected.unit_paid,
        placed_at=affected.placed_at,
        settled=affected.is_settled,
    )


def sold_before(listing: Listing, left_out: Collection[int], *, since: datetime) -> list[Sold]:
    """Return what was sold of a listing below its reference and still counts."""
    rows: Sequence[AffectedOrder] = queries.counted_orders(listing, since=since, left_out=left_out)
    return [sold_in(row) for row in rows]
