"""Every read of calendars, service levels and clocks; and each as the rules know them."""

import functools
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet

from claims import lifecycle
from claims.models import Claim, Clock, Escalation, SlaPolicy, WorkCalendar
from claims.queries import claims as queries
from claims.rules import service_levels, sla
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.business_time import Calendar, Window

REVISION = F("revision")


def policy_for(claim: Claim) -> SlaPolicy | None:
    """Return the most narrowly meant service level in use that covers a complaint."""
    rows = {row.pk: row for row in SlaPolicy.objects.filter(is_current=True).select_related("queue", "calendar")}
    scopes = [
        service_levels.Scope(
            policy=str(row.pk),
            queue=row.queue.code if row.queue else None,
            priority=row.priority or None,
            tier=row.tier or None,
        )
        for row in sorted(rows.values(), key=lambda row: row.code)
    ]
    queue = claim.queue.code if claim.queue else ""
    chosen = service_levels.choose(scopes, queue=queue, priority=claim.priority, tier=claim.tier)
    return rows[int(chosen.policy)] if chosen else None


def calendar_of(row: WorkCalendar) -> Calendar:
    """Return a calendar as the arithmetic of working time knows it."""
    return _calendar(row.pk, row.revision)


def first_calendar() -> Calendar | None:
    """Return the calendar of the service level that most cases have, for what is counted over all of them."""
    policy = SlaPolicy.objects.filter(is_current=True, queue=None, priority="", tier="").select_related("calendar")
    found = policy.order_by("code").first()
    return calendar_of(found.calendar) if found else None


def terms_of(policy: SlaPolicy) -> sla.Terms:
    """Return a version of a service level as the rules know it, with the calendar as it stands now."""
    return sla.Terms(
        calendar=calendar_of(policy.calendar),
        promises=tuple(
            sla.Promise(sla.Target(each["target"]), timedelta(minutes=each["minutes"]), sla.OnBreach(each["on_breach"]))
            for each in policy.promises
        ),
        pause_cap=policy.pause_cap,
        warnings=tuple(policy.warnings),
        steps=tuple(
            sla.Step(each["level"], each["audience"], timedelta(minutes=each["minutes"])) for each in policy.steps
        ),
    )


def stage_of(claim: Claim) -> int:
    """Return which clocks run: 1 for the complaint itself, then one more for each appeal."""
    return 1 + queries.appeals_of(claim).count()


def history_of(claim: Claim, *, stage: int, since: datetime) -> sla.History:
    """Return what has happened in one stage of a complaint, as far as its clocks are concerned.

    In a flood the clocks start after the filing: what the desk did before then counts as done at their start.
    """
    begun = min(since, claim.submitted_at) if stage == 1 and claim.submitted_at else since
    history = list(queries.history_of(claim).filter(at__gte=begun).values_list("at", "status", "move"))
    if stage > 1:  # a decision and the appeal against it may bear the same moment
        history = history[max(i for i, line in enumerate(history) if line[2] == "appeal") :]
    moves = [(max(at, since), status, move) for at, status, move in history]
    messages = queries.messages_of(claim).filter(side="DESK", at__gte=begun).values_list("at", flat=True)
    said = [max(at, since) for at in messages]
    told = sorted({*said, *(at for at, _, move in moves if move == "ask_for_evidence")})
    over = lifecycle.DECIDED | lifecycle.OVER
    resolved = next((at for at, status, _ in moves if status in over), None)
    return sla.History(
        opened_at=since,
        first_response_at=told[0] if told else None,
        updates=tuple(told[1:]),
        resolved_at=resolved,
        pauses=sla.pauses_from([(at, status) for at, status, _ in moves], lifecycle.PAUSED),
    )


def clocks_of(claim: Claim, *, stage: int) -> QuerySet[Clock]:
    """Return the clocks of one stage of a complaint."""
    mine = Clock.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk, stage=stage)
    return mine.select_related("policy__calendar", "policy__queue").order_by("target", "round")


def escalations_of(claim: Claim, clock_ids: list[int]) -> QuerySet[Escalation]:
    """Return the warnings and rungs of some clocks of a complaint."""
    return Escalation.objects.filter(merchant_id=claim.merchant_id, clock_id__in=clock_ids)


def breached(now: datetime) -> QuerySet[Clock]:
    """Return the running clocks whose time has passed and that nobody has answered for yet."""
    tenancy.require_scope()
    late = Clock.objects.filter(stopped_at__isnull=True, breached_at__isnull=True, due_at__lt=now)
    return late.order_by("due_at", "pk")


def escalations_due(now: datetime) -> QuerySet[Escalation]:
    """Return the warnings and rungs whose moment has come."""
    tenancy.require_scope()
    return Escalation.objects.filter(fired_at__isnull=True, due_at__lte=now).order_by("due_at", "pk")


def open_cases_of(calendar: WorkCalendar, *, after: int) -> QuerySet[Clock, int]:
    """Return the cases with a running clock of this calendar, in order of their ids."""
    tenancy.require_scope()
    running = Clock.objects.filter(stopped_at__isnull=True, policy__calendar=calendar, claim_id__gt=after)
    return running.order_by("claim_id").values_list("claim_id", flat=True).distinct()


def open_with(calendar_id: int) -> QuerySet[Claim]:
    """Return the open cases whose clocks follow a calendar, the next due first."""
    tenancy.require_scope()
    running = Clock.objects.filter(claim_id=OuterRef("pk"), stopped_at__isnull=True, policy__calendar_id=calendar_id)
    return Claim.objects.filter(Exists(running), due_at__isnull=False).order_by("due_at", "pk")


def build(row: WorkCalendar) -> Calendar:
    """Put a calendar together from its rows as they are now."""
    special = {each.date: hours(each.hours) for each in row.dates.all()}
    return Calendar.of(zone=row.zone, week=[hours(day) for day in row.week], special=special)


@functools.lru_cache(maxsize=64)
def _calendar(calendar_id: int, revision: int) -> Calendar:
    """Each revision is put together once in a process."""
    return build(WorkCalendar.objects.get(pk=calendar_id))


def hours(windows: Sequence[Sequence[str]]) -> list[Window]:
    """Return the windows of a day as the arithmetic of working time knows them."""
    return [Window.between(opens, closes) for opens, closes in windows]
