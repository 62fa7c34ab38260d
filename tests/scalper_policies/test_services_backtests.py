"""A policy tried on past orders: exact against an oracle in SQL, in both readings, stopped when nobody wants it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, NotAllowed
from scalper_policies.models import BacktestHit, BacktestRun
from scalper_policies.queries import past_orders
from scalper_policies.rules.policy import Band, Verdict
from scalper_policies.services import backtests, versions
from tests.factories.marketplace import BuyerFactory, ListingFactory, OrderFactory
from tests.factories.scalper_policies import VersionFactory, about, per_account
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
# Independent of the product's code: for each order the units of its buyer in (t - window, t], ties by arrival.
ORACLE = """
SELECT own.number, sum(other.units) FROM marketplace_order own
JOIN marketplace_order other ON other.merchant_id = own.merchant_id AND other.buyer_id = own.buyer_id
  AND other.placed_at > own.placed_at - %s::interval
  AND (other.placed_at, other.id) <= (own.placed_at, own.id)
GROUP BY own.id, own.number HAVING sum(other.units) > %s ORDER BY own.placed_at, own.id
"""


@pytest.fixture
def past(merchant: Persona) -> None:
    """Sixty orders of four buyers over three days, some at one instant, some cancelled."""
    shop = merchant.shop
    buyers = [BuyerFactory(merchant=shop, ref=f"b{index}") for index in range(4)]
    listing = ListingFactory(merchant=shop, sku="SKU-HOT")
    for index in range(60):
        OrderFactory(
            merchant=shop,
            buyer=buyers[(index * 7 + index // 5) % 4],
            placed_at=START + timedelta(hours=index // 2 * 2.5),
            units=(quantity := 1 + index % 3),
            lines_count=1,
            skus=["SKU-HOT"],
            lines=1,
            lines__listing=listing,
            lines__quantity=quantity,
        )


def run(version: Any, owner: Persona, reading: str = "observed", **more: Any) -> BacktestRun:
    with tenancy.platform():
        found = backtests.ask(actor=owner.actor, version_id=version.pk, reading=reading, at=START, **more)
        backtests.run_due(now=START + timedelta(seconds=1))
        found.refresh_from_db()
    return found


def draft(merchant: Persona, most: int, **more: Any) -> Any:
    terms = about("SKU-HOT", limits=(per_account(most, **more),), bands=(Band(1, Verdict.REJECT),))
    return VersionFactory(merchant=merchant.shop, draft=True, terms=terms)


@pytest.mark.parametrize("most", [2, 4, 7])
@pytest.mark.parametrize("hours", [1, 24, 72])
def test_the_observed_reading_is_exact_to_the_order(merchant: Persona, past: None, most: int, hours: int) -> None:
    found = run(draft(merchant, most, hours=hours), merchant)

    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute(ORACLE, [timedelta(hours=hours), most])
        expected = cursor.fetchall()
        hits = [(hit.number, hit.reasons[0]["observed"]) for hit in past_orders.hits_of(found)]
    assert hits == expected
    assert found.report["hits"] == len(expected)


def test_the_enforced_reading_counts_what_was_let_pass_only(merchant: Persona, past: None) -> None:
    observed, enforced = (run(draft(merchant, 4), merchant, reading) for reading in ("observed", "enforced"))

    kept: dict[str, list[tuple[datetime, int]]] = {}
    expected = []
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute("SELECT number, buyer_id, placed_at, units FROM marketplace_order ORDER BY placed_at, id")
        for number, buyer, at, units in cursor.fetchall():
            mine = kept.setdefault(buyer, [])
            if units + sum(own for when, own in mine if when > at - timedelta(hours=24)) > 4:
                expected.append(number)
            else:
                mine.append((at, units))
        hits = [hit.number for hit in past_orders.hits_of(enforced)]
    assert hits == expected
    assert enforced.report["hits"] < observed.report["hits"]


def test_the_result_adds_up(merchant: Persona, past: None) -> None:
    report = run(draft(merchant, 4), merchant).report

    assert report["orders"] == report["in_scope"] == 60
    assert report["units"] == sum(passed + stopped for _day, passed, stopped in report["days"])
    assert report["units_stopped"] == sum(stopped for _day, _passed, stopped in report["days"])
    assert sum(report["verdicts"].values()) == 60
    assert report["buyers"] == 4


def test_pages_of_orders_change_nothing(merchant: Persona, past: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(draft(merchant, 4), merchant).report
    monkeypatch.setattr(past_orders, "PAGE", 7)

    assert run(draft(merchant, 4), merchant).report == whole


def test_cancelled_orders_give_back_at_the_moment_they_ended(merchant: Persona) -> None:
    buyer = BuyerFactory(merchant=merchant.shop)
    first = OrderFactory(
        merchant=merchant.shop, buyer=buyer, placed_at=START, units=2, lines_count=1, skus=["SKU-HOT"], cancelled=True
    )
    for hours in (1, 3):
        OrderFactory(
            merchant=merchant.shop,
            buyer=buyer,
            placed_at=START + timedelta(hours=hours),
            units=2,
            lines_count=1,
            skus=["SKU-HOT"],
            number=f"after-{hours}",
        )
    with tenancy.platform():
        first.status_changes.create(
            merchant=merchant.shop,
            version=2,
            status="CANCELLED",
            occurred_at=START + timedelta(hours=2),
            recorded_at=START,
        )

    found = run(draft(merchant, 3), merchant, "enforced")

    with tenancy.platform():
        assert [hit.number for hit in past_orders.hits_of(found)] == ["after-1"]


def test_a_cancelled_backtest_does_not_run(merchant: Persona, past: None) -> None:
    version = draft(merchant, 2)
    with tenancy.platform():
        asked = backtests.ask(actor=merchant.actor, version_id=version.pk, reading="observed", at=START)
        backtests.cancel(actor=merchant.actor, run_id=asked.pk, at=START)

        assert backtests.run_due(now=START + timedelta(seconds=1)) == 0
        assert BacktestHit.objects.count() == 0


def test_one_cancelled_while_it_runs_stops(merchant: Persona, past: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtests.backtest, "PROGRESS_EVERY", 10)
    version = draft(merchant, 2)
    ticks = []

    def clock() -> datetime:
        ticks.append(1)
        if len(ticks) == 4:
            backtests.cancel(actor=merchant.actor, run_id=asked.pk, at=START)
        return START

    with tenancy.platform():
        asked = backtests.ask(actor=merchant.actor, version_id=version.pk, reading="observed", at=START)
        backtests.run_due(now=START + timedelta(seconds=1), clock=clock)
        asked.refresh_from_db()

    assert (asked.status, asked.report) == ("CANCELLED", None)


def test_asking_twice_is_asking_once_and_strangers_may_not(merchant: Persona, onlooker: Persona, past: None) -> None:
    version = draft(merchant, 2)
    with tenancy.platform():
        first = backtests.ask(actor=merchant.actor, version_id=version.pk, reading="observed", at=START)
        again = backtests.ask(actor=merchant.actor, version_id=version.pk, reading="observed", at=START)
        with pytest.raises(NotAllowed):
            backtests.ask(actor=onlooker.actor, version_id=version.pk, reading="observed", at=START)

    assert first == again


@pytest.mark.case("SC-15")
def test_a_limit_of_five_on_a_wholesale_shop_warns_before_it_can_be_turned_on(merchant: Persona, now: datetime) -> None:
    for index in range(50):
        OrderFactory(
            merchant=merchant.shop,
            placed_at=START + timedelta(hours=index),
            units=2 if index == 0 else 144,
            lines_count=1,
            skus=["SKU-HOT"],
        )
    version = draft(merchant, 5)
    with tenancy.platform():
        type(version).objects.filter(pk=version.pk).update(status="SHADOW", watched_since=now, approved_at=now)
        type(version).objects.filter(pk=version.pk).update(watched_since=now - timedelta(days=8))
        with pytest.raises(Conflict):
            versions.enforce(actor=merchant.actor, version_id=version.pk, at=now, acknowledged=True)  # untried
    run(version, merchant)

    with tenancy.platform(), pytest.raises(Conflict) as warned:
        versions.enforce(actor=merchant.actor, version_id=version.pk, at=now)

    assert "98" in str(warned.value)
    with tenancy.platform():
        version.refresh_from_db()
        assert version.status == "SHADOW"
        versions.enforce(actor=merchant.actor, version_id=version.pk, at=now, acknowledged=True)
        version.refresh_from_db()
    assert version.status == "ENFORCING"
