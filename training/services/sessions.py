"""Live sessions: planned, changed, held, ended, and seen again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.lifecycle import SESSION_MOVES, SessionStatus
from training.models import LiveSession
from training.queries import sessions
from training.services import attending, reminders

PLANNED = (
    *("title", "summary", "course_id", "lesson_code", "host_id", "starts_at", "ends_at", "time_zone", "capacity"),
    *("stream_url", "attendance_percent"),
)


@transaction
def schedule(*, actor: Actor, plan: Mapping[str, Any], at: datetime) -> LiveSession:
    """Plan a live session; people can register at once."""
    require(policies.can_author(actor))
    told = {name: plan[name] for name in PLANNED if name in plan}
    told.setdefault("host_id", actor.id)
    _check(told)
    session = LiveSession.objects.create(created_at=at, changed_at=at, **told)
    _record(session, "planned", actor=actor, at=at)
    return session


@transaction
def change(*, actor: Actor, session_id: int, plan: Mapping[str, Any], at: datetime) -> LiveSession:
    """Change the plan of a session; seats already given stay, and calendars follow."""
    session = sessions.lock(session_id)
    require(policies.can_author(actor))
    if session.status not in (SessionStatus.SCHEDULED, SessionStatus.LIVE):
        raise Conflict(_("This session is over."))
    for name in PLANNED:
        if name in plan:
            setattr(session, name, plan[name])
    _check({name: getattr(session, name) for name in PLANNED})
    if session.capacity < session.seats_taken:
        raise Invalid(fields={"capacity": [_("More seats than this are taken already.")]})
    if session.waiting and session.capacity > session.seats_taken:
        session.seats_due_at = at
    _touch(session, at=at)
    session.save()
    reminders.move_session(session, at=at)
    _record(session, "changed", actor=actor, at=at)
    return session


@transaction
def go_live(*, actor: Actor, session_id: int, at: datetime, stream_url: str = "") -> LiveSession:
    """Open the room: whoever has a seat sees the stream."""
    session = sessions.lock(session_id)
    require(policies.can_author(actor))
    if stream_url:
        session.stream_url = stream_url
    if not session.stream_url:
        raise Conflict(_("Name the stream first."))
    _move(session, "go_live", at=at, went_live_at=at)
    _record(session, "opened", actor=actor, at=at)
    return session


@transaction
def end(
    *, actor: Actor, session_id: int, at: datetime, recording_url: str = "", recording_seconds: int | None = None
) -> LiveSession:
    """Close the room, and judge who attended by how long it really lasted."""
    session = sessions.lock(session_id)
    require(policies.can_author(actor))
    _move(
        session,
        "end",
        at=at,
        ended_at=at,
        recording_url=recording_url or session.recording_url,
        recording_seconds=recording_seconds or session.recording_seconds,
    )
    attending.judge(session, at=at)
    _record(session, "ended", actor=actor, at=at)
    return session


@transaction
def add_recording(*, actor: Actor, session_id: int, url: str, seconds: int, at: datetime) -> LiveSession:
    """Put the recording of a session there to be seen."""
    session = sessions.lock(session_id)
    require(policies.can_author(actor))
    if session.status != SessionStatus.ENDED:
        raise Conflict(_("The session is not over yet."))
    session.recording_url, session.recording_seconds = url, seconds
    _touch(session, at=at)
    session.save()
    _record(session, "recording_added", actor=actor, at=at)
    return session


@transaction
def cancel(*, actor: Actor, session_id: int, at: datetime) -> LiveSession:
    """Call a session off; calendars show it as cancelled, and nobody is reminded of it."""
    session = sessions.lock(session_id)
    require(policies.can_author(actor))
    _move(session, "cancel", at=at)
    reminders.drop_session(session)
    _record(session, "cancelled", actor=actor, at=at)
    return session


@transaction_required
def _move(session: LiveSession, name: str, *, at: datetime, **fields: Any) -> None:
    session.status = target_of(SESSION_MOVES, name, session.status)
    for field, value in fields.items():
        setattr(session, field, value)
    _touch(session, at=at)
    session.save()


@transaction_required
def _record(session: LiveSession, name: str, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=f"session.{name}",
        at=at,
        subject_kind="session",
        subject_id=session.pk,
        after={"title": session.title, "starts_at": session.starts_at.isoformat(), "seats": session.capacity},
    )


def _touch(session: LiveSession, *, at: datetime) -> None:
    session.revision += 1
    session.changed_at = at


def _check(told: Mapping[str, Any]) -> None:
    faults: dict[str, list[str]] = {}
    if not any((told.get("title") or {}).values()):
        faults["title"] = [_("Give it a title.")]
    if told.get("starts_at") and told.get("ends_at") and told["ends_at"] <= told["starts_at"]:
        faults["ends_at"] = [_("It must end after it starts.")]
    if (told.get("capacity") or 0) < 1:
        faults["capacity"] = [_("At least one seat.")]
    try:
        ZoneInfo(told.get("time_zone") or "Asia/Shanghai")
    except (ZoneInfoNotFoundError, ValueError):
        faults["time_zone"] = [_("There is no such time zone.")]
    if faults:
        raise Invalid(fields=faults)
