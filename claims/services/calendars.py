"""Calendars are corrected and service levels get new versions: what runs is worked out again, or keeps its own."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from claims import policies
from claims.models import CalendarDate, SlaPolicy, WorkCalendar
from claims.queries import claims
from claims.queries import clocks as queries
from claims.rules import sla
from claims.services import clocks, judging
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import public_holidays
from merchant_protection.foundation.business_time import BusinessTimeError, Calendar
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required

logger = logging.getLogger(__name__)
AT_ONCE = 500
Windows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Preview:
    """What a correction would change: of so many open cases, so many deadlines, and the most affected ones."""

    looked_at: int
    moved: int
    earlier: int
    later: int
    newly_late: int
    examples: tuple[tuple[str, datetime, datetime], ...]


@transaction
def correct(
    *,
    calendar_id: int,
    actor: Actor,
    at: datetime,
    week: Sequence[Windows] | None = None,
    dates: Mapping[date, Windows | None] | None = None,
    **named: str,
) -> WorkCalendar:
    """Correct a calendar: its week, or dates with hours of their own (None takes a date out); open clocks follow."""
    require(policies.can_configure(actor))
    row = WorkCalendar.objects.select_for_update().get(pk=calendar_id)
    before = {"week": row.week, "zone": row.zone, "revision": row.revision}
    for name, value in named.items():
        setattr(row, name, value)
    row.week = list(week) if week is not None else row.week
    for day, hours in (dates or {}).items():
        _put(row, day, hours)
    _built(row)
    _raise_revision(row, actor=actor, at=at, before=before, what={"dates": sorted(map(str, dates or {}))})
    return row


@transaction
def begin(*, code: str, actor: Actor, at: datetime, week: Sequence[Windows], **named: str) -> WorkCalendar:
    """Write a further calendar; service levels can follow it from then on."""
    require(policies.can_configure(actor))
    if WorkCalendar.objects.filter(code=code).exists():
        raise Conflict(_("There is one of this name already."))
    row = WorkCalendar(code=code, week=list(week), updated_at=at, **named)
    row.save(force_insert=True)
    _built(row)
    after = {"week": row.week, "zone": row.zone}
    audit.record(actor=actor, action="calendar.begun", at=at, subject_kind="calendar", subject_id=code, after=after)
    return row


@transaction
def take_in_holidays(*, calendar_id: int, year: int, actor: Actor, at: datetime) -> int:
    """Take in a year's public holidays and adjusted workdays; dates that were entered by hand stay as they are."""
    require(policies.can_configure(actor))
    row = WorkCalendar.objects.select_for_update().get(pk=calendar_id)
    if not row.country:
        raise Invalid(fields={"country": [_("Say first whose holidays they are.")]})
    public = public_holidays.of_country(row.country, years=[year])
    hours: Windows = next((day for day in row.week if day), [])
    by_hand = set(row.dates.filter(is_edited=True).values_list("date", flat=True))
    wanted = (public.days_off | public.workdays) - by_hand
    row.dates.filter(date__year=year, is_edited=False).delete()
    CalendarDate.objects.bulk_create(
        CalendarDate(
            calendar=row,
            date=day,
            hours=hours if day in public.workdays else [],
            name=public.names.get(day, "")[:120],
        )
        for day in sorted(wanted)
    )
    _raise_revision(row, actor=actor, at=at, before={"revision": row.revision}, what={"year": year})
    return len(wanted)


def recompute_corrected(*, now: datetime) -> int:
    """Work out the open clocks anew whose calendar was corrected, some at a time; return how many cases.

    It goes through the open cases once for each correction, and remembers how far it got.
    """
    done = 0
    for row in WorkCalendar.objects.exclude(recomputed=queries.REVISION).order_by("pk"):
        for claim_id in queries.open_cases_of(row, after=row.recomputed_up_to)[:AT_ONCE]:
            try:
                _recompute(claim_id=claim_id, now=now)
            except Exception:
                logger.exception("Could not work out the clocks of complaint %s", claim_id)
            done += 1
            row.recomputed_up_to = claim_id
        is_through = not queries.open_cases_of(row, after=row.recomputed_up_to)[:1].exists()
        _note_progress(row, is_through=is_through)
    return done


@transaction
def publish(*, code: str, actor: Actor, at: datetime, **terms: Any) -> SlaPolicy:
    """Put a new version of a service level in force; cases that run keep the version they started with."""
    require(policies.can_configure(actor))
    old = SlaPolicy.objects.select_for_update().filter(code=code, is_current=True).first()
    newest = SlaPolicy.objects.filter(code=code).order_by("-version").first()
    facts = _facts(newest) | terms if newest else terms
    fresh = SlaPolicy(
        **facts,
        code=code,
        version=newest.version + 1 if newest else 1,
        created_at=at,
        created_by_id=actor.id,
    )
    require_sound(fresh)
    if old is not None:
        old.is_current = False
        old.save(update_fields=["is_current"])
    fresh.save(force_insert=True)
    audit.record(
        actor=actor,
        action="sla.published",
        at=at,
        subject_kind="sla",
        subject_id=code,
        before={"version": old.version if old else None},
        after={"version": fresh.version, "promises": fresh.promises, "steps": fresh.steps},
    )
    return fresh


