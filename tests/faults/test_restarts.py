"""Every process restarted in turn under load: each event is decided once and nobody holds up the restart."""

import sys
import time

import pytest

from tests.faults.senders import Load, assert_each_once, decided
from tests.fixtures.programs import until


def restart_in_turn(port, web, program, ticking, *, rounds):
    """Restart web, drain, worker and beat one after the other under load; each must end within ten seconds."""
    start = {"web": web, "drain": program.drain, "worker": ticking.worker, "beat": ticking.beat}
    running = dict(zip(start, program.together(*start.values()), strict=True))
    ends = []
    with Load(port, pause=0.3) as load:
        for _round in range(rounds):
            for name, begin in start.items():
                load.reach(5)
                asked = time.monotonic()
                code = running[name].stop(seconds=20)
                ends.append((time.monotonic() - asked, name, code))
                running[name] = begin()
        load.reach(5)
    until(lambda: set(load.acknowledged) <= decided(), otherwise=lambda: running["drain"].said[-3000:])
    slowest = max(ends)
    sys.stdout.write(f"{len(load.acknowledged)} events, {len(ends)} restarts, slowest end {slowest[0]:.1f} s\n")
    assert slowest[0] <= 10, ends
    assert {code for _took, _name, code in ends} == {0}, ends
    assert_each_once(set(load.acknowledged))
    assert set(ticking.worked().values()) == {1}
    assert {said for _at, said in load.failures} <= {"ConnectError", "ReadError", "RemoteProtocolError", "WriteError"}


def test_a_rolling_restart_loses_and_doubles_nothing(web, port, program, ticking):
    restart_in_turn(port, web, program, ticking, rounds=1)


@pytest.mark.soak
@pytest.mark.case("T17")
@pytest.mark.timeout(600)
def test_five_rolling_restarts_lose_and_double_nothing(web, port, program, ticking):
    restart_in_turn(port, web, program, ticking, rounds=5)
