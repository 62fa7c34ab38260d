"""The broker refused, hung and wiped under load: the portal neither loses work nor waits for it."""

import os
import signal
import sys

import pytest

from tests.faults.senders import Load, assert_each_once, decided, decisions_seen, p95
from tests.fixtures.programs import until


def send_while_the_broker_is_away(port, broker, program, *, count):
    """Post while the broker refuses and while it hangs; return how long each event took to be decided."""
    with decisions_seen() as seen:
        broker.stop()
        with Load(port) as refused:
            refused.reach(count // 2, seconds=120)
        until(lambda: set(refused.acknowledged) <= set(seen), otherwise=lambda: "undecided while refused")
        broker.start()
        pid = broker.pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            with Load(port, numbers=iter(range(1_000_000, 2_000_000))) as hung:
                hung.reach(count // 2, seconds=120)
            until(lambda: set(hung.acknowledged) <= set(seen), otherwise=lambda: "undecided while hung")
        finally:
            os.kill(pid, signal.SIGCONT)
    taken = refused.acknowledged | hung.acknowledged
    assert (refused.failures, hung.failures) == ([], [])
    assert_each_once(set(taken))
    return [max(0.0, seen[event_id] - at) for event_id, at in taken.items()]


def assert_decided_soon(lags, *, count):
    sys.stdout.write(f"{len(lags)} events, lag median {sorted(lags)[len(lags) // 2]:.2f} s, p95 {p95(lags):.2f} s\n")
    assert len(lags) >= count
    assert p95(lags) <= 15


def test_events_are_taken_and_decided_with_the_broker_refused_and_hung(web, port, program, broker):
    running = program.together(web, program.drain, program.worker, program.beat)

    assert_decided_soon(send_while_the_broker_is_away(port, broker, program, count=100), count=100)
    assert all(each.is_running for each in running)


@pytest.mark.soak
@pytest.mark.case("T12")
def test_a_thousand_events_are_taken_and_decided_with_the_broker_refused_and_hung(web, port, program, broker):
    running = program.together(web, program.drain, program.worker, program.beat)

    assert_decided_soon(send_while_the_broker_is_away(port, broker, program, count=1_000), count=1_000)
    assert all(each.is_running for each in running)


def wipe_with_work_pending(port, web, program, ticking, broker, *, count):
    """Freeze those who work, let work pile up, wipe the broker; return how long all took from then on."""
    _web, drain, worker, _beat = program.together(web, program.drain, ticking.worker, ticking.beat)
    until(lambda: ticking.worked())
    for each in (drain, worker):
        each.freeze()
    with Load(port) as load:
        load.reach(count, seconds=120)
    waiting = set(load.acknowledged) - decided()
    broker.stop()
    broker.start()
    before = sum(ticking.worked().values())
    for each in (drain, worker):
        each.thaw()
    took = until(lambda: waiting <= decided(), seconds=60, otherwise=lambda: "still undecided")
    until(lambda: sum(ticking.worked().values()) > before, seconds=60 - took, otherwise=lambda: worker.said[-3000:])
    assert len(waiting) >= count * 0.9
    assert load.failures == []
    assert_each_once(set(load.acknowledged))
    assert set(ticking.worked().values()) == {1}
    sys.stdout.write(f"{len(waiting)} events waited; all were done {took:.1f} s after the broker was wiped\n")


def test_a_wiped_broker_loses_no_work(web, port, program, ticking, broker):
    wipe_with_work_pending(port, web, program, ticking, broker, count=100)


@pytest.mark.soak
@pytest.mark.case("T13")
def test_a_wiped_broker_loses_none_of_a_thousand(web, port, program, ticking, broker):
    wipe_with_work_pending(port, web, program, ticking, broker, count=1_000)
