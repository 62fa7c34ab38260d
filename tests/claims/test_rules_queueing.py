import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from claims.rules import queueing
from claims.rules.queueing import Case
from merchant_protection.foundation import business_time
from merchant_protection.foundation.business_time import Calendar, Window

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALWAYS = business_time.always()
OFFICE = Calendar.of(zone="UTC", week=[[Window.between("09:00", "17:00")]] * 5 + [[], []])


def _arrivals(count: int, every: float, *, seed: int = 7) -> list[datetime]:
    """Arrivals at random, so many hours apart on average."""
    draw, at, found = random.Random(seed), START, []
    for _ in range(count):
        at += draw.expovariate(1 / every) * HOUR
        found.append(at)
    return found


def test_one_reviewer_takes_one_case_after_the_other():
    cases = [Case(START, 2 * HOUR), Case(START, HOUR), Case(START + 10 * HOUR, HOUR)]

    found = queueing.simulate(cases, calendar=ALWAYS, reviewers=1)

    assert (found.median, found.p90) == (2 * HOUR, 3 * HOUR)
    assert found.busy == pytest.approx(4 / 11)


def test_two_reviewers_work_side_by_side():
    found = queueing.simulate([Case(START, 2 * HOUR)] * 4, calendar=ALWAYS, reviewers=2)

    assert (found.median, found.p90, found.busy) == (2 * HOUR, 4 * HOUR, 1.0)


def test_a_case_left_at_closing_time_waits_for_the_next_working_day():
    friday = datetime(2026, 6, 5, 16, tzinfo=UTC)

    found = queueing.simulate([Case(friday, 2 * HOUR)], calendar=OFFICE, reviewers=1)

    assert found.median == 2 * HOUR
    assert found.elapsed_median == datetime(2026, 6, 8, 10, tzinfo=UTC) - friday


def test_the_order_in_which_cases_are_given_does_not_matter():
    cases = [Case(at, HOUR) for at in _arrivals(50, 1)]

    assert queueing.simulate(cases, calendar=OFFICE, reviewers=2) == queueing.simulate(
        reversed(cases), calendar=OFFICE, reviewers=2
    )


def test_without_cases_nobody_waits():
    found = queueing.simulate([], calendar=OFFICE, reviewers=3)

    assert (found.cases, found.p90, found.busy) == (0, timedelta(0), 0.0)


def test_cases_that_take_no_time_keep_nobody_busy():
    assert queueing.simulate([Case(START, timedelta(0))], calendar=OFFICE, reviewers=1).busy == 0.0


def test_without_reviewers_there_is_no_answer():
    with pytest.raises(ValueError, match="Without reviewers"):
        queueing.simulate([], calendar=OFFICE, reviewers=0)


def _share_still_waiting(after: float, reviewers: int, offered: float) -> float:
    """Erlang: the share of cases not decided after so many mean efforts, with random arrivals and efforts (M/M/n)."""
    idle = sum(offered**count / math.factorial(count) for count in range(reviewers))
    all_busy = offered**reviewers / math.factorial(reviewers) / (1 - offered / reviewers)
    spare = reviewers - 1 - offered
    queued = all_busy / (idle + all_busy) * (1 - math.exp(-after * spare)) / spare
    return math.exp(-after) * (1 + queued)


@pytest.mark.parametrize(("reviewers", "load"), [(1, 0.5), (3, 0.7), (8, 0.8)])
def test_a_long_play_agrees_with_the_theory_of_queues(reviewers, load):
    draw = random.Random(3)
    arrivals = _arrivals(30_000, 1 / (load * reviewers))
    cases = [Case(at, draw.expovariate(1.0) * HOUR) for at in arrivals]

    found = queueing.simulate(cases, calendar=ALWAYS, reviewers=reviewers)

    assert found.busy == pytest.approx(load, rel=0.03)
    assert _share_still_waiting(found.median / HOUR, reviewers, load * reviewers) == pytest.approx(0.5, abs=0.02)
    assert _share_still_waiting(found.p90 / HOUR, reviewers, load * reviewers) == pytest.approx(0.1, abs=0.02)


def test_more_reviewers_never_make_merchants_wait_longer():
    arrivals, efforts = _arrivals(400, 0.3), [HOUR / 2, HOUR, 3 * HOUR]

    outlooks = [
        queueing.expected(arrivals, efforts, calendar=OFFICE, reviewers=count, runs=3) for count in (2, 4, 8, 16)
    ]

    assert [each.p90 for each in outlooks] == sorted((each.p90 for each in outlooks), reverse=True)
    assert [each.elapsed_p90 for each in outlooks] == sorted((each.elapsed_p90 for each in outlooks), reverse=True)
    assert [each.reviewers for each in outlooks] == [2, 4, 8, 16]
    assert outlooks[-1].cases == 400


def test_the_same_question_has_the_same_answer():
    arrivals, efforts = _arrivals(50, 1), [HOUR, 2 * HOUR]

    assert queueing.expected(arrivals, efforts, calendar=OFFICE, reviewers=2) == queueing.expected(
        arrivals, efforts, calendar=OFFICE, reviewers=2
    )


def test_the_fewest_reviewers_that_keep_a_promise_are_found():
    arrivals, efforts = _arrivals(100, 0.5), [HOUR, 2 * HOUR]

    found = queueing.fewest_reviewers(arrivals, efforts, calendar=OFFICE, p90_within=4 * HOUR, at_most=40)
    one_fewer = queueing.expected(arrivals, efforts, calendar=OFFICE, reviewers=found.reviewers - 1)

    assert found.p90 <= 4 * HOUR < one_fewer.p90


def test_a_promise_nobody_can_keep_is_told():
    found = queueing.fewest_reviewers([START], [2 * HOUR], calendar=OFFICE, p90_within=HOUR, at_most=5)

    assert found is None
