"""What shops are reminded of, when it is due, and only while it still holds."""

import logging
from datetime import datetime, timedelta
from typing import Any

from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling
from training.lifecycle import TO_COME
from training.models import LiveSession, Reminder
from training.queries import reminders as queries

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 500
BEFORE_SESSION = {"1d": timedelta(days=1), "1h": timedelta(hours=1), "10m": timedelta(minutes=10)}
BEFORE_DUE = {"7d": timedelta(days=7), "1d": timedelta(days=1), "0d": timedelta(0)}
AGAIN = timedelta(minutes=10)


@transaction_required
def promise_session(session: LiveSession, *, merchant_id: int, at: datetime) -> None:
    """Remind a shop of a session a day, an hour and ten minutes before."""
    _promise(Reminder.Kind.SESSION, session.pk, session.starts_at, BEFORE_SESSION, merchant_id=merchant_id, at=at)


@transaction_required
def promise_assignment(assignment_id: int, due_at: datetime, *, merchant_id: int, at: datetime) -> None:
    """Remind a shop of a required course a week before, a day before, and when it is due."""
    _promise(Reminder.Kind.ASSIGNMENT, assignment_id, due_at, BEFORE_DUE, merchant_id=merchant_id, at=at)


@transaction_required
def move_session(session: LiveSession, *, at: datetime) -> None:
    """Move the reminders of a session to its new time."""
    for step, before in BEFORE_SESSION.items():
        due = session.starts_at - before
        rows = Reminder.objects.filter(kind=Reminder.Kind.SESSION, subject_id=session.pk, step=step)
        rows.update(due_at=due if due > at else None)


@transaction_required
def drop_session(session: LiveSession) -> None:
    """Remind nobody of a session that was called off."""
    Reminder.objects.filter(kind=Reminder.Kind.SESSION, subject_id=session.pk).update(due_at=None)


def send_due(*, now: datetime) -> int:
    """Send the reminders that are due, each once, where what they remind of still holds; return how many were sent.

    Safe to run at any time and by several at once; one that fails is tried again later and holds up no other.
    """
    sent = 0
    for reminder_id in queries.due(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            sent += _send(reminder_id=reminder_id, now=now)
        except Exception:
            logger.exception("Could not send reminder %s", reminder_id)
            _postpone(reminder_id=reminder_id, now=now)
    return sent


@transaction
def _send(*, reminder_id: int, now: datetime) -> bool:
    reminder = queries.lock(reminder_id)
    if reminder is None or reminder.due_at is None or reminder.due_at > now:
        return False
    words = {
        Reminder.Kind.SESSION: _session,
        Reminder.Kind.CERTIFICATE: _certificate,
        Reminder.Kind.ASSIGNMENT: _assignment,
    }[Reminder.Kind(reminder.kind)](reminder, now)
    reminder.due_at = None
    if words is not None:
        kind, params, path = words
        telling.queue(
            merchant_id=reminder.merchant_id,
            kind=kind,
            at=now,
            params={**params, "step": reminder.step},
            path=path,
            subject_id=reminder.subject_id,
            dedupe_key=f"reminder-{reminder.pk}-{now:%Y%m%d%H}",
        )
        reminder.sent_at = now
    reminder.save(update_fields=["due_at", "sent_at"])
    return words is not None


type Words = tuple[str, dict[str, Any], str] | None


def _session(reminder: Reminder, now: datetime) -> Words:
    session = queries.session_with_a_seat(reminder)
    if session is None or session.status not in TO_COME or session.starts_at <= now - AGAIN:
        return None
    params = {"title": session.title, "starts_at": session.starts_at.isoformat()}
    return "training.session_soon", params, f"/m/training/sessions/{session.pk}/"


def _certificate(reminder: Reminder, now: datetime) -> Words:
    certificate = queries.certificate_still_newest(reminder)
    if certificate is None or certificate.expires_at is None:
        return None
    params = {
        "title": certificate.version.title,
        "holder": certificate.holder_name,
        "day": f"{certificate.expires_at:%Y-%m-%d}",
        "days": max(0, (certificate.expires_at - now).days),
    }
    return "training.certificate_ends", params, "/m/training/certificates/"


def _assignment(reminder: Reminder, now: datetime) -> Words:
    found = queries.assignment_still_open(reminder)
    if found is None:
        return None
    assignment, left = found
    params = {"title": assignment.course.title, "day": f"{assignment.due_at:%Y-%m-%d}", "left": left}
    return "training.course_due", params, f"/m/training/courses/{assignment.course.code}/"


@transaction
def _postpone(*, reminder_id: int, now: datetime) -> None:
    Reminder.objects.filter(pk=reminder_id, due_at__isnull=False).update(due_at=now + AGAIN)


def _promise(
    kind: str, subject_id: int, moment: datetime, steps: dict[str, timedelta], *, merchant_id: int, at: datetime
) -> None:
    rows = [
        Reminder(merchant_id=merchant_id, kind=kind, subject_id=subject_id, step=step, due_at=moment - before)
        for step, before in steps.items()
        if moment - before > at
    ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
