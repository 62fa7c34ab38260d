"""What the clocks told whom: the inbox of those who lead the desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from claims.models import Claim, Escalation, Reviewer
from claims.queries import clocks, deadlines
from claims.queries.deadlines import Deadline
from merchant_protection.foundation import business_time, tenancy

NEWEST_FIRST = ["-fired_at", "-id"]
MINE, EVERYBODY, SEEN = "mine", "everybody", "seen"
MANY = 100
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Told:
    """One line of the inbox: what was told, how its target stands now, and by how much an answer came late."""

    row: Escalation
    deadline: Deadline
    late: int | None


def leads(user_id: int | None) -> bool:
    """Say whether anybody's escalations are told to this person."""
    return user_id is not None and Reviewer.objects.filter(lead_id=user_id).exists()


def tab(name: str, user_id: int) -> QuerySet[Escalation]:
    """Return one tab of the inbox: told to this person, to nobody in particular, or seen by this person."""
    tenancy.require_scope()
    fired = Escalation.objects.filter(fired_at__isnull=False).select_related(
        "claim__kind", "claim__merchant", "claim__queue", "claim__reviewer", "clock__policy__calendar"
    )
    if name == SEEN:
        return fired.filter(told_id=user_id, seen_at__isnull=False)
    told = Q(told__isnull=True) if name == EVERYBODY else Q(told_id=user_id)
    return fired.filter(told, seen_at__isnull=True)


def counts(user_id: int) -> dict[str, int]:
    """Return how much is unseen in each tab, counted no further than a hundred."""
    return {name: tab(name, user_id)[:MANY].count() for name in (MINE, EVERYBODY)}


def unseen(user_id: int) -> int:
    """Return how much this person has not seen, counted no further than a hundred."""
    return min(sum(counts(user_id).values()), MANY)


def unseen_by(user_id: int, *, is_lead: bool) -> QuerySet[Escalation]:
    """Return what somebody has yet to see; what was told to nobody in particular is for everybody who leads."""
    tenancy.require_scope()
    told = Q(told_id=user_id) | Q(told__isnull=True) if is_lead else Q(told_id=user_id)
    return Escalation.objects.filter(told, fired_at__isnull=False, seen_at__isnull=True)


def about(claim: Claim, user_id: int) -> QuerySet[Escalation]:
    """Return what a lead has yet to see of one case, newest first."""
    mine = unseen_by(user_id, is_lead=True).filter(merchant_id=claim.merchant_id, claim_id=claim.pk)
    return mine.select_related("clock").order_by(*NEWEST_FIRST)


def lines(rows: Iterable[Escalation], *, now: datetime) -> list[Told]:
    """Return rows of the inbox as the page shows them."""
    return [Told(row, deadlines.of_clock(row.claim, row.clock, now=now), _late(row)) for row in rows]


def _late(row: Escalation) -> int | None:
    """Return by how many minutes of working time a target was met too late."""
    clock = row.clock
    if clock.stopped_at is None or clock.stopped_at <= clock.due_at:
        return None
    calendar = clocks.calendar_of(clock.policy.calendar)
    return business_time.working_time_between(calendar, clock.due_at, clock.stopped_at) // MINUTE
