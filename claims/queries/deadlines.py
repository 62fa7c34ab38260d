"""What a badge says of a deadline: the working time left, when it stands still, and from when it is urgent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from claims import lifecycle
from claims.models import Claim, Clock
from claims.queries import clocks
from merchant_protection.foundation import business_time
from merchant_protection.foundation.business_time import Calendar

MINUTE = timedelta(minutes=1)
STANDING = frozenset({lifecycle.DRAFT}) | lifecycle.OVER | lifecycle.DECIDED


@dataclass(frozen=True)
class Deadline:
    """As the badge takes it: minutes of working time, the end of this working stretch, and the levels of the policy."""

    due: datetime | None
    target: str = ""
    state: str = ""
    minutes: int | None = None
    until: datetime | None = None
    urgent: int = 120
    soon: int = 480


def of(claims: Sequence[Claim], *, now: datetime) -> dict[int, Deadline]:
    """Return the next deadline of each of these complaints, in two queries for all of them."""
    running: dict[int, Clock] = {}
    rows = Clock.objects.filter(
        merchant_id__in={claim.merchant_id for claim in claims},
        claim_id__in=[claim.pk for claim in claims],
        stopped_at__isnull=True,
    )
    for clock in rows.select_related("policy__calendar").order_by("-due_at"):
        running[clock.claim_id] = clock
    return {claim.pk: _deadline(claim, running.get(claim.pk), now=now) for claim in claims}


def of_clock(claim: Claim, clock: Clock, *, now: datetime) -> Deadline:
    """Return how one target of a complaint stands: done once it was met, whatever else still runs."""
    if clock.stopped_at is not None:
        return Deadline(due=None, target=clock.get_target_display(), state="done")
    return _deadline(claim, clock, now=now)


def _deadline(claim: Claim, clock: Clock | None, *, now: datetime) -> Deadline:
    if claim.status in STANDING:
        return Deadline(due=None, state="" if claim.status == lifecycle.DRAFT else "done")
    if clock is None:
        return Deadline(due=claim.due_at)
    if claim.is_paused:
        return Deadline(due=clock.due_at, target=clock.get_target_display(), state="paused")
    calendar = clocks.calendar_of(clock.policy.calendar)
    allowed = next((each["minutes"] for each in clock.policy.promises if each["target"] == clock.target), 480)
    return Deadline(
        due=clock.due_at,
        target=clock.get_target_display(),
        minutes=business_time.working_time_between(calendar, now, clock.due_at) // MINUTE,
        until=_end_of_stretch(calendar, now),
        urgent=allowed // 10,
        soon=allowed // 2,
    )


def _end_of_stretch(calendar: Calendar, now: datetime) -> datetime | None:
    """Return when the desk closes next, if it is open now."""
    local = now.astimezone(ZoneInfo(calendar.zone))
    minute = local.hour * 60 + local.minute
    for window in calendar.hours_on(local.date()):
        if window.opens <= minute < window.closes:
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight + timedelta(minutes=window.closes)
    return None
