"""Each tick of the schedule is worked once, however many clocks tick."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils import timezone

from merchant_protection.foundation import heartbeats, tenancy, upserts
from merchant_protection.foundation.models import Slot

logger = logging.getLogger(__name__)
MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=2)


class Sweep(Protocol):
    """A service that handles what is due."""

    def __call__(self, *, now: datetime) -> Any: ...


def take(job: str, *, now: datetime, every: timedelta = MINUTE) -> bool:
    """Take the slot of `every` that holds `now`; False when somebody has it already."""
    moment = datetime.fromtimestamp(now.timestamp() // every.total_seconds() * every.total_seconds(), tz=now.tzinfo)
    return _added(job, moment)


def run(work: Sweep, *, every: timedelta = MINUTE, clock: Callable[[], datetime] = timezone.now) -> int | None:
    """Do a sweep's work in the platform's scope if nobody has this slot yet; return what it returned.

    The whole body of a task: `slots.run(services.clocks.breach_overdue)`. The sweep is named by its
    module and function, and notes a heartbeat under that name.
    """
    job = job_name(work)
    now = clock()
    if not take(job, now=now, every=every):
        return None
    with tenancy.platform():
        done: int | None = work(now=now)
    heartbeats.beat(job, at=now)
    if done:
        logger.info("%s: %s", job, done)
    return done


def job_name(work: Any) -> str:
    """Return the name under which a sweep's slots and heartbeats stand."""
    return f"{work.__module__.removeprefix('merchant_protection.')}.{work.__name__}"


def forget_old(*, now: datetime) -> int:
    """Drop the slots of days gone by."""
    return Slot.objects.filter(slot__lt=now - KEPT).delete()[0]


def _added(job: str, moment: datetime) -> bool:
    """Insert the slot unless it is there; the database decides between two at once."""
    return bool(upserts.upsert(Slot, [{"job": job, "slot": moment}], key=("job", "slot")))
