"""What if there were more reviewers: the desk played through over arrivals that really happened."""

import bisect
import heapq
import math
import random
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from merchant_protection.foundation import business_time
from merchant_protection.foundation.business_time import Calendar


@dataclass(frozen=True)
class Case:
    """A claim that came in, and the working time a reviewer spends on it."""

    arrived_at: datetime
    effort: timedelta


@dataclass(frozen=True)
class Outlook:
    """What merchants would see with so many reviewers.

    `median` and `p90` are working time from filing to decision, the `elapsed`
    ones time by the wall clock; `busy` is the share of the reviewers' time in use.
    """

    reviewers: int
    cases: int
    median: timedelta
    p90: timedelta
    elapsed_median: timedelta
    elapsed_p90: timedelta
    busy: float


def simulate(cases: Iterable[Case], *, calendar: Calendar, reviewers: int) -> Outlook:
    """Play the desk through: first come, first served, each reviewer one case at a time, in working hours only."""
    if reviewers < 1:
        raise ValueError("Without reviewers nothing is ever decided.")
    ordered = sorted(cases, key=lambda case: case.arrived_at)
    if not ordered:
        nothing = timedelta(0)
        return Outlook(reviewers, 0, nothing, nothing, nothing, nothing, 0.0)
    opened, waits = ordered[0].arrived_at, []
    finishes = _finishes(ordered, calendar, reviewers)
    for case, (arrived, finished) in zip(ordered, finishes, strict=True):
        decided_at = business_time.add_working(calendar, opened, finished)
        waits.append((finished - arrived, decided_at - case.arrived_at))
    span = max(finished for _, finished in finishes)
    spent = sum((case.effort for case in ordered), timedelta(0))
    working, elapsed = (sorted(times) for times in zip(*waits, strict=True))
    return Outlook(
        reviewers=reviewers,
        cases=len(ordered),
        median=percentile(working, 0.5),
        p90=percentile(working, 0.9),
        elapsed_median=percentile(elapsed, 0.5),
        elapsed_p90=percentile(elapsed, 0.9),
        busy=spent / (span * reviewers) if span else 0.0,
    )


def expected(
    arrivals: Sequence[datetime],
    efforts: Sequence[timedelta],
    *,
    calendar: Calendar,
    reviewers: int,
    runs: int = 10,
    seed: int = 1,
) -> Outlook:
    """Return what to expect with so many reviewers, averaged over several plays.

    The arrivals are the real ones; how long each case takes is drawn from the
    real durations. The same seed gives the same answer, and every number of
    reviewers is tried on the same cases.
    """
    draw = random.Random(seed)  # noqa: S311 - a repeatable play, no secret
    plays = [
        simulate(
            [Case(at, draw.choice(efforts)) for at in sorted(arrivals)],
            calendar=calendar,
            reviewers=reviewers,
        )
        for _ in range(runs)
    ]
    return Outlook(
        reviewers=reviewers,
        cases=len(arrivals),
        median=_mean([play.median for play in plays]),
        p90=_mean([play.p90 for play in plays]),
        elapsed_median=_mean([play.elapsed_median for play in plays]),
        elapsed_p90=_mean([play.elapsed_p90 for play in plays]),
        busy=statistics.fmean(play.busy for play in plays),
    )


def fewest_reviewers(
    arrivals: Sequence[datetime],
    efforts: Sequence[timedelta],
    *,
    calendar: Calendar,
    p90_within: timedelta,
    at_most: int = 100,
) -> Outlook | None:
    """Return the outlook with the fewest reviewers that keep the p90 within a time, or None if `at_most` do not."""

    def outlook(reviewers: int) -> Outlook:
        return expected(arrivals, efforts, calendar=calendar, reviewers=reviewers)

    counts = range(1, at_most + 1)
    place = bisect.bisect_left(counts, True, key=lambda count: outlook(count).p90 <= p90_within)
    return outlook(counts[place]) if place < len(counts) else None


def percentile(ordered: Sequence[timedelta], share: float) -> timedelta:
    """Return the value that so large a share of the sorted values does not exceed (nearest rank)."""
    return ordered[max(math.ceil(len(ordered) * share) - 1, 0)]


def _finishes(ordered: Sequence[Case], calendar: Calendar, reviewers: int) -> list[tuple[timedelta, timedelta]]:
    """Return when each case arrives and is decided, in working time since the first arrival."""
    free = [timedelta(0)] * reviewers
    arrived, before, found = timedelta(0), ordered[0].arrived_at, []
    for case in ordered:
        arrived += business_time.working_time_between(calendar, before, case.arrived_at)
        before = case.arrived_at
        finished = max(heapq.heappop(free), arrived) + case.effort
        heapq.heappush(free, finished)
        found.append((arrived, finished))
    return found


def _mean(times: Sequence[timedelta]) -> timedelta:
    return sum(times, timedelta(0)) / len(times)
