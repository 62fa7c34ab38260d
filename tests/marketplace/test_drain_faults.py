"""Real faults under real processes: the broker away, the database restarted, drains killed and frozen."""

import functools
import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from merchant_protection.config.schedule import CONSUMERS
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Change, InboxEvent, Order, OrderStatusChange
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures import servers
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs, until
from tests.marketplace.posting import event, lines, post

pytestmark = pytest.mark.usefixtures("transactional_db")


def pending() -> int:
    with tenancy.platform():
        return InboxEvent.objects.exclude(status=InboxEvent.Status.DECIDED).count()


def decided_orders() -> int:
    with tenancy.platform():
        return Order.objects.count()


def post_many(count: int, *, first: int = 0, size: int = 10) -> list[int]:
    answers = []
    for start in range(first, first + count, size):
        batch = [event(number=f"O-{n}", id=f"evt-{n}") for n in range(start, start + size)]
        answers.append(post(lines(batch), content_type="application/x-ndjson").status_code)
    return answers


@pytest.mark.parametrize("fault", ["refused", "hung"])
def test_events_are_decided_while_the_broker_is_away(
    merchant: Persona, program: Programs, broker: object, fault: str
) -> None:
    InboundSourceFactory()
    drain = program.drain()
    if fault == "refused":
        broker.stop()  # type: ignore[attr-defined]
        answers = post_many(100)
        until(lambda: pending() == 0, seconds=15, otherwise=lambda: drain.said[-2000:])
    else:
        with Frozen(broker.pid()):  # type: ignore[attr-defined]
            answers = post_many(100)
            until(lambda: pending() == 0, seconds=15, otherwise=lambda: drain.said[-2000:])

    assert set(answers) == {202}
    assert decided_orders() == 100


def test_killed_drains_lose_and_double_nothing(merchant: Persona, program: Programs) -> None:
    InboundSourceFactory()
    count, chance = 1_000, random.Random(7)
    post_many(count, size=100)
    for _kill in range(3):
        drain = program.manage("drain", "--only", "marketplace.decide").wait_for("listening")
        time.sleep(chance.uniform(0.1, 0.6))
        drain.kill()
        with tenancy.platform():  # as the lease's end would
            InboxEvent.objects.filter(status="PENDING").update(due_at=timezone.now())
    drain = program.drain()
    until(lambda: pending() == 0, seconds=60, otherwise=lambda: drain.said[-2000:])

    assert decided_orders() == count
    with tenancy.platform():
        assert OrderStatusChange.objects.count() == count


def test_a_drain_frozen_past_its_lease_writes_nothing_when_it_thaws(merchant: Persona, program: Programs) -> None:
    InboundSourceFactory()
    frozen = program.drain()
    post_many(200, size=100)
    until(lambda: pending() < 200 or _claimed() > 0)
    frozen.freeze()
    held = pending()
    with tenancy.platform():
        _end_stuck_transactions()
        InboxEvent.objects.filter(status="PENDING").update(due_at=timezone.now() - timedelta(seconds=1))
    second = program.drain()
    until(lambda: pending() == 0, seconds=30, otherwise=lambda: second.said[-2000:])
    with tenancy.platform():
        before = list(InboxEvent.objects.order_by("pk").values_list("pk", "generation", "decided_at"))
    frozen.thaw()
    time.sleep(2)

    with tenancy.platform():
        assert list(InboxEvent.objects.order_by("pk").values_list("pk", "generation", "decided_at")) == before
        assert OrderStatusChange.objects.count() == 200
        owed = sum("order.changed" in kinds for kinds in CONSUMERS.values())
        assert Change.objects.count() == 200 * owed
    assert frozen.is_running
    assert held >= 0


def test_rolling_restarts_of_the_drain_under_load_lose_nothing(merchant: Persona, program: Programs) -> None:
    InboundSourceFactory()
    count, took = 600, []
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(_in_own_connection, lambda: post_many(count, size=5))
        for _turn in range(2):
            drain = program.drain()
            time.sleep(0.5)
            start = time.monotonic()
            assert drain.stop() == 0
            took.append(time.monotonic() - start)
        answers = sending.result()
    last = program.drain()
    until(lambda: pending() == 0, seconds=70, otherwise=lambda: last.said[-2000:])

    assert set(answers) == {202}
    assert max(took) <= 10
    assert decided_orders() == count


def _in_own_connection[T](work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connection.close()


def _is_taken(number: str) -> bool:
    return bool(post(event(number=number)).status_code == 202)


def _claimed() -> int:
    with tenancy.platform():
        return InboxEvent.objects.filter(generation__gt=0).count()


def _end_stuck_transactions() -> None:
    """A frozen process may hold row locks; the database ends it as a keep-alive would, after its last statement."""
    until(lambda: _stuck() == 0)


def _stuck() -> int:
    """End what idles in a transaction, and return how many transactions of others are still open."""
    others = (
        "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND usename = current_user AND xact_start IS NOT NULL"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) {others} AND state LIKE 'idle in transaction%%'")
        cursor.execute(f"SELECT count(*) {others}")
        found: int = cursor.fetchone()[0]
    return found


class Frozen:
    """A process that hangs for a while."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def __enter__(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGCONT)


@pytest.mark.soak  # it takes the server away from every other test of this checkout
def test_a_drain_outlives_restarts_of_the_database_and_nothing_accepted_is_lost(
    merchant: Persona, program: Programs
) -> None:
    InboundSourceFactory()
    drain = program.drain()
    accepted: list[str] = []
    worst = 0.0
    for turn in range(2):
        _in_own_connection(functools.partial(post_many, 50, first=turn * 1_000))
        accepted += [f"O-{n}" for n in range(turn * 1_000, turn * 1_000 + 50)]
        servers.own().postgres.stop(mode="immediate")
        down = post(event(number="O-down"))
        servers.own().postgres.start()
        start = time.monotonic()
        until(functools.partial(_is_taken, f"O-after-{turn}"), seconds=30)
        worst = max(worst, time.monotonic() - start)
        accepted.append(f"O-after-{turn}")
        assert down.status_code == 503
    until(lambda: pending() == 0, seconds=80, otherwise=lambda: drain.said[-3000:])

    with tenancy.platform():
        assert set(Order.objects.values_list("number", flat=True)) >= set(accepted)
    assert worst <= 5
    assert drain.is_running
