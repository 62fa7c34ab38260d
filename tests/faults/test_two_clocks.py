"""Two beats at once, one killed, one restarted again and again: each slot of the schedule is worked once."""

import sys
import time

import pytest

from tests.fixtures.programs import until


def assert_each_slot_once(worked):
    slots = range(min(worked), max(worked) + 1)
    assert set(worked.values()) == {1}
    assert set(worked) == set(slots)


def test_two_clocks_work_each_slot_once_and_one_of_them_goes_on_alone(ticking):
    leader, _other, _worker = ticking.program.together(ticking.beat, ticking.beat, ticking.worker)
    until(lambda: len(ticking.worked()) >= 3, otherwise=lambda: leader.said[-3000:])
    leader.kill()
    before = len(ticking.worked())
    until(lambda: len(ticking.worked()) >= before + 2)

    assert_each_slot_once(ticking.worked())


@pytest.mark.soak
@pytest.mark.case("T18")
@pytest.mark.timeout(900)
def test_two_clocks_for_ten_minutes_work_each_slot_once_and_the_long_job_too(ticking):
    ticking.worker()
    leader, other = ticking.beat(), ticking.beat()
    start = time.monotonic()
    time.sleep(60)
    leader.kill()
    leader = ticking.beat()
    while time.monotonic() - start < 600:
        time.sleep(60)
        other.stop()
        other = ticking.beat()

    sys.stdout.write(f"{len(ticking.worked())} short slots, {len(ticking.worked('long'))} of five minutes\n")
    assert_each_slot_once(ticking.worked())
    assert len(ticking.worked("long")) >= 2
    assert_each_slot_once(ticking.worked("long"))
