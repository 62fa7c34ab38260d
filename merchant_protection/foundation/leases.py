"""Claim rows of pending work under a lease, and finish only what is still one's own."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet

from merchant_protection.foundation.models import Work
from merchant_protection.foundation.transactions import transaction

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5

W = TypeVar("W", bound=Work)


class Lost(RuntimeError):
    """The lease ran out and somebody else took the row over."""


class NeverEnded(RuntimeError):
    """Everybody who took the row up was killed over it."""


def require_an_end(row: Work) -> None:
    """Refuse a row that was taken up too often and never came to an end: it may be what kills the process.

    A row that raises is told by its error; one that takes its process with it leaves nothing but its attempts.
    """
    if row.attempts > MAX_ATTEMPTS:
        raise NeverEnded(f"taken up {row.attempts - 1} times without an end")


@transaction
def claim[W: Work](due: QuerySet[W], *, now: datetime, limit: int, lease: timedelta = LEASE) -> list[W]:
    """Take up to `limit` due rows that nobody else holds; they are ours until now + lease.

    Safe for any number of claimants at once: locked rows are skipped. Rows come
    back with the generation that `finish` must name.
    """
    chosen = due.filter(due_at__lte=now).order_by("due_at", "pk").select_for_update(skip_locked=True)
    sql, params = chosen.values("pk", "due_at")[:limit].query.sql_with_params()
    table, pk = (connection.ops.quote_name(name) for name in (due.model._meta.db_table, str(due.model._meta.pk.column)))
    taken = due.model._default_manager.raw(
        f"WITH chosen(pk, was_due_at) AS MATERIALIZED ({sql}) "  # noqa: S608  names of columns
        f"UPDATE {table} SET generation = generation + 1, attempts = attempts + 1, due_at = %s "
        f"FROM chosen WHERE {table}.{pk} = chosen.pk RETURNING {table}.*, chosen.was_due_at",
        [*params, now + lease],
    )
    return sorted(taken, key=lambda row: (row.was_due_at, row.pk))  # type: ignore[attr-defined]


def finish(row: Work, **changes: Any) -> bool:
    """Write `changes` if the row is still ours; False means somebody else owns it now."""
    mine = type(row)._default_manager.filter(pk=row.pk, generation=row.generation)
    return mine.update(**({"due_at": None} | changes)) == 1


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait before try number `attempts` + 1: 2, 4, 8, … seconds, at most 5 minutes."""
    return timedelta(seconds=min(300, 2**attempts))
