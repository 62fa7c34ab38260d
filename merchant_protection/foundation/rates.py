"""How often something may be done: counted in PostgreSQL, exactly, by all processes together and without the broker.

A name may do `amount` things at once and regains one every `per / amount` (the
generic cell rate algorithm: one row a name, and no windows at whose seam twice
as much would pass). The rows are worth nothing after a crash, so the table is
not logged and costs no wait for the disk.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from merchant_protection.foundation import prepared
from merchant_protection.foundation.models import Rate

TAKE = """
INSERT INTO foundation_rate AS known (name, until) VALUES (%(name)s::text, %(at)s::timestamptz + %(step)s::interval)
ON CONFLICT (name) DO UPDATE SET until = greatest(known.until, %(at)s::timestamptz) + %(step)s::interval
WHERE greatest(known.until, %(at)s::timestamptz) - %(at)s::timestamptz <= %(room)s::interval
RETURNING true
"""


@dataclass(frozen=True)
class Limit:
    """So many at once, and so many in each such time."""

    amount: int
    per: timedelta

    @property
    def step(self) -> timedelta:
        """How long one of them takes to come back."""
        return timedelta(microseconds=self.per // timedelta(microseconds=1) // self.amount)


def take(name: str, limit: Limit, *, at: datetime) -> timedelta | None:
    """Take one of what a name may do; return how long it must wait when there is none left."""
    room = limit.per - limit.step
    given: dict[str, Any] = {"name": name, "at": at, "step": limit.step, "room": room}
    with prepared.cursor() as cursor:
        cursor.execute(TAKE, given)
        if cursor.fetchone() is not None:
            return None
    until = Rate.objects.filter(name=name).values_list("until", flat=True).first()
    return max(until - at - room, timedelta(microseconds=1)) if until else timedelta(microseconds=1)


def give_back(name: str, limit: Limit) -> None:
    """Return what was taken, since it turned out not to count."""
    given: list[Any] = [limit.step, name]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE foundation_rate SET until = until - %s WHERE name = %s", given)


def forget_idle(*, now: datetime) -> int:
    """Drop the names that may do all again."""
    return Rate.objects.filter(until__lt=now).delete()[0]
