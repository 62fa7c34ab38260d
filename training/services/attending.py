"""Being in a room: attendance by heartbeats, the recording counted apart."""

from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.lifecycle import SessionStatus
from training.models import Attendance, Enrolment, Lesson, LiveSession, Progress, Registration
from training.queries import learning, sessions
from training.rules import intervals
from training.services import completing, timing

REPLAY_PERCENT = 90


@transaction
def beat(*, actor: Actor, session_id: int, told: timing.Beat, at: datetime) -> Attendance:
    """Count the time somebody was in the room while it was live, or the parts of the recording they saw.

    Safe to repeat: the same time, from another tab or sent again, counts once.
    """
    told.check()
    session = sessions.all_sessions().filter(pk=session_id).first()
    if session is None:
        raise NotFound
    require(policies.can_learn(actor, actor.merchant_id))
    merchant_id, user_id = actor.merchant_id or 0, actor.id or 0
    _check_open(session, merchant_id=merchant_id, user_id=user_id)
    learning.lock_learner(merchant_id=merchant_id, user_id=user_id)
    attendance, _new = Attendance.objects.get_or_create(
        merchant_id=merchant_id, session=session, user_id=user_id, defaults={"opened_at": at}
    )
    periods = told.periods(at=at, since=attendance.opened_at)
    timing.credit(
        merchant_id=merchant_id, user_id=user_id, subject=timing.Subject(session_id=session.pk), periods=periods
    )
    if session.status == SessionStatus.LIVE:
        _note_live(attendance, session, periods, at=at)
    else:
        _note_replay(attendance, session, told, at=at)
    attendance.save()
    return attendance


@transaction_required
def judge(session: LiveSession, *, at: datetime) -> None:
    """Find who attended once a session is over, by how long it really lasted."""
    for attendance in sessions.attendances_to_judge(session.pk):
        if attendance.live_seconds and attendance.live_seconds >= session.needed_seconds():
            attendance.attended_at = at
            attendance.save(update_fields=["attended_at"])
            _finish_lesson(attendance, session, at=at)


def _check_open(session: LiveSession, *, merchant_id: int, user_id: int) -> None:
    if session.status == SessionStatus.LIVE:
        seat = sessions.registration_of(merchant_id=merchant_id, user_id=user_id, session_id=session.pk)
        if seat is None or seat.status != Registration.Status.SEATED:
            raise Conflict(_("Take a seat first."))
    elif session.status != SessionStatus.ENDED or not session.recording_url:
        raise Conflict(_("The room is closed."))


def _note_live(
    attendance: Attendance, session: LiveSession, periods: list[tuple[datetime, datetime]], *, at: datetime
) -> None:
    start, end = session.window()
    zero = session.starts_at.timestamp()
    there = [(first.timestamp() - zero, last.timestamp() - zero) for first, last in periods]
    cut = intervals.within(there, start=start.timestamp() - zero, end=end.timestamp() - zero)
    known = intervals.merged([*attendance.live, *cut])
    attendance.live = [[round(first, 1), round(last, 1)] for first, last in known]
    attendance.live_seconds = round(intervals.length(known))
    if attendance.attended_at is None and attendance.live_seconds >= session.needed_seconds():
        attendance.attended_at = at
        _finish_lesson(attendance, session, at=at)


def _note_replay(attendance: Attendance, session: LiveSession, told: timing.Beat, *, at: datetime) -> None:
    duration = float(session.recording_seconds or 0)
    possible = timing.FASTEST * (at - attendance.opened_at).total_seconds() + timing.GRACE
    known = timing.widened(attendance.replay, told.seen, duration=duration, possible=possible)
    attendance.replay = [[round(first, 1), round(last, 1)] for first, last in known]
    attendance.replay_seconds = round(intervals.length(known))
    if told.position is not None:
        attendance.position = min(max(0.0, told.position), duration)
    if attendance.replayed_at is None and intervals.is_covered(known, duration=duration, percent=REPLAY_PERCENT):
        attendance.replayed_at = at
        _finish_lesson(attendance, session, at=at)


@transaction_required
def _finish_lesson(attendance: Attendance, session: LiveSession, *, at: datetime) -> None:
    """Finish the lesson that a session belongs to, for somebody who learns its course."""
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("version", "course")
    mine = rows.filter(merchant_id=attendance.merchant_id, user_id=attendance.user_id, course_id=session.course_id)
    enrolment = mine.first() if session.course_id and session.lesson_code else None
    if enrolment is None:
        return
    lesson = Lesson.objects.filter(
        version_id=enrolment.version_id, code=session.lesson_code, kind=Lesson.Kind.LIVE
    ).first()
    if lesson is None:
        return
    progress, _new = Progress.objects.get_or_create(
        merchant_id=enrolment.merchant_id, enrolment=enrolment, lesson=lesson, defaults={"opened_at": at}
    )
    completing.finish(progress, enrolment, at=at)
