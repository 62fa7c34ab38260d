"""Counters of the lanes are kept short: many changes become one row."""

from collections import Counter
from datetime import datetime

from claims.models import LaneCount
from claims.queries import desk
from merchant_protection.foundation.transactions import transaction

AT_ONCE = 5_000


@transaction
def fold_lanes(*, now: datetime) -> int:
    """Fold the changes of the lanes together; what is counted stays the same at every moment."""
    rows = list(desk.lane_rows()[:AT_ONCE])
    sums: Counter[tuple[int, str]] = Counter()
    for row in rows:
        sums[row.queue_id, row.lane] += row.change
    if len(rows) <= len(sums):
        return 0
    LaneCount.objects.filter(pk__in=[row.pk for row in rows]).delete()
    LaneCount.objects.bulk_create(
        LaneCount(queue_id=queue_id, lane=lane, change=change) for (queue_id, lane), change in sums.items() if change
    )
    return len(rows)
