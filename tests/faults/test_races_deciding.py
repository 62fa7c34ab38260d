"""Eight actors decide events about one order at once; beside it the same without the lock, which shows the fault."""

import random
import threading
import time
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import InboxEvent, Order, OrderStatusChange
from merchant_protection.marketplace.services import deciding
from merchant_protection.marketplace.services.applying import versions
from tests.factories.marketplace import InboundSourceFactory
from tests.marketplace.posting import event, post

pytestmark = pytest.mark.usefixtures("transactional_db")
ACTORS = 8


@pytest.fixture
def received(merchant):
    """Eight versions of one order, received in any order."""
    InboundSourceFactory()
    versions_told = random.Random(7).sample(range(1, ACTORS + 1), ACTORS)
    post([event(version=version, total=f"{version}.00") for version in versions_told])


@pytest.fixture
def applied(monkeypatch):
    """Which events were applied how often; the newest version gets ahead of the older ones."""
    seen = Counter()
    real = deciding.applying.apply

    def watched(events, at):
        seen.update(each.object_version for each in events)
        time.sleep(0.05 * (ACTORS - min(each.object_version for each in events)))
        return real(events, at=at)

    monkeypatch.setattr(deciding.applying, "apply", watched)
    return seen


def decide_by_eight():
    gate = threading.Barrier(ACTORS)

    def act():
        with tenancy.platform():
            gate.wait()
            deciding.decide_due(now=timezone.now(), limit=1)
        connection.close()

    threads = [threading.Thread(target=act) for _ in range(ACTORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_eight_actors_decide_each_event_once_and_the_newest_version_stands(received, applied):
    decide_by_eight()

    with tenancy.platform():
        assert applied == dict.fromkeys(range(1, ACTORS + 1), 1)
        assert set(InboxEvent.objects.values_list("status", "attempts")) == {("DECIDED", 1)}
        assert Order.objects.values_list("version", "total").get() == (ACTORS, ACTORS)
        assert OrderStatusChange.objects.count() == ACTORS


def test_the_control_without_the_lock_of_the_claim_decides_an_event_more_than_once(received, applied, monkeypatch):
    @transaction
    def unlocked(due, *, now, limit):
        rows = list(due.filter(due_at__lte=now).order_by("due_at", "pk")[:limit])
        time.sleep(0.2)
        for row in rows:
            row.attempts = 1
        return rows

    monkeypatch.setattr(deciding.leases, "claim", unlocked)
    monkeypatch.setattr(deciding.queries, "still_mine", lambda batch: list(batch))
    decide_by_eight()

    assert max(applied.values()) > 1


def test_the_control_without_the_guard_of_versions_lets_an_older_version_stand(received, applied, monkeypatch):
    monkeypatch.setattr(versions, "NEWER", "")
    decide_by_eight()

    with tenancy.platform():
        assert Order.objects.get().version < ACTORS
