"""B8: a backtest in the observed reading against the same windowed count in DuckDB, taking the rows out included.

One order in twenty is a hoarder's, who places twenty-five of them within three hours and goes over the limit.
"""

import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta

import duckdb
from django.db import connection

from benchmarks import measure, stage
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from scalper_policies.models import BacktestRun, Policy, PolicyVersion
from scalper_policies.rules import terms
from scalper_policies.rules.policy import Dimension, Limit, Scope
from scalper_policies.rules.policy import Policy as Terms
from scalper_policies.services import backtests

MOST, HOURS = 5, 24
START = datetime(2026, 1, 1, tzinfo=UTC)
FILL = """
INSERT INTO marketplace_buyer (merchant_id, ref, key, level, phone_verified, real_name_verified, country, version,
    updated_at)
SELECT %(shop)s, 'b-' || n, md5('b' || n), '', true, false, '', 1, now() FROM generate_series(1, %(orders)s / 8) n;
INSERT INTO marketplace_order (merchant_id, number, kind, buyer_id, status, placed_at, channel, currency, total, units,
    lines_count, skus, country, recipient_sealed, phone_key, recipient_key, address_exact, address_building,
    address_fuzzy, address_tags, address_list_version, device_key, ip_key, ip_net_key, payment_key, legal_hold, version,
    updated_at)
SELECT %(shop)s, 'O-' || n, 'SALE', base.first + CASE WHEN n %% 20 = 0 THEN n / 500
    ELSE (n::bigint * 7919) %% (%(orders)s / 8) END, 'PAID',
    %(start)s::timestamptz + n * interval '20 seconds', 'app', 'CNY', 99, 1 + n %% 3, 1, ARRAY['SKU-HOT'], '', '',
    '', '', '', '', '', '{}', 0, md5('d' || n %% 50000), '', '', '', false, 1, now()
FROM generate_series(1, %(orders)s) n,
    (SELECT min(id) AS first FROM marketplace_buyer WHERE merchant_id = %(shop)s) base;
"""
TAKE_OUT = "COPY (SELECT id, buyer_id, placed_at, units FROM marketplace_order) TO STDOUT (FORMAT csv, HEADER)"
COUNT = f"""
SELECT count(*) FROM (
    SELECT sum(units) OVER (PARTITION BY buyer_id ORDER BY placed_at
        RANGE BETWEEN INTERVAL '{HOURS} hours' PRECEDING AND CURRENT ROW) AS held
    FROM taken
) WHERE held > {MOST}
"""


def run(*, large: bool) -> list[measure.Row]:
    """A hundred thousand orders; a million with LARGE=1."""
    orders = 1_000_000 if large else 100_000
    version = _fill(orders)
    rows = []
    for reading, goal in (("observed", measure.at_most(10)), ("enforced", measure.TOLD)):
        rows.append(
            measure.pair(
                "B8",
                sizes=f"{orders:,} orders, {reading}",
                unit="s",
                goal=goal,
                ours=lambda reading=reading: _ours(version, reading),
                yardstick=_duckdb,
                pairs=3,
                note=f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB before",
            )
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, measure.told("B8", sizes=f"{orders:,} orders, peak memory", unit="MiB", ours=peak)]


def _fill(orders: int) -> PolicyVersion:
    with tenancy.platform():
        shop = Merchant.objects.create(code="bench", name="Bench")
        with connection.cursor() as cursor:
            for statement in FILL.strip().split(";\n")[:2]:
                cursor.execute(statement.rstrip(";"), {"shop": shop.pk, "orders": orders, "start": START})
        with stage.superuser() as server:  # as the database does by itself, a little later
            server.execute("VACUUM ANALYZE marketplace_buyer, marketplace_order")
        limit = Limit("account", Dimension.ACCOUNT, MOST, timedelta(hours=HOURS))
        policy = Policy.objects.create(
            merchant=shop, name="Bench", created_at=START, changed_at=START, created_by="bench"
        )
        return PolicyVersion.objects.create(
            merchant=shop,
            policy=policy,
            number=1,
            terms=terms.to_plain(Terms(scope=Scope(all_listings=True), limits=(limit,))),
            when_we_fail="ALLOW",
            harshest="REJECT",
            author="bench",
            created_at=START,
            changed_at=START,
        )


def _ours(version: PolicyVersion, reading: str) -> float:
    clock = Actor.clock("benchmark")
    with tenancy.platform():
        now = datetime.now(UTC)
        run = backtests.ask(actor=clock, version_id=version.pk, reading=reading, at=now)
        start = time.perf_counter()
        backtests.run_due(now=now + timedelta(seconds=1), clock=lambda: datetime.now(UTC))
        took = time.perf_counter() - start
        found = BacktestRun.objects.get(pk=run.pk)
        if found.status != "DONE":
            raise RuntimeError(f"the backtest ended as {found.status}")
    return took


def _duckdb() -> float:
    """Take the rows out by COPY, the fastest way there is, and let DuckDB count them."""
    start = time.perf_counter()
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        with stage.superuser() as server, server.cursor() as cursor, cursor.copy(TAKE_OUT) as copy:
            for part in copy:
                file.write(part)
        file.flush()
        base = duckdb.connect()
        base.execute(f"CREATE TABLE taken AS SELECT * FROM read_csv('{file.name}', header = true)")
        base.execute(COUNT).fetchone()
        base.close()
    return time.perf_counter() - start
