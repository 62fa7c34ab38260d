"""A batch that judges the listings of several promotions does not lock itself up with whoever judges them together."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import psycopg
import pytest
from django.db import OperationalError, connection

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from pricing_guard.queries import listings as queries
from pricing_guard.services import watching
from pricing_guard.services.watching import prices, promotions
from tests.factories.marketplace import ListingFactory, PromotionFactory
from tests.fixtures import servers
from tests.fixtures.programs import until

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%listingguard%'"""


@pytest.fixture
def two(merchant, now):
    """Two listings, a promotion on the second, and one on both."""
    first, second = (ListingFactory(merchant=merchant.shop, price="99.00", sku=sku) for sku in ("A", "B"))
    times = {"merchant": merchant.shop, "starts_at": now + timedelta(hours=1), "ends_at": now + timedelta(days=1)}
    found = [PromotionFactory(skus=["B"], **times), PromotionFactory(skus=["A", "B"], **times)]
    with tenancy.platform():
        transaction(prices.known)(merchant.shop.pk, [first.pk, second.pk], at=now)
    return merchant.shop.pk, [first.pk, second.pk], [each.pk for each in found]


def meet(shop, listing_ids, batch):
    """Take the first listing's guard, let the batch come to it and wait, then take the second one's."""
    faults = []

    def work():
        try:
            with tenancy.platform():
                batch()
        except OperationalError as fault:
            faults.append(fault)
        finally:
            connection.close()

    def take():
        queries.lock_guards(shop, listing_ids[:1])
        thread.start()
        until(is_waiting)
        queries.lock_guards(shop, listing_ids[1:])

    thread = threading.Thread(target=work)
    try:
        with tenancy.platform():
            transaction(take)()
    except OperationalError as fault:
        faults.append(fault)
    thread.join()
    return [type(fault.__cause__) for fault in faults]


def is_waiting():
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
        return server.execute(WAITING).fetchone()[0]


def test_a_batch_takes_its_guards_in_one_order(two, now):
    shop, listing_ids, promotion_ids = two
    changes = [SimpleNamespace(merchant_id=shop, kind="promotion.changed", subject_id=pk) for pk in promotion_ids]

    assert meet(shop, listing_ids, lambda: transaction(watching.look)(changes, at=now)) == []


def test_the_control_that_takes_them_promotion_by_promotion_waits_for_ever(two, now):
    shop, listing_ids, promotion_ids = two

    def one_after_the_other():
        promotions.judge(shop, promotion_ids, at=now)

    assert meet(shop, listing_ids, transaction(one_after_the_other)) == [psycopg.errors.DeadlockDetected]
