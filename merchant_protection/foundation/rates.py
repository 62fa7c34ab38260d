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

# For a longer statement too, which names in `asks` who asks, how long one takes to come back, and how far ahead of
# the clock a name may be.
TAKEN = """
    INSERT INTO foundation_rate AS known (name, until)
    SELECT name, %(at)s::timestamptz + step FROM asks WHERE step IS NOT NULL
    ON CONFLICT (name) DO UPDATE
        SET until = greatest(known.until, %(at)s::timestamptz) + (excluded.until - %(at)s::timestamptz)
        WHERE greatest(known.until, %(at)s::timestamptz) - %(at)s::timestamptz <= (SELECT room FROM asks)
    RETURNING true
"""
TAKE_AS_WRITTEN = """
WITH asks AS (SELECT %(name)s::text AS name, %(step)s::interval AS step, %(room)s::interval AS room),
taken AS ({taken})
SELECT FROM taken
"""
TAKE = TAKE_AS_WRITTEN.format(taken=TAKEN)


@dataclass(frozen=True)
class Limit:
    """So many at once, and so many in each such time."""

    amount: int
    per: timedelta

    @property
    def step(self) -> timedelta:
        """How long one of them takes to come back."""
        return timedelta(microseconds=self.per // timedelta(microseconds=1) // self.amount)

    @property
    def room(self) -> timedelta:
        """How far ahead of the clock a name may be and still take one."""
        return self.per - self.step


def take(name: str, limit: Limit, *, at: datetime) -> timedelta | None:
    """Take one of what a name may do; return how long it must wait when there is none left."""
    given: dict[str, Any] = {"name": name, "at": at, "step": limit.step, "room": limit.room}
    with prepared.cursor() as cursor:
        cursor.execute(TAKE, given)
        if cursor.fetchone() is not None:
            return None
    return wait_of(name, limit, at=at)


def wait_of(name: str, limit: Limit, *, at: datetime) -> timedelta:
    """Return how long a name must wait that could take none."""
    until = Rate.objects.filter(name=name).values_list("until", flat=True).first()
    return max(until - at - limit.room, timedelta(microseconds=1)) if until else timedelta(microseconds=1)


def give_back(name: str, limit: Limit) -> None:
    """Return what was taken, since it turned out not to count."""
    given: list[Any] = [limit.step, name]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE foundation_rate SET until = until - %s WHERE name = %s", given)


def forget_idle(*, now: datetime) -> int:
    """Drop the names that may do all again."""
    return Rate.objects.filter(until__lt=now).delete()[0]
