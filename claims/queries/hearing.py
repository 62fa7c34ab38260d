"""What the clocks told whom: the inbox of those who lead the desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from claims.models import Claim, Escalation, Reviewer
from claims.queries import clocks, deadlines
from claims.queries.deadlines import Deadline
from merchant_protection.foundation import business_time, tenancy

NEWEST_FIRST = ["-fired_at", "-id"]
MINE, EVERYBODY, SEEN = "mine", "everybody", "seen"
MANY = 100
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Rung:
    """One thing that was told of a case: how its target stands now, and by how much an answer came late."""

    row: Escalation
    deadline: Deadline
    late: int | None


@dataclass(frozen=True)
class Told:
    """One line of the inbox: a case, when it is due next, and all that was told of it, newest first."""

    claim: Claim
    deadline: Deadline
    rungs: list[Rung]

    @property
    def ids(self) -> str:
        """Name what is shown, so that marking it leaves alone what was told since."""
        return "-".join(str(rung.row.pk) for rung in self.rungs)


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


def cases(name: str, user_id: int) -> QuerySet[Escalation]:
    """Return the newest of what was told of each case, in one tab: a case is one line of the inbox."""
    told = tab(name, user_id)
    newer = Q(fired_at__gt=OuterRef("fired_at")) | Q(fired_at=OuterRef("fired_at"), pk__gt=OuterRef("pk"))
    same = told.filter(newer, merchant_id=OuterRef("merchant_id"), claim_id=OuterRef("claim_id"))
    return told.filter(~Exists(same))


def counts(user_id: int) -> dict[str, int]:
    """Return of how many cases something is unseen in each tab, counted no further than a hundred."""
    return {name: cases(name, user_id)[:MANY].count() for name in (MINE, EVERYBODY)}


def unseen(user_id: int) -> int:
    """Return of how many cases this person has not seen something, counted no further than a hundred."""
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


def lines(heads: Iterable[Escalation], name: str, user_id: int, *, now: datetime) -> list[Told]:
    """Return the cases of one page of a tab with all that was told of each, in three queries for all of them."""
    claims = [head.claim for head in heads]
    told: dict[int, list[Rung]] = {claim.pk: [] for claim in claims}
    due = deadlines.of(claims, now=now)
    for row in tab(name, user_id).filter(claim_id__in=list(told)).order_by(*NEWEST_FIRST):
        told[row.claim_id].append(Rung(row, deadlines.of_clock(row.claim, row.clock, now=now), _late(row)))
    return [Told(claim, due[claim.pk], told[claim.pk]) for claim in claims]


def _late(row: Escalation) -> int | None:
    """Return by how many minutes of working time a target was met too late."""
    clock = row.clock
    if clock.stopped_at is None or clock.stopped_at <= clock.due_at:
        return None
    calendar = clocks.calendar_of(clock.policy.calendar)
    return business_time.working_time_between(calendar, clock.due_at, clock.stopped_at) // MINUTE
