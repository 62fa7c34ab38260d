"""Eight sights of one thing at once are one warning; without the lock and the constraint they would be eight."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.risk.models import Warning
from merchant_protection.risk.services import warnings
from merchant_protection.risk.services.warnings import Sighting
from tests.factories.risk import WarningFactory
from tests.fixtures import servers
from tests.fixtures.people import Persona

MANY = 8


def at_once(work: Callable[[], object]) -> list[object]:
    results: list[object] = []
    gate = threading.Barrier(MANY)

    def run() -> None:
        with tenancy.platform():
            try:
                gate.wait()
                results.append(work())
            except Exception as error:
                results.append(error)
            finally:
                connection.close()

    threads = [threading.Thread(target=run) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def see(merchant: Persona, now: datetime) -> Callable[[], int]:
    sighting = Sighting(merchant_id=merchant.shop.pk, kind="hoarding", level="LOW", source="test", dedupe_key="order-1")

    @transaction
    def once() -> int:
        return warnings.warn(sighting, actor=Actor.clock("test"), at=now).pk

    return once


def test_eight_sights_at_once_are_one_warning(
    transactional_db: None, platform_scope: None, see: Callable[[], int]
) -> None:
    found = at_once(see)

    assert len(set(found)) == 1
    assert Warning.objects.count() == 1


def test_control_without_the_constraint_there_are_several(
    transactional_db: None, platform_scope: None, see: Callable[[], int]
) -> None:
    with servers.superuser(database=connection.settings_dict["NAME"]) as raw:
        (definition,) = raw.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'risk_warning_one_open'"
        ).fetchone()
        raw.execute("DROP INDEX risk_warning_one_open")
        try:
            at_once(see)
            several = Warning.objects.count()
        finally:
            raw.execute("SET session_replication_role = replica")
            raw.execute("TRUNCATE risk_warning, risk_warningmove CASCADE")
            raw.execute(definition)

    assert several > 1


def test_four_workers_end_each_warning_once(
    transactional_db: None, platform_scope: None, merchant: Persona, now: datetime
) -> None:
    for _ in range(10):
        WarningFactory(merchant=merchant.shop, overdue=True)

    assert sum(int(str(each)) for each in at_once(lambda: warnings.expire_due(now=now))) == 10
