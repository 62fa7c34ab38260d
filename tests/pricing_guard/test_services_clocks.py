"""What happens by the clock: grace ends, reminders, the whole catalogue looked at again, prices nobody told of."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Listing
from merchant_protection.notices.models import Notice
from pricing_guard.models import GuardShop, Incident, ListingGuard
from pricing_guard.rules import replay, stored
from pricing_guard.services import policies
from pricing_guard.services.incidents import clocks
from pricing_guard.services.watching import loading, rechecking
from pricing_guard.services.watching import prices as watching
from tests.factories.marketplace import ListingFactory
from tests.pricing_guard.conftest import act, guarded, listing, price

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _scope(platform_scope: None) -> None:
    """The test looks at rows as sweeps do."""


def with_grace(merchant, now):
    policy = guarded(merchant.shop, merchant, at=now, floor_price="800")
    draft = policies.Draft(
        name="Grace", scope="SHOP", thresholds={"floor_price": "800"}, grace_minutes=10, ladder={"SERIOUS": "DELIST"}
    )
    policies.save_version(merchant_id=merchant.shop.pk, policy_id=policy.pk, draft=draft, actor=merchant.actor, at=now)
    policies.publish(policy_id=policy.pk, number=2, actor=merchant.actor, at=now)


def test_grace_ends_by_itself_and_only_then(tell, merchant, market, now):
    with_grace(merchant, now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    tell(price("700.00", 2, at=now))
    incident = Incident.objects.get()
    assert (incident.status, incident.due_at is not None) == ("SUSPECTED", True)

    assert clocks.end_grace(now=now + timedelta(minutes=9)) == 0
    assert clocks.end_grace(now=now + timedelta(minutes=11)) == 1
    assert clocks.end_grace(now=now + timedelta(minutes=12)) == 0

    act(now + timedelta(minutes=11))
    assert Incident.objects.get().status == "TRIPPED"
    assert {one["verb"] for one in market.effects} == {"hold_new_orders", "delist"}


def test_four_sweeps_at_once_end_a_grace_once(tell, merchant, now):
    with_grace(merchant, now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    tell(price("700.00", 2, at=now))
    done = []

    def sweep():
        with tenancy.platform():
            done.append(clocks.end_grace(now=now + timedelta(minutes=11)))
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(done) == 1


def test_nobody_answers_and_is_told_again(tell, merchant, now):
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    tell(price("129.90", 2, at=now))
    assert clocks.remind(now=now + timedelta(minutes=14)) == 0

    later = now + timedelta(minutes=16)
    assert clocks.remind(now=later) == 1
    assert clocks.remind(now=later) == 0
    assert clocks.remind(now=later + timedelta(hours=2)) == 1

    assert Notice.objects.filter(kind="price.unanswered").count() == 2


def test_a_new_floor_is_found_on_prices_that_never_changed(tell, merchant, now):
    tell(listing("A"), listing("B"), price("1299.00", 1, sku="A", at=now), price("2299.00", 1, sku="B", at=now))
    assert rechecking.recheck(now=now + timedelta(minutes=1)) == 0
    guarded(merchant.shop, merchant, at=now, floor_price="2000")

    assert rechecking.recheck(now=now + timedelta(minutes=2)) == 2
    assert rechecking.recheck(now=now + timedelta(minutes=3)) == 1  # the one outside its bounds stays a candidate

    incident = Incident.objects.get()
    assert (incident.listing.sku, incident.source, incident.check_name) == ("A", "RECHECK", "BELOW_FLOOR")
    assert incident.history.filter(move="price_wrong").count() == 0


def test_a_price_nobody_told_of_is_judged(tell, merchant, now):
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    Listing.objects.update(price="12.99", price_version=9, updated_at=now - timedelta(hours=1))

    assert rechecking.catch_missed(now=now) == 1
    assert rechecking.catch_missed(now=now) == 0
    assert Incident.objects.get().price == Decimal("12.99")


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    prices=st.lists(st.decimals("0.01", "3000", places=2), min_size=2, max_size=5),
    asked=st.decimals("0.01", "5000", places=2),
)
def test_sql_never_misses_what_the_rules_flag(merchant, platform, now, prices, asked):
    """Whatever a listing learned, a price the rules object to lies outside the bounds that SQL compares."""
    found = _learn(merchant, prices, now)
    row, held = found
    ListingGuard.objects.filter(listing=row).update(price=asked)
    event = replay.PriceSet(row.sku, now, asked, "CNY")
    flagged = bool(replay.step(held.published.policy, held.shop, event)[0].judgement.findings)
    candidates = rechecking._found(rechecking.OUTSIDE, {"now": now, "most": 100})

    assert not flagged or row.pk in candidates[merchant.shop.pk]


def _learn(merchant, prices, now):
    if not GuardShop.objects.exists():
        guarded(merchant.shop, merchant, at=now, max_drop_last="30", decimal_shift=True, digit_slips=True)
    Incident.objects.all().update(status="CORRECTED", due_at=None)
    row = ListingFactory(merchant=merchant.shop, cost=None, list_price=None)
    for version, one in enumerate(prices, 2):
        row.price, row.price_version, row.price_changed_at = one, version, now - timedelta(hours=100 - version)
        with tenancy.platform():
            row.save()
        transaction(watching.judge)(merchant.shop.pk, [row.pk], at=now)
    held = loading.hold(merchant.shop.pk, [row], {row.pk: ListingGuard.objects.get(listing=row)}, at=now)
    return row, held


def test_what_is_remembered_survives_its_row(tell, merchant, now):
    tell(listing(), *(price(f"{100 + n}.50", n + 1, at=now - timedelta(hours=50 - n)) for n in range(3)))
    kept = ListingGuard.objects.get().memory

    assert stored.memory_out(stored.memory_in(kept, currency="CNY")) == kept
