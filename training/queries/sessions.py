"""Every read of live sessions, seats, rooms and attendance."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from training.lifecycle import TO_COME, SessionStatus
from training.models import Attendance, Learner, LiveSession, Registration, RoomPost, RoomQuestion
from training.queries.sight import sees_all, sees_team

RECENT = ["-starts_at", "-id"]
POSTS_SHOWN = 50
LATE = timedelta(hours=6)


def all_sessions() -> QuerySet[LiveSession]:
    """Return the live sessions, which belong to no shop."""
    return LiveSession.objects.select_related("course", "host")


def to_come(now: datetime) -> QuerySet[LiveSession]:
    """Return the sessions that are live or will be, the next first; one nobody ended is not shown for ever."""
    rows = all_sessions().filter(status__in=TO_COME)
    return rows.filter(ends_at__gt=now - LATE).order_by("starts_at", "pk")


def recorded() -> QuerySet[LiveSession]:
    """Return the sessions that can be seen again, newest first."""
    return all_sessions().filter(status=SessionStatus.ENDED).exclude(recording_url="").order_by(*RECENT)


def of_lesson(course_id: int, code: str) -> QuerySet[LiveSession]:
    """Return the sessions tied to a lesson, newest first."""
    rows = all_sessions().filter(course_id=course_id, lesson_code=code).exclude(status=SessionStatus.CANCELLED)
    return rows.order_by(*RECENT)


def lock(session_id: int) -> LiveSession:
    """Return a session, locked."""
    found = LiveSession.objects.select_for_update().filter(pk=session_id).first()
    if found is None:
        raise NotFound
    return found


def with_free_seats(now: datetime) -> QuerySet[LiveSession]:
    """Return the sessions in which a seat came free while others wait."""
    return LiveSession.objects.filter(seats_due_at__lte=now).order_by("seats_due_at", "pk")


def queue_of(session_id: int) -> QuerySet[Registration]:
    """Return who waits for a seat, first come first, of all shops."""
    tenancy.require_scope()
    rows = Registration.objects.filter(session_id=session_id, status=Registration.Status.WAITING)
    return rows.order_by("queued_at", "pk")


def registration_of(*, merchant_id: int | None, user_id: int | None, session_id: int) -> Registration | None:
    """Return a person's seat or place in the queue."""
    return Registration.objects.filter(merchant_id=merchant_id, user_id=user_id, session_id=session_id).first()


def registrations_of_person(*, merchant_id: int, user_id: int) -> QuerySet[Registration]:
    """Return the sessions a person has a seat or a place in the queue for."""
    rows = Registration.objects.filter(merchant_id=merchant_id, user_id=user_id).select_related("session")
    return rows.exclude(status=Registration.Status.CANCELLED).order_by("session__starts_at", "pk")


def registrations_visible_to(actor: Actor) -> QuerySet[Registration]:
    """Return the registrations of the actor's shop; owners see all, others their own, trainers everybody's."""
    tenancy.require_scope()
    rows = Registration.objects.select_related("session", "user", "merchant")
    if sees_all(actor):
        return rows
    mine = rows.filter(merchant_id=actor.merchant_id or 0)
    return mine if sees_team(actor) else mine.filter(user_id=actor.id)


def posts_of(session_id: int) -> list[RoomPost]:
    """Return what stands on the board of a room, newest first."""
    return list(RoomPost.objects.filter(session_id=session_id).order_by("-at", "-pk")[:POSTS_SHOWN])


def questions_of_person(*, merchant_id: int, user_id: int | None, session_id: int) -> list[RoomQuestion]:
    """Return what a person asked in a room, newest first."""
    rows = RoomQuestion.objects.filter(merchant_id=merchant_id, user_id=user_id, session_id=session_id)
    return list(rows.order_by("-asked_at", "-pk")[:10])


def questions_visible_to(actor: Actor) -> QuerySet[RoomQuestion]:
    """Return the questions of all rooms to trainers, one's own to everybody else."""
    tenancy.require_scope()
    rows = RoomQuestion.objects.select_related("session", "user", "merchant", "post")
    return rows if sees_all(actor) else rows.filter(merchant_id=actor.merchant_id or 0, user_id=actor.id)


def lock_question(question_id: int) -> RoomQuestion:
    """Return a question, locked."""
    found = RoomQuestion.objects.select_for_update().filter(pk=question_id).first()
    if found is None:
        raise NotFound
    return found


def attendance_of(*, merchant_id: int, user_id: int | None, session_id: int) -> Attendance | None:
    """Return what a person saw of a session."""
    return Attendance.objects.filter(merchant_id=merchant_id, user_id=user_id, session_id=session_id).first()


def attendances_visible_to(actor: Actor) -> QuerySet[Attendance]:
    """Return who saw what of which session."""
    tenancy.require_scope()
    rows = Attendance.objects.prefetch_related("session", "user", "merchant")
    if sees_all(actor):
        return rows
    mine = rows.filter(merchant_id=actor.merchant_id or 0)
    return mine if sees_team(actor) else mine.filter(user_id=actor.id)


def attendances_to_judge(session_id: int) -> QuerySet[Attendance]:
    """Return who was there and has not been found to have attended."""
    tenancy.require_scope()
    return Attendance.objects.filter(session_id=session_id, attended_at__isnull=True)


def learner_by_feed(digest: str) -> Learner | None:
    """Return whose calendar this address is; looks through all shops."""
    return Learner.objects.filter(feed_digest=digest).first() if digest else None


def matching(text: str) -> Q:
    """Return the condition that a session's title holds these words."""
    return Q(title__zh__icontains=text) | Q(title__en__icontains=text)
