"""Kill switches of the platform, a shop and a rule while twenty actions a second are asked for."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.utils import timezone

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Budget
from merchant_protection.marketplace.services import switches
from tests.factories.accounts import UserFactory
from tests.fixtures.own_servers import let_go, named
from tests.fixtures.people import Persona
from tests.fixtures.programs import until

DRAIN = (sys.executable, "manage.py", "drain", "--only", "marketplace.act")
WATCHED = 4.0


@contextmanager
def asking(ask: Callable[..., object]) -> Iterator[None]:
    """Ask for twenty actions a second from a thread of its own; one that meets a dead database is asked again."""
    ended = threading.Event()

    def run() -> None:
        number = 0
        while not ended.wait(0.05):
            try:
                with tenancy.platform():
                    ask("delist", f"SKU-{number}", at=timezone.now())
                number += 1
            except Exception:
                connection.close()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.soak
@pytest.mark.case("T24")
@pytest.mark.timeout(300)
def test_switches_hold_without_redis_and_over_a_database_restart(
    own_servers, program, platform_scope, merchant, staff, ask, market
):
    colleague = Persona(UserFactory(operations=True, email="second@example.com"))
    Budget.objects.update(cap=100_000, catalogue_share=None)
    own_servers.redis.stop()
    program.start(*DRAIN, **named(own_servers)).wait_for("listening")
    whose = (
        {"scope": "PLATFORM"},
        {"scope": "MERCHANT", "merchant_id": merchant.shop.pk},
        {"scope": "RULE", "rule": "toy:floor"},
    )
    with asking(ask):
        for each in whose:
            before = market.arrived.total()
            until(lambda some=before: market.arrived.total() > some + 10, seconds=30)
            actor = merchant.actor if each["scope"] == "MERCHANT" else staff.actor
            switches.stop(actor=actor, at=timezone.now(), reason=f"stop {each['scope']}", **each)
            flipped = time.time()
            own_servers.postgres.stop(mode="immediate")
            let_go()
            own_servers.postgres.start()
            time.sleep(WATCHED)
            assert [at for at in market.arrived_at if at > flipped + 2] == []
            entry = Entry.objects.filter(action="switch.stopped").order_by("-pk")[0]
            assert (entry.actor_id, entry.reason) == (actor.id, f"stop {each['scope']}")
            assert flipped - 5 < entry.at.timestamp() <= flipped
            switches.resume(actor=actor, at=timezone.now(), **each, proved_again=True)
            if each["scope"] == "PLATFORM":
                switches.resume(actor=colleague.actor, at=timezone.now(), **each, proved_again=True)
