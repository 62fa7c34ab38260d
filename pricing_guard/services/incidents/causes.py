"""Which incidents share a cause: wrong prices of one kind that follow one another closely are one story, one alert."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection

from merchant_protection.foundation.transactions import transaction_required
from pricing_guard.models import IncidentCause
from pricing_guard.queries import causes as queries

WITHIN = timedelta(minutes=10)
LONGEST = 100
NOTED_EVERY = timedelta(seconds=30)

# Whoever goes on with a cause does not wait for another who does: both would write the same.
GOES_ON = """
UPDATE pricing_guard_incidentcause SET last_at = %(at)s WHERE id IN (
  SELECT id FROM pricing_guard_incidentcause
  WHERE merchant_id = %(shop)s AND (kind, number) IN (SELECT * FROM unnest(%(kinds)s::text[], %(numbers)s::int[]))
    AND last_at < %(before)s
  FOR UPDATE SKIP LOCKED
)
"""


@transaction_required
def names(merchant_id: int, kinds: Collection[str], *, at: datetime) -> dict[str, str]:
    """Return by kind the cause that what was found now belongs to: the one that goes on, or a new one.

    A cause goes on when this follows within ten minutes of the last and one of its incidents is still open.
    Of two who find something new at once the second waits until the first is done, and joins its cause.
    """
    newest = queries.latest(merchant_id, [kind[:LONGEST] for kind in kinds])
    numbers = {}
    for kind in sorted(kinds):
        row = newest.get(kind[:LONGEST])
        numbers[kind] = row.number if row and _goes_on(row, at=at) else (row.number if row else 0) + 1
    fresh = [
        IncidentCause(merchant_id=merchant_id, kind=kind[:LONGEST], number=number, last_at=at)
        for kind, number in numbers.items()
        if kind[:LONGEST] not in newest or newest[kind[:LONGEST]].number != number
    ]
    IncidentCause.objects.bulk_create(fresh, ignore_conflicts=True)
    found = {kind: f"{kind[:LONGEST]}:{number}" for kind, number in numbers.items()}
    go_on(merchant_id, found.values(), at=at)
    return found


@transaction_required
def go_on(merchant_id: int, causes: Collection[str], *, at: datetime) -> None:
    """Note that something wrong was found again from these causes."""
    parts = [cause.rpartition(":") for cause in causes]
    known = [(kind, int(number)) for kind, _, number in parts if number.isdecimal() and len(number) < 10]
    if not known:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            GOES_ON,
            {
                "shop": merchant_id,
                "kinds": [kind for kind, _ in known],
                "numbers": [number for _, number in known],
                "at": at,
                "before": at - NOTED_EVERY,
            },
        )


def _goes_on(row: IncidentCause, *, at: datetime) -> bool:
    return at - row.last_at <= WITHIN and queries.open_of(row.merchant_id, str(row)).exists()
