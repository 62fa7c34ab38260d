"""B14: recommended thresholds and their backtest on the real shop; the notes are the figures the docs tell."""

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from benchmarks import measure, real_shop
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from pricing_guard.models import Backtest, BacktestHit
from pricing_guard.services import backtests

CLOCK = Actor.clock("bench")
OVER = datetime(2011, 6, 1, tzinfo=UTC)  # the file ends in May


def run(*, large: bool) -> list[measure.Row]:
    """Load the real file, ask for thresholds, and try them on the same months; without the file, nothing."""
    if not real_shop.FILE.exists():
        return []
    with tenancy.platform():
        shop = Merchant.objects.create(code="bench-prices", name="Bench", currency="GBP")
        real_shop.load(shop)
        recommended, asking = _worked_off(shop, "RECOMMEND")
        tried, trying = _worked_off(shop, "BACKTEST", thresholds=recommended.result["thresholds"])
        notes = _evidence(recommended.result), _triggers(tried)
    return [
        measure.told("B14", sizes="recommendation, real file", unit="s", ours=asking, note=notes[0]),
        measure.told("B14", sizes="its backtest, real file", unit="s", ours=trying, note=notes[1]),
    ]


def _worked_off(shop: Merchant, kind: str, **more: Any) -> tuple[Backtest, float]:
    asked = backtests.Asked(kind=kind, until=OVER, **more)
    job = backtests.ask(merchant_id=shop.pk, asked=asked, actor=CLOCK, at=timezone.now())
    start = time.perf_counter()
    backtests.run_due(now=timezone.now())
    took = time.perf_counter() - start
    job.refresh_from_db()
    if job.status != Backtest.Status.DONE:
        raise RuntimeError(f"{kind} ended {job.status}: {job.last_error}")
    return job, took


def _evidence(result: dict[str, Any]) -> str:
    rows = [
        f"{one['field']} {one['value']} (usual {one['usual']}, {one['cases']:,} cases)" for one in result["evidence"]
    ]
    return f"{result['looked_at']:,} prices looked at; " + ", ".join(rows)


def _triggers(job: Backtest) -> str:
    totals = job.result["A"]
    hits = BacktestHit.objects.filter(backtest=job)
    kept = Counter(hits.filter(was_kept=True).values_list("check_name", flat=True))
    spared = dict(hits.filter(was_kept=False).values_list("check_name").annotate(Sum("money_spared")))
    rows = [
        f"{name} {count} ({kept[name]} kept, {spared.get(name, 0):,.0f} spared)"
        for name, count in sorted(totals["by_check"].items(), key=lambda one: -one[1])
    ]
    return (
        f"{totals['prices']:,} changes, {totals['lines']:,} lines, {totals['hits']:,} triggers, {totals['kept']:,} "
        f"kept, {totals['units_held']:,} units and {totals['money_spared']} of money spared; " + ", ".join(rows)
    )
