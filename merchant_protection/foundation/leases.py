"""Claim rows of pending work under a lease, and finish only what is still one's own."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import QuerySet

from merchant_protection.foundation.models import Work
from merchant_protection.foundation.transactions import transaction

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5

W = TypeVar("W", bound=Work)


class Lost(RuntimeError):
    """The lease ran out and somebody else took the row over."""


@transaction
def claim[W: Work](due: QuerySet[W], *, now: datetime, limit: int, lease: timedelta = LEASE) -> list[W]:
    """Take up to `limit` due rows that nobody else holds; they are ours until now + lease.

    Safe for any number of claimants at once: locked rows are skipped. Rows come
    back with the generation that `finish` must name.
    """
    rows = list(due.filter(due_at__lte=now).order_by("due_at", "pk").select_for_update(skip_locked=True)[:limit])
    for row in rows:
        row.generation += 1
        row.attempts += 1
        row.due_at = now + lease
    if rows:
        type(rows[0])._default_manager.bulk_update(rows, ["generation", "attempts", "due_at"])
    return rows


def finish(row: Work, **changes: Any) -> bool:
    """Write `changes` if the row is still ours; False means somebody else owns it now."""
    mine = type(row)._default_manager.filter(pk=row.pk, generation=row.generation)
    return mine.update(**({"due_at": None} | changes)) == 1


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait before try number `attempts` + 1: 2, 4, 8, … seconds, at most 5 minutes."""
    return timedelta(seconds=min(300, 2**attempts))
