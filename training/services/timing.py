"""Learning time, counted by the server from heartbeats: nothing is lost, nothing counts twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.models import Lesson, Progress, StudySpan
from training.queries import courses, learning
from training.rules import intervals
from training.services import completing

CATCH_UP = timedelta(minutes=10)  # how long a lost connection may last before its time is gone
TOUCHING = timedelta(seconds=2)
FASTEST = 2.0  # the highest speed of the player: nobody sees more of a video in the time there was
GRACE = 5.0
MOST_PARTS = 50


@dataclass(frozen=True)
class Beat:
    """What a page tells every few seconds: when one was at it (seconds ago, from and until), what was seen, where."""

    spans: Sequence[Sequence[float]] = ()
    seen: Sequence[Sequence[float]] = ()
    position: float | None = None

    def check(self) -> None:
        """Refuse what no page of ours would say."""
        for name, parts in (("spans", self.spans), ("seen", self.seen)):
            if len(parts) > MOST_PARTS or any(len(part) != 2 for part in parts):
                raise Invalid(fields={name: [_("At most 50 pairs of numbers.")]})

    def periods(self, *, at: datetime, since: datetime) -> list[tuple[datetime, datetime]]:
        """Return the spans as moments, cut to what can be true."""
        earliest = max(since, at - CATCH_UP)
        told = [(at.timestamp() - max(part), at.timestamp() - min(part)) for part in self.spans]
        cut = intervals.within(intervals.merged(told), start=earliest.timestamp(), end=at.timestamp())
        return [(_moment(start, at), _moment(end, at)) for start, end in cut]


@dataclass(frozen=True)
class Subject:
    """What was learned in that time."""

    lesson: Lesson | None = None
    session_id: int | None = None

    def named(self) -> dict[str, int | None]:
        """Return the columns of a span."""
        if self.lesson is None:
            return {"session_id": self.session_id}
        return {"lesson_id": self.lesson.pk, "course_id": self.lesson.version.course_id}


@transaction
def beat(*, actor: Actor, course_id: int, code: str, told: Beat, at: datetime) -> Progress:
    """Count the time somebody spent in a lesson and the parts of its video they saw.

    Safe to repeat: the same time, from another tab or sent again, counts once.
    """
    told.check()
    require(policies.can_learn(actor, actor.merchant_id))
    learning.lock_learner(merchant_id=actor.merchant_id or 0, user_id=actor.id or 0)  # first, as in a room
    enrolment = learning.lock_enrolment(merchant_id=actor.merchant_id, user_id=actor.id, course_id=course_id)
    lesson = courses.lesson(enrolment.version_id, code)
    progress, _new = Progress.objects.get_or_create(
        merchant_id=enrolment.merchant_id, enrolment=enrolment, lesson=lesson, defaults={"opened_at": at}
    )
    periods = told.periods(at=at, since=progress.opened_at)
    new = credit(
        merchant_id=enrolment.merchant_id, user_id=enrolment.user_id, subject=Subject(lesson=lesson), periods=periods
    )
    _note_seen(progress, lesson, told, at=at)
    progress.seconds += round(new)
    progress.save(update_fields=["seconds", "seen", "position"])
    if lesson.kind == Lesson.Kind.VIDEO and is_seen(progress, lesson):
        completing.finish(progress, enrolment, at=at)
    enrolment.active_at = at
    enrolment.save(update_fields=["active_at"])
    return progress


@transaction_required
def credit(*, merchant_id: int, user_id: int, subject: Subject, periods: Sequence[tuple[datetime, datetime]]) -> float:
    """Add learning time that was not counted yet; return how many seconds were new."""
    if not periods:
        return 0
    learning.lock_learner(merchant_id=merchant_id, user_id=user_id)
    since, until = periods[0][0] - TOUCHING, periods[-1][1]
    known = list(learning.spans_between(merchant_id=merchant_id, user_id=user_id, since=since, until=until))
    taken = [(span.started_at.timestamp(), span.ended_at.timestamp()) for span in known]
    seconds = 0.0
    for period in periods:
        for start, end in intervals.without((period[0].timestamp(), period[1].timestamp()), taken):
            moments = _moment(start, until), _moment(end, until)
            if moments[0] < moments[1]:
                _extend_or_add(known, subject, merchant_id=merchant_id, user_id=user_id, moments=moments)
                seconds += end - start
    return seconds


def is_seen(progress: Progress, lesson: Lesson) -> bool:
    """Whether the seen parts of a video cover what must be seen of it."""
    return intervals.is_covered(progress.seen, duration=lesson.duration or 0, percent=lesson.threshold)


def widened(
    known: Sequence[Sequence[float]], told: Sequence[Sequence[float]], *, duration: float, possible: float
) -> list[intervals.Interval]:
    """Return the seen parts with those that are told, as far as there was time to see them."""
    seen = intervals.merged(known)
    for part in intervals.within(told, start=0, end=duration):
        more = intervals.merged([*seen, part])
        if intervals.length(more) <= possible:
            seen = more
    return seen


def _note_seen(progress: Progress, lesson: Lesson, told: Beat, *, at: datetime) -> None:
    if lesson.kind != Lesson.Kind.VIDEO:
        return
    duration = float(lesson.duration or 0)
    possible = FASTEST * (at - progress.opened_at).total_seconds() + GRACE
    seen = widened(progress.seen, told.seen, duration=duration, possible=possible)
    progress.seen = [[round(start, 1), round(end, 1)] for start, end in seen]
    if told.position is not None:
        progress.position = min(max(0.0, told.position), duration)


def _extend_or_add(
    known: list[StudySpan],
    subject: Subject,
    *,
    merchant_id: int,
    user_id: int,
    moments: tuple[datetime, datetime],
) -> None:
    """Lengthen the span that this time continues, or begin another: an hour of learning is a handful of rows."""
    columns = subject.named()
    for span in known:
        same = all(getattr(span, name) == value for name, value in columns.items())
        gap = moments[0] - span.ended_at
        if same and timedelta(0) <= gap <= timedelta(milliseconds=5):
            span.ended_at = moments[1]
            span.save(update_fields=["ended_at"])
            return
    known.append(
        StudySpan.objects.create(
            merchant_id=merchant_id, user_id=user_id, started_at=moments[0], ended_at=moments[1], **columns
        )
    )


def _moment(seconds: float, like: datetime) -> datetime:
    return datetime.fromtimestamp(round(seconds, 3), tz=like.tzinfo)
