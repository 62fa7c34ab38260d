"""An ordinary hour and a heavy ten minutes: events and people together, with something failing every two minutes."""

import itertools
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.home.management.commands import demo
from merchant_protection.marketplace.models import InboxEvent
from merchant_protection.marketplace.queries import inbox
from tests.factories.marketplace import InboundSourceFactory
from tests.faults.senders import decided, free_port
from tests.faults.steady import Steady, memory_of
from tests.fixtures.own_servers import let_go, named
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs, until

LONGEST_WAIT = 300.0  # milliseconds, 99 of 100
MORE_MEMORY = 1.10
WARM_UP = 60  # seconds until memory is looked at for the first time
MINUTE = 60


@dataclass
class Portal:
    """Every program of the portal on servers of its own, each to be stopped and started again."""

    program: Programs
    servers: Any
    port: int

    def __post_init__(self) -> None:
        address = ("--host", "127.0.0.1", "--port", str(self.port), "--log-level", "warning")
        self.names = named(self.servers)
        self.web = self.program.start(*demo.WEB, *address, demo.APPLICATION, **self.names)
        self.drain = self.program.drain(**self.names)
        self.worker = self.program.worker(**self.names)
        self.beat = self.program.beat(**self.names)

    @property
    def faults(self) -> list[Callable[[], None]]:
        """What fails, each kind once."""
        return [self.kill_drain, self.kill_worker, self.broker_away, self.freeze_drain, self.database_dies]

    def kill_drain(self) -> None:
        self.drain.kill()
        self.drain = self.program.drain(**self.names)

    def kill_worker(self) -> None:
        self.worker.kill()
        self.worker = self.program.worker(**self.names)

    def broker_away(self) -> None:
        self.servers.redis.stop()
        time.sleep(10)
        self.servers.redis.start()

    def freeze_drain(self) -> None:
        self.drain.freeze()
        time.sleep(20)
        self.drain.thaw()

    def database_dies(self) -> None:
        self.servers.postgres.stop(mode="immediate")
        self.servers.revive()
        let_go()


@pytest.fixture
def portal(program: Programs, own_servers: Any, built_static: str) -> Portal:
    """All programs, and the static files without which no page opens."""
    return Portal(program, own_servers, free_port())


def bear(portal: Portal, person: Persona, *, rate: float, seconds: float, fault_every: float | None = None) -> Steady:
    """Bear so many events a second for so long and every kind of fault, then account for each event."""
    cookie = f"{settings.SESSION_COOKIE_NAME}={person.client.cookies[settings.SESSION_COOKIE_NAME].value}"
    until(lambda: _answers(portal.port), seconds=60, otherwise=lambda: portal.web.said[-3000:])
    failed = 0
    with Steady(portal.port, cookie, rate) as load:
        time.sleep(min(WARM_UP, seconds / 4))
        memory, faults = memory_of(portal.web), itertools.cycle(portal.faults)
        while fault_every and (failed < len(portal.faults) or load.seconds + fault_every < seconds):
            time.sleep(fault_every)
            next(faults)()
            failed += 1
        time.sleep(max(fault_every or 0.0, seconds - load.seconds))
        grown, took = memory_of(portal.web) / memory, load.seconds
    let_go()
    waited = until(_nothing_waits, seconds=300, otherwise=lambda: portal.drain.said[-3000:])
    with tenancy.platform():
        flow = inbox.conservation(now=timezone.now())
    sys.stdout.write(
        f"{rate:.0f}/s for {took:.0f} s, {failed} faults: {len(load.acknowledged)} events, p99 {load.p99:.0f} ms, "
        f"the last decided {waited:.0f} s later, refused on the way {dict(load.refused)}, pages {dict(load.pages)}, "
        f"memory of web × {grown:.2f}, {flow}\n"
    )
    assert flow["received"] == flow["decided"] + flow["parked"] >= len(load.acknowledged) > 0
    assert load.acknowledged <= decided()
    assert grown <= MORE_MEMORY
    return load


def _nothing_waits() -> bool:
    """Whether each event that was taken is decided or parked; asked often, so it reads one row."""
    with tenancy.platform():
        return not InboxEvent.objects.filter(status=InboxEvent.Status.PENDING).exists()


def _answers(port: int) -> bool:
    with Steady(port, "", 1, people=0, senders=1) as probe:
        time.sleep(1)
    return bool(probe.acknowledged)


@pytest.fixture
def person(own_servers: Any, merchant: Persona) -> Persona:
    """Who looks at the shop's pages, on the servers of this test; the platform's source is there too."""
    InboundSourceFactory()
    return merchant


@pytest.mark.soak
@pytest.mark.case("T40")
@pytest.mark.timeout(1_500)
def test_ten_minutes_at_a_hundred_a_second_with_twenty_people(person: Persona, portal: Portal) -> None:
    load = bear(portal, person, rate=100, seconds=10 * MINUTE)

    assert load.refused == {}
    assert set(load.pages) == {"200"}
    assert len(load.acknowledged) >= 0.98 * 100 * 10 * MINUTE
    assert load.p99 <= LONGEST_WAIT


@pytest.mark.soak
@pytest.mark.case("T40")
@pytest.mark.timeout(4_800)
def test_an_hour_at_thirty_a_second_with_a_fault_every_two_minutes(person: Persona, portal: Portal) -> None:
    load = bear(portal, person, rate=30, seconds=60 * MINUTE, fault_every=2 * MINUTE)

    assert len(load.acknowledged) >= 0.98 * 30 * 60 * MINUTE
    assert load.p99 <= LONGEST_WAIT


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_two_minutes_at_thirty_a_second_with_every_kind_of_fault(person: Persona, portal: Portal) -> None:
    """The short form of the hour: every kind of fault once; how long events wait is not judged in it."""
    load = bear(portal, person, rate=30, seconds=2 * MINUTE, fault_every=12)

    assert load.pages["200"] > 0.8 * load.pages.total(), load.pages  # none opens while the database is away
