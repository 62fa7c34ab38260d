"""The clocks of the desk: when an answer is owed, and who hears of it when it is late."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from merchant_protection.foundation import business_time
from merchant_protection.foundation.business_time import Calendar

NOTHING = timedelta(0)
WARNING, ESCALATION = "WARNING", "ESCALATION"

Span = tuple[datetime, datetime]


class Target(StrEnum):
    """What is owed to the merchant within a time."""

    FIRST_RESPONSE = "FIRST_RESPONSE"
    NEXT_UPDATE = "NEXT_UPDATE"
    RESOLUTION = "RESOLUTION"


class OnBreach(StrEnum):
    """What happens when a target is missed."""

    ESCALATE = "ESCALATE"
    NOTIFY = "NOTIFY"
    AUTO_UPHOLD = "AUTO_UPHOLD"


@dataclass(frozen=True)
class Promise:
    """How much working time a target allows, and what happens when it has passed."""

    target: Target
    within: timedelta
    on_breach: OnBreach = OnBreach.ESCALATE


@dataclass(frozen=True)
class Step:
    """One rung of the escalation: who hears of it, this much working time after the target (before it if negative)."""

    level: int
    audience: str
    offset: timedelta


@dataclass(frozen=True)
class Terms:
    """One version of a service-level policy; a claim keeps the version it started with."""

    calendar: Calendar
    promises: tuple[Promise, ...]
    pause_cap: timedelta
    warnings: tuple[int, ...] = (50, 75, 90)
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Interval:
    """A stretch of time, still going on when it has no end."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class History:
    """What has happened to a claim, as far as its clocks are concerned."""

    opened_at: datetime
    first_response_at: datetime | None = None
    updates: tuple[datetime, ...] = ()
    resolved_at: datetime | None = None
    pauses: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class Alert:
    """A row that fires once: a warning at so many per cent, or a rung of the escalation."""

    kind: str
    level: int
    audience: str
    due_at: datetime

    @property
    def key(self) -> tuple[str, int]:
        """What makes it the same alert after its time has been corrected."""
        return (self.kind, self.level)


@dataclass(frozen=True)
class Clock:
    """One target of one claim: since when it runs, when it is due, when it was met.

    Every update the merchant gets starts the next round of its target. `due_at`
    of a paused clock is the latest it can become: the pause used up to its cap.
    """

    target: Target
    round: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    on_breach: OnBreach
    alerts: tuple[Alert, ...]

    @property
    def is_open(self) -> bool:
        """Whether the answer is still owed."""
        return self.stopped_at is None

    def is_breached(self, now: datetime) -> bool:
        """Whether the target was missed; an answer on the very moment is in time."""
        return (self.stopped_at or now) > self.due_at


@dataclass(frozen=True)
class Changes:
    """What to do to stored alerts so that they match a clock worked out afresh."""

    added: tuple[Alert, ...] = ()
    moved: tuple[Alert, ...] = ()
    dropped: tuple[Alert, ...] = ()


def clocks(terms: Terms, history: History) -> tuple[Clock, ...]:
    """Return every clock of a claim, worked out afresh from its history."""
    pauses = capped_pauses(terms, history)
    return tuple(
        _clock(terms, promise, pauses, number, started, stopped)
        for promise in terms.promises
        for number, (started, stopped) in enumerate(_rounds(promise.target, history), start=1)
    )


def next_deadline(running: Iterable[Clock]) -> Clock | None:
    """Return the open clock that is due first: what the claim is sorted by."""
    return min((clock for clock in running if clock.is_open), key=lambda clock: clock.due_at, default=None)


def pauses_from(moves: Sequence[tuple[datetime, str]], waiting: Iterable[str]) -> tuple[Interval, ...]:
    """Return when a claim waited for somebody else, from its status changes in order: (moment, new status)."""
    waits, found, since = frozenset(waiting), [], None
    for at, status in moves:
        if status in waits and since is None:
            since = at
        elif status not in waits and since is not None:
            found.append(Interval(since, at))
            since = None
    return (*found, Interval(since)) if since is not None else tuple(found)


def capped_pauses(terms: Terms, history: History) -> tuple[Span, ...]:
    """Return the pauses that count: merged, within the claim's life, and cut where their total reaches the cap.

    The cap is working time over all pauses of the claim. A pause still going on
    is taken to last until the cap is used up.
    """
    left, counted = terms.pause_cap, []
    for pause in _merged(history):
        if left <= NOTHING:
            break
        latest = business_time.add_working(terms.calendar, pause.start, left)
        end = latest if pause.end is None else min(pause.end, latest)
        left -= business_time.working_time_between(terms.calendar, pause.start, end)
        counted.append((pause.start, end))
    return tuple(counted)


