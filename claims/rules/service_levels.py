"""Which service-level policy a claim gets, whether a policy makes sense, and how a flood is spread."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from claims.rules.reasons import Reason
from claims.rules.sla import NOTHING, Target, Terms
from merchant_protection.foundation import business_time
from merchant_protection.foundation.business_time import Calendar


@dataclass(frozen=True)
class Scope:
    """Which claims a policy is for; None stands for any."""

    policy: str
    queue: str | None = None
    priority: str | None = None
    tier: str | None = None

    def covers(self, *, queue: str, priority: str, tier: str) -> bool:
        """Say whether the policy is meant for such a claim."""
        wanted = (self.queue, queue), (self.priority, priority), (self.tier, tier)
        return all(limit is None or limit == fact for limit, fact in wanted)

    @property
    def closeness(self) -> tuple[bool, bool, bool]:
        """How narrowly it is meant: a queue counts more than a priority, that more than a tier."""
        return (self.queue is not None, self.priority is not None, self.tier is not None)


def choose(scopes: Iterable[Scope], *, queue: str, priority: str, tier: str) -> Scope | None:
    """Return the most narrowly meant policy that covers the claim; the first of equals."""
    covering = [scope for scope in scopes if scope.covers(queue=queue, priority=priority, tier=tier)]
    return max(covering, key=lambda scope: scope.closeness, default=None)


def problems(terms: Terms) -> tuple[Reason, ...]:
    """Return why a service-level policy cannot be saved; nothing when it can."""
    return tuple(_problems(terms))


def staggered_start(
    calendar: Calendar, opened_at: datetime, *, position: int, at_once: int, spacing: timedelta
) -> datetime:
    """Return when the clock of one claim out of a bulk filing starts.

    The first `at_once` start as they arrive; each after that starts `spacing` of
    working time behind the one before, so that nobody is owed 500 answers in the same hour.
    """
    behind = max(position - at_once + 1, 0)
    return business_time.add_working(calendar, opened_at, spacing * behind)


def _problems(terms: Terms) -> Iterator[Reason]:
    within = {promise.target: promise.within for promise in terms.promises}
    yield from _of_targets(terms)
    yield from _of_steps(terms)
    if Target.NEXT_UPDATE in within and Target.FIRST_RESPONSE not in within:
        yield Reason("UPDATE_WITHOUT_FIRST_RESPONSE")
    if within.get(Target.FIRST_RESPONSE, NOTHING) > within.get(Target.RESOLUTION, timedelta.max):
        yield Reason("FIRST_RESPONSE_AFTER_RESOLUTION")
    if terms.pause_cap < NOTHING:
        yield Reason("PAUSE_CAP_NEGATIVE")
    if not any(terms.calendar.week):
        yield Reason("CALENDAR_NEVER_OPENS")


def _of_targets(terms: Terms) -> Iterator[Reason]:
    times = Counter(promise.target for promise in terms.promises)
    if not times:
        yield Reason("NO_TARGET")
    yield from (Reason("TARGET_TWICE", facts={"target": target}) for target, count in times.items() if count > 1)
    short = (promise.target for promise in terms.promises if promise.within <= NOTHING)
    yield from (Reason("TARGET_NOT_POSITIVE", facts={"target": target}) for target in short)


def _of_steps(terms: Terms) -> Iterator[Reason]:
    if any(not 0 < percent < 100 for percent in terms.warnings) or len(set(terms.warnings)) < len(terms.warnings):
        yield Reason("WARNINGS_NOT_PER_CENT")
    if len({step.level for step in terms.steps}) < len(terms.steps):
        yield Reason("LEVEL_TWICE")
    offsets = [step.offset for step in sorted(terms.steps, key=lambda step: step.level)]
    if offsets != sorted(offsets):
        yield Reason("LEVELS_OUT_OF_ORDER")
