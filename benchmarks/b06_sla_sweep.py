"""B6: the sweeps of missed targets and of warnings, with 100 due among a thousand and among many open complaints."""

from datetime import UTC, datetime, timedelta
from functools import partial

from benchmarks import measure
from benchmarks.many_claims import Desk, TwoSizes
from claims.models import SlaPolicy
from claims.services import breaching
from merchant_protection.foundation import tenancy

DUE, TURNS = 100, 7
SMALL, MANY, LARGE = 1_000, 100_000, 1_000_000
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


def run(*, large: bool) -> list[measure.Row]:
    """Measure the same 100 due rows in turns: with few others beside them, and with a thousand times as many."""
    sizes = TwoSizes(Desk(now=NOW, reviewers=1), few=SMALL, many=LARGE if large else MANY)
    try:
        row = measure.pair(
            "B6",
            sizes=f"{DUE} due among {sizes.many.count:,}",
            unit="s",
            goal=measure.at_most(1.2),
            ours=partial(sizes.among_many, _sweeps),
            yardstick=partial(sizes.among_few, _sweeps),
            pairs=TURNS,
            note=f"yardstick: the same among {SMALL:,}, in turns",
        )
    finally:
        sizes.done()
    return [row]


def _sweeps(desk: Desk) -> float:
    desk.make_due(DUE)
    with tenancy.platform():
        assert SlaPolicy.objects.exists()  # the connection to this desk stands before the time runs
    return measure.seconds(_sweep)()


def _sweep() -> None:
    now = NOW + timedelta(minutes=1)
    with tenancy.platform():
        breached, fired = breaching.breach_overdue(now=now), breaching.fire_escalations(now=now)
    assert (breached, fired) == (DUE, DUE), (breached, fired)