def worked(calendar: Calendar, start: datetime, at: datetime, pauses: Iterable[Span]) -> timedelta:
    """Return the working time from `start` to `at` that the desk had and was not paused."""
    overlaps = ((max(start, begins), min(at, ends)) for begins, ends in pauses)
    paused = (business_time.working_time_between(calendar, a, b) for a, b in overlaps if a < b)
    return business_time.working_time_between(calendar, start, at) - sum(paused, NOTHING)


def due(calendar: Calendar, start: datetime, amount: timedelta, pauses: Iterable[Span]) -> datetime:
    """Return the moment by which the desk has had `amount` of unpaused working time since `start`.

    The pauses are in order and apart, as `capped_pauses` gives them.
    """
    left, running_since = amount, start
    for begins, ends in pauses:
        if ends <= running_since:
            continue
        if begins > running_since:
            until_pause = business_time.working_time_between(calendar, running_since, begins)
            if left <= until_pause:
                break
            left -= until_pause
        running_since = ends
    return business_time.add_working(calendar, running_since, left)


def progress(terms: Terms, history: History, clock: Clock, now: datetime) -> float:
    """Return how much of the target's time has gone: 0.0 at the start, 1.0 when due, more when late."""
    promise = next(each for each in terms.promises if each.target == clock.target)
    until = clock.stopped_at or now
    return worked(terms.calendar, clock.started_at, until, capped_pauses(terms, history)) / promise.within


def is_paused(terms: Terms, history: History, now: datetime) -> bool:
    """Say whether the clocks stand still now: waiting for somebody else, with some of the cap left."""
    return any(begins <= now < ends for begins, ends in capped_pauses(terms, history))


def changes(*, pending: Iterable[Alert], fired: Iterable[tuple[str, int]], wanted: Iterable[Alert]) -> Changes:
    """Return how the alert rows of a clock must change after a calendar or the history was corrected.

    An alert that has fired is left alone, even if it would now fire later: each fires once.
    """
    stored, spent = {alert.key: alert for alert in pending}, set(fired)
    owed = {alert.key: alert for alert in wanted if alert.key not in spent}
    return Changes(
        added=tuple(alert for key, alert in owed.items() if key not in stored),
        moved=tuple(alert for key, alert in owed.items() if key in stored and stored[key] != alert),
        dropped=tuple(alert for key, alert in stored.items() if key not in owed),
    )


def _rounds(target: Target, history: History) -> Iterator[tuple[datetime, datetime | None]]:
    """Give (started, stopped) of each round of a target; what is resolved owes nothing more."""
    resolved = history.resolved_at
    if target is Target.RESOLUTION:
        yield history.opened_at, resolved
    elif target is Target.FIRST_RESPONSE:
        yield history.opened_at, _first(history.first_response_at, resolved)
    elif history.first_response_at:
        answered = history.first_response_at
        told = [each for each in sorted(set(history.updates)) if each > answered and not (resolved and each > resolved)]
        starts = [answered, *told]
        for started, stopped in zip(starts, [*told, resolved], strict=True):
            if resolved is None or started < resolved:
                yield started, stopped


def _clock(
    terms: Terms,
    promise: Promise,
    pauses: Sequence[Span],
    number: int,
    started: datetime,
    stopped: datetime | None,
) -> Clock:
    def after(amount: timedelta) -> datetime:
        return due(terms.calendar, started, max(amount, NOTHING), pauses)

    warnings = [Alert(WARNING, each, "OWNER", after(promise.within * each / 100)) for each in terms.warnings]
    rungs = [Alert(ESCALATION, step.level, step.audience, after(promise.within + step.offset)) for step in terms.steps]
    alerts = sorted([*warnings, *rungs], key=lambda alert: (alert.due_at, alert.kind, alert.level))
    return Clock(
        target=promise.target,
        round=number,
        started_at=started,
        due_at=after(promise.within),
        stopped_at=stopped,
        on_breach=promise.on_breach,
        alerts=tuple(alerts),
    )


def _merged(history: History) -> list[Interval]:
    merged: list[Interval] = []
    for pause in sorted(history.pauses, key=lambda each: each.start):
        start = max(pause.start, history.opened_at)
        end = _first(pause.end, history.resolved_at)
        if end is not None and end <= start:
            continue
        if merged and (merged[-1].end is None or start <= merged[-1].end):
            merged[-1] = Interval(merged[-1].start, _last(merged[-1].end, end))
        else:
            merged.append(Interval(start, end))
    return merged


def _first(a: datetime | None, b: datetime | None) -> datetime | None:
    return min(a, b) if a and b else a or b


def _last(a: datetime | None, b: datetime | None) -> datetime | None:
    return max(a, b) if a and b else None
