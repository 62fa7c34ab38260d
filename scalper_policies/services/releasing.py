"""What an order keeps of limits follows its state: cancelled, unpaid and refunded orders give back, exactly once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.models import Change

CONSUMER = "scalper_limits"
SWEEP_LIMIT = 1_000
# The end depends on the order's newest state alone, so that events twice or out of order change nothing.
FOLLOW = """
UPDATE scalper_policies_reservation kept
SET released_at = CASE WHEN own.status = ANY(kept.gives_back) THEN coalesce(kept.released_at, %(at)s) END,
    released_for = CASE WHEN own.status = ANY(kept.gives_back) THEN own.status ELSE '' END,
    unplaced_until = NULL
FROM marketplace_order own
WHERE own.id = ANY(%(orders)s) AND kept.merchant_id = own.merchant_id AND kept.number = own.number
  AND (kept.unplaced_until IS NOT NULL
       OR (kept.released_at IS NOT NULL) <> (own.status = ANY(kept.gives_back))
       OR kept.released_for = 'NOT_PLACED')
"""
NEVER_PLACED = """
UPDATE scalper_policies_reservation kept
SET released_at = CASE WHEN own.id IS NULL THEN %(at)s END,
    released_for = CASE WHEN own.id IS NULL THEN 'NOT_PLACED' ELSE '' END,
    unplaced_until = NULL
FROM scalper_policies_reservation due
LEFT JOIN marketplace_order own ON own.merchant_id = due.merchant_id AND own.number = due.number
WHERE due.id IN (
    SELECT id FROM scalper_policies_reservation
    WHERE unplaced_until <= %(at)s AND released_at IS NULL ORDER BY unplaced_until LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
) AND kept.id = due.id
"""


@transaction_required
def follow(owed: Sequence[Change], *, at: datetime) -> int:
    """Bring what these orders keep in line with their state; return how many reservations moved."""
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW, {"orders": [change.subject_id for change in owed], "at": at})
        return int(cursor.rowcount)


@transaction
def release_unplaced(*, now: datetime) -> int:
    """Give back what was kept for orders that were asked about and never placed; return how many.

    An order that comes after all keeps its units again.
    """
    tenancy.require_scope()
    with connection.cursor() as cursor:
        cursor.execute(NEVER_PLACED, {"at": now, "limit": SWEEP_LIMIT})
        return int(cursor.rowcount)
