"""Orders that can break nothing are added up by the database: the result is that of replaying every one of them."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Order, OrderLine
from scalper_policies.models import BacktestHit, BacktestRun
from scalper_policies.queries import past_orders, sieve
from scalper_policies.rules import backtest
from scalper_policies.rules.orders import Label
from scalper_policies.rules.policy import Dimension, Ending, Limit, Measure, velocity
from scalper_policies.services import backtests
from tests.factories.marketplace import BuyerFactory, ListingFactory
from tests.factories.scalper_policies import ListEntryFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOURS = timedelta(hours=1)
MANY = 260
DEVICE = Limit("device", Dimension.DEVICE, 4, 12 * HOURS, Measure.ORDERS)
HOUSE = Limit("house", Dimension.HOUSEHOLD, 6, None, per_listing=True)
POLICIES: dict[str, dict[str, Any]] = {
    "account": {"limits": (per_account(6, hours=24),)},
    "launch": {"limits": (per_account(12, hours=None, gives_back=frozenset(Ending)), DEVICE)},
    "house": {"limits": (HOUSE,), "velocity": (velocity("device-fast", Dimension.DEVICE, orders=1),)},
    "window": {
        "limits": (per_account(5, hours=48), Limit("id", Dimension.IDENTITY, 1)),
        "scope": {"starts_at": START + 30 * HOURS, "ends_at": START + 200 * HOURS},
    },
}


@pytest.fixture
def past(merchant: Persona) -> None:
    """Orders of few and of many orders a buyer, several at one instant, with lines, endings and no account at all."""
    rng, shop = random.Random(7), merchant.shop
    with tenancy.platform():
        buyers = [BuyerFactory(merchant=shop, ref=f"b{index}") for index in range(30)]
        listings = {sku: ListingFactory(merchant=shop, sku=sku) for sku in ("SKU-A", "SKU-B")}
        orders, lines = [], []
        for index in range(MANY):
            at = START + timedelta(minutes=30 * (index // 2 * 2))
            ending = rng.choice(["PAID", "PAID", "PAID", "CANCELLED", "REFUNDED"])
            mine = [
                (rng.choice(["SKU-A", "SKU-B"]), rng.choice([1, 1, 2, 3, -1])) for _ in range(rng.choice([1, 1, 2]))
            ]
            order = Order(
                merchant=shop, number=f"O-{index}", status=ending, placed_at=at, channel="app", currency="CNY", total=1,
                buyer=rng.choice([*buyers, *buyers[:2] * 6, None]), units=sum(units for _sku, units in mine),
                lines_count=len(mine), skus=sorted({sku for sku, _units in mine}), version=1, updated_at=at,
                device_key=rng.choice(["", *"abcdefghijklmnopq"]), address_exact=rng.choice(["", "x", "y"]),
                payment_key=rng.choice(["", *"1234567"]),
            )  # fmt: skip
            orders.append(order)
            lines += [(order, place, sku, units) for place, (sku, units) in enumerate(mine, 1)]
        Order.objects.bulk_create(orders)
        OrderLine.objects.bulk_create(
            OrderLine(
                merchant=shop, order=order, ordinal=place, listing=listings[sku], sku=sku, title=sku, quantity=units,
                at=order.placed_at, unit_price=1, paid=1,
            )
            for order, place, sku, units in lines
        )  # fmt: skip
        for order in orders:
            if order.status != "PAID":
                order.status_changes.create(
                    merchant=shop, version=2, status=order.status, recorded_at=START,
                    occurred_at=order.placed_at + rng.choice([1, 20]) * HOURS,
                )  # fmt: skip


def result(version: Any, owner: Persona, reading: str) -> tuple[Any, list[Any]]:
    with tenancy.platform():
        asked = backtests.ask(actor=owner.actor, version_id=version.pk, reading=reading, at=START)
        backtests.run_due(now=START + timedelta(seconds=1))
        found = BacktestRun.objects.get(pk=asked.pk)
        hits = list(past_orders.hits_of(found).values_list("number", "verdict", "units", "reasons", "buyer_shown"))
        BacktestHit.objects.filter(run=found).delete()
    return found.report, hits


@pytest.mark.parametrize("listings", [(), ("SKU-A",)])
@pytest.mark.parametrize("name", POLICIES)
def test_sifted_or_replayed_it_is_the_same(
    merchant: Persona, past: None, monkeypatch: pytest.MonkeyPatch, name: str, listings: tuple[str, ...]
) -> None:
    terms = about(*listings, **POLICIES[name])
    version = VersionFactory(merchant=merchant.shop, draft=True, terms=terms)
    labels = {"O-3": Label.SCALPER, "O-9": Label.ORDINARY, "O-40": Label.SCALPER}
    ListEntryFactory(merchant=merchant.shop, kind="EXEMPT", dimension="DEVICE", key="a")
    ListEntryFactory(merchant=merchant.shop, kind="DENY", dimension="PAYMENT", key="7")
    plain = past_orders.past_of
    monkeypatch.setattr(
        past_orders, "past_of", lambda run, policy: past_orders.replace(plain(run, policy), labels=labels)
    )
    monkeypatch.setattr(sieve, "LARGEST_SHARE", 0.95)
    sifted = []
    sift = sieve.sift
    monkeypatch.setattr(sieve, "sift", lambda *given, **more: sifted.append(sift(*given, **more)) or sifted[-1])
    for reading in ("observed", "enforced"):
        replayed = result(version, merchant, reading)
        monkeypatch.setattr(sieve, "FROM", 0)
        assert result(version, merchant, reading) == replayed
        monkeypatch.setattr(sieve, "FROM", 10**9)
        assert replayed[0]["hits"] > 0

    assert [each is None for each in sifted] == [True, False, True, False]
    assert sifted[1].passed.in_scope > 0


def test_what_a_count_cannot_tell_is_replayed_in_full(
    merchant: Persona, past: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sieve, "FROM", 0)
    sifted: list[Any] = []
    sift = sieve.sift
    monkeypatch.setattr(sieve, "sift", lambda *given, **more: sifted.append(sift(*given, **more)) or sifted[-1])
    by_cluster = Limit("cluster", Dimension.CLUSTER, 3, 24 * HOURS)
    strict = per_account(1, hours=24)

    for more in (
        {"limits": (by_cluster,)},
        {"limits": (strict,)},
        {"limits": (DEVICE,), "scope": {"channels": frozenset({"app"})}},
    ):
        result(VersionFactory(merchant=merchant.shop, draft=True, terms=about(**more)), merchant, "observed")

    assert sifted == [None, None, None]


def test_progress_moves_with_each_count_of_the_database_and_goes_on_from_there(
    merchant: Persona, past: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sieve, "FROM", 0)
    monkeypatch.setattr(sieve, "LARGEST_SHARE", 1.0)
    monkeypatch.setattr(backtest, "PROGRESS_EVERY", 10)
    seen: list[tuple[int, int]] = []
    keep = backtests.leases.finish

    def noted(run: Any, **changes: Any) -> Any:
        seen.append((changes.get("percent", run.percent), changes.get("orders_done", run.orders_done)))
        return keep(run, **changes)

    monkeypatch.setattr(backtests.leases, "finish", noted)
    version = VersionFactory(merchant=merchant.shop, draft=True, terms=about(limits=(DEVICE, per_account(1, hours=24))))

    result(version, merchant, "observed")

    # Two limits and three counts after them: each a fifth of the part that the database does.
    percents, orders = [percent for percent, _done in seen], [done for _percent, done in seen]
    assert percents[:6] == [0, 12, 24, 36, 48, 60]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert len({percent for percent in percents if 60 < percent < 100}) > 2
    assert orders == sorted(orders)


@pytest.mark.parametrize("step", range(5))
def test_a_backtest_is_stopped_between_any_two_counts_of_the_database(
    merchant: Persona, past: None, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(sieve, "FROM", 0)
    monkeypatch.setattr(sieve, "LARGEST_SHARE", 1.0)
    version = VersionFactory(merchant=merchant.shop, draft=True, terms=about(limits=(DEVICE, per_account(1, hours=24))))
    with tenancy.platform():
        run = backtests.ask(actor=merchant.actor, version_id=version.pk, reading="observed", at=START)
    asked: list[str] = []
    rows = past_orders.rows

    def cancelled_on_the_way(sql: str, values: Any) -> Any:
        if "count(*)" in sql or "SELECT DISTINCT key" in sql:
            asked.append(sql)
            if len(asked) == step + 2:  # the first counts all orders, before anything is sifted
                backtests.cancel(actor=merchant.actor, run_id=run.pk, at=START)
        return rows(sql, values)

    monkeypatch.setattr(past_orders, "rows", cancelled_on_the_way)
    with tenancy.platform():
        backtests.run_due(now=START + timedelta(seconds=1))
        run.refresh_from_db()

    assert (run.status, run.report, len(asked)) == ("CANCELLED", None, step + 2)
