"""What reminders stand on: whether the thing still holds."""

from datetime import datetime

from django.db.models import QuerySet

from merchant_protection.foundation import tenancy
from training.models import Assignment, Certificate, LiveSession, Registration, Reminder
from training.queries import assignments


def due(now: datetime) -> QuerySet[Reminder]:
    """Return the reminders whose moment has come."""
    tenancy.require_scope()
    return Reminder.objects.filter(due_at__lte=now).order_by("due_at", "pk")


def lock(reminder_id: int) -> Reminder | None:
    """Return a reminder, locked, unless another worker has it."""
    return Reminder.objects.select_for_update(skip_locked=True).filter(pk=reminder_id).first()


def session_with_a_seat(reminder: Reminder) -> LiveSession | None:
    """Return the session of a reminder, if anybody of the shop has a seat in it."""
    seats = Registration.objects.filter(
        merchant_id=reminder.merchant_id, session_id=reminder.subject_id, status=Registration.Status.SEATED
    )
    return LiveSession.objects.filter(pk=reminder.subject_id).first() if seats.exists() else None


def certificate_still_newest(reminder: Reminder) -> Certificate | None:
    """Return the certificate of a reminder, unless it was taken back or renewed."""
    rows = Certificate.objects.filter(merchant_id=reminder.merchant_id)
    found = rows.filter(pk=reminder.subject_id, revoked_at__isnull=True).select_related("version").first()
    if found is None:
        return None
    newer = rows.filter(enrolment_id=found.enrolment_id, issued_at__gt=found.issued_at, revoked_at__isnull=True)
    return None if newer.exists() else found


def assignment_still_open(reminder: Reminder) -> tuple[Assignment, int] | None:
    """Return the assignment of a reminder with how many people have yet to complete it, if any have."""
    rows = Assignment.objects.filter(merchant_id=reminder.merchant_id, pk=reminder.subject_id, ended_at__isnull=True)
    found = rows.select_related("course").first()
    if found is None:
        return None
    left = len(assignments.people_left(found))
    return (found, left) if left else None