def require_sound(policy: SlaPolicy) -> None:
    """Refuse a service level that makes no sense, and say why."""
    found = judging.faults_of_level(queries.terms_of(policy))
    if found:
        raise Invalid(_("This service level cannot be kept."), fields=found)


def preview(*, calendar: Calendar, calendar_id: int, at_most: int = 200, now: datetime) -> Preview:
    """Show what a corrected calendar would change among the open cases that are due first."""
    moved: list[tuple[str, datetime, datetime]] = []
    looked_at = newly_late = 0
    for claim in queries.open_with(calendar_id)[:at_most]:
        found = _deadlines(claim, calendar)
        if found is None:
            continue
        looked_at += 1
        before, after = found
        if before != after:
            moved.append((claim.number, before, after))
            newly_late += after < now <= before
    return Preview(
        looked_at=looked_at,
        moved=len(moved),
        earlier=sum(after < before for _number, before, after in moved),
        later=sum(after > before for _number, before, after in moved),
        newly_late=newly_late,
        examples=tuple(sorted(moved, key=lambda each: -abs(each[2] - each[1]))[:10]),
    )


def preview_of(
    row: WorkCalendar,
    *,
    week: Sequence[Windows],
    dates: Mapping[date, Windows | None],
    now: datetime,
    zone: str = "",
) -> Preview:
    """Show what another week, zone or other dates would change; nothing is written."""
    corrected = _built(WorkCalendar(pk=row.pk, zone=zone or row.zone, week=list(week)))
    special = dict(corrected.dates)
    for day, hours in dates.items():
        special.pop(day, None)
        if hours is not None:
            special[day] = tuple(queries.hours(hours))
    corrected = Calendar.of(zone=corrected.zone, week=corrected.week, special=special)
    return preview(calendar=corrected, calendar_id=row.pk, now=now)


def _deadlines(claim: Any, calendar: Calendar) -> tuple[datetime, datetime] | None:
    stage = queries.stage_of(claim)
    running = list(queries.clocks_of(claim, stage=stage).filter(stopped_at__isnull=True))
    if not running:
        return None
    terms = queries.terms_of(running[0].policy)
    history = queries.history_of(claim, stage=stage, since=clocks.since(claim, stage))
    found = [
        sla.next_deadline(sla.clocks(each, history))
        for each in (terms, sla.Terms(calendar, terms.promises, terms.pause_cap, terms.warnings, terms.steps))
    ]
    return (found[0].due_at, found[1].due_at) if found[0] and found[1] else None


@transaction_required
def _put(row: WorkCalendar, day: date, hours: Windows | None) -> None:
    if hours is None:
        row.dates.filter(date=day).delete()
    else:
        row.dates.update_or_create(date=day, defaults={"hours": list(hours), "is_edited": True})


@transaction_required
def _raise_revision(
    row: WorkCalendar, *, actor: Actor, at: datetime, before: Mapping[str, Any], what: Mapping[str, Any]
) -> None:
    row.revision += 1
    row.recomputed_up_to = 0
    row.updated_at = at
    row.save()
    audit.record(
        actor=actor,
        action="calendar.corrected",
        at=at,
        subject_kind="calendar",
        subject_id=row.code,
        before=before,
        after={"week": row.week, "revision": row.revision, **what},
    )


def _built(row: WorkCalendar) -> Calendar:
    try:
        return queries.build(row)
    except (BusinessTimeError, TypeError, ValueError) as error:
        raise Invalid(_("These hours make no calendar."), fields={"week": [str(error)]}) from error


@transaction
def _recompute(*, claim_id: int, now: datetime) -> None:
    clocks.refresh(claims.lock(claim_id), at=now)


@transaction
def _note_progress(row: WorkCalendar, *, is_through: bool) -> None:
    still = WorkCalendar.objects.filter(pk=row.pk, revision=row.revision)
    if is_through:
        still.update(recomputed=row.revision, recomputed_up_to=0)
    else:
        still.update(recomputed_up_to=row.recomputed_up_to)


def _facts(policy: SlaPolicy) -> dict[str, Any]:
    names = (
        *("name_en", "name_zh", "queue_id", "priority", "tier", "calendar_id"),
        *("promises", "pause_cap", "warnings", "steps"),
    )
    return {name: getattr(policy, name) for name in names}
