"""The orders an incident touches: gathered when it opens, joined by those that follow."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from merchant_protection.foundation.transactions import transaction_required
from pricing_guard.models import Incident

# What was paid for each unit counts, discounts included; lines of one order on one listing are one row.
GATHER = """
INSERT INTO pricing_guard_affectedorder AS known
    (merchant_id, incident_id, listing_id, order_id, buyer_id, quantity, unit_paid, reference, currency, placed_at,
     is_settled, is_held, choice, chosen_by, draft, version)
SELECT line.merchant_id, own.id, line.listing_id, line.order_id, min(line.buyer_id), sum(line.quantity),
       round(sum(line.paid) / sum(line.quantity), 4), own.reference_price, own.currency, min(line.at),
       bool_or(bought.status IN ('SHIPPED', 'DELIVERED')), false, 'UNDECIDED', '', '', 1
FROM pricing_guard_incident own
JOIN marketplace_orderline line
  ON line.merchant_id = own.merchant_id AND line.listing_id = own.listing_id AND line.at >= own.since
JOIN marketplace_order bought ON bought.merchant_id = line.merchant_id AND bought.id = line.order_id
WHERE own.merchant_id = %(shop)s AND own.id = ANY(%(ids)s) AND own.reference_price IS NOT NULL
  AND line.quantity > 0 AND bought.kind = 'SALE' AND bought.status NOT IN ('CANCELLED', 'EXPIRED', 'REFUNDED')
GROUP BY line.merchant_id, own.id, line.listing_id, line.order_id
HAVING sum(line.paid) < own.reference_price * sum(line.quantity)
ON CONFLICT (merchant_id, order_id, listing_id) DO UPDATE SET incident_id = excluded.incident_id
WHERE known.incident_id IS NULL
"""
LATE = """
UPDATE pricing_guard_affectedorder late SET incident_id = own.id
FROM pricing_guard_incident own
WHERE own.merchant_id = %(shop)s AND own.id = ANY(%(ids)s) AND late.merchant_id = own.merchant_id
  AND late.listing_id = own.listing_id AND late.incident_id IS NULL AND late.placed_at >= %(from)s
"""


@transaction_required
def gather(incidents: Sequence[Incident], *, at: datetime) -> None:
    """Note every order that bought one of these listings below its reference since the price was wrong."""
    if not incidents:
        return
    shop, ids = incidents[0].merchant_id, [one.pk for one in incidents]
    by_orders = [one.pk for one in incidents if one.source == Incident.Source.ORDERS]
    with connection.cursor() as cursor:
        cursor.execute(GATHER, {"shop": shop, "ids": ids})
        if by_orders:
            since = min(one.since for one in incidents)
            cursor.execute(LATE, {"shop": shop, "ids": by_orders, "from": since})
