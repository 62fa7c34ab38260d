"""The drain as a real process: killed, frozen, restarted, with the broker and the database away."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from merchant_protection.foundation import tenancy, waking
from merchant_protection.foundation.models import Heartbeat
from merchant_protection.marketplace.models import InboxEvent, Order
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs, until
from tests.marketplace.posting import event, lines, post

pytestmark = pytest.mark.usefixtures("transactional_db")


def undecided() -> int:
    with tenancy.platform():
        return InboxEvent.objects.exclude(status=InboxEvent.Status.DECIDED).count()


def test_an_event_is_decided_at_once_by_a_listening_drain(merchant: Persona, program: Programs) -> None:
    InboundSourceFactory()
    drain = program.drain()
    time.sleep(1)
    start = time.monotonic()
    post(event())
    until(lambda: undecided() == 0, seconds=10, otherwise=lambda: drain.said[-3000:])

    assert time.monotonic() - start < 3
    assert Heartbeat.objects.filter(name="marketplace.decide", at__gt=timezone.now() - timedelta(minutes=1)).exists()


def test_a_drain_ends_in_order_when_told(merchant: Persona, program: Programs) -> None:
    drain = program.drain()
    start = time.monotonic()

    assert drain.stop() == 0
    assert time.monotonic() - start < 10


def test_what_a_killed_drain_held_is_decided_by_the_next(merchant: Persona, program: Programs) -> None:
    InboundSourceFactory()
    count = 1_000
    post(lines([event(number=f"O-{n}") for n in range(count)]), content_type="application/x-ndjson")
    drain = program.drain()
    until(lambda: undecided() < count, otherwise=lambda: drain.said[-3000:])
    drain.kill()
    with tenancy.platform():
        InboxEvent.objects.filter(status="PENDING").update(due_at=timezone.now())  # as the lease's end would
    program.drain()
    until(lambda: undecided() == 0, seconds=60)

    with tenancy.platform():
        assert Order.objects.count() == count


def test_an_event_that_was_taken_in_wakes_who_listens(merchant: Persona) -> None:
    InboundSourceFactory()
    connection.ensure_connection()
    ear = connection.pool.getconn()
    try:
        ear.execute(f"LISTEN {waking.CHANNEL}")
        assert post(event("order.changed")).status_code == 202
        assert [each.channel for each in ear.notifies(timeout=10, stop_after=1)] == [waking.CHANNEL]
    finally:
        ear.execute("UNLISTEN *")
        connection.pool.putconn(ear)
