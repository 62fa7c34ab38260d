"""B6: the sweeps of missed targets and of warnings, with 100 due among a thousand and among many open complaints."""

import statistics
from datetime import UTC, datetime, timedelta

from benchmarks import measure
from benchmarks.many_claims import Desk
from claims.services import breaching
from merchant_protection.foundation import tenancy

DUE, TURNS = 100, 7
SMALL, MANY, LARGE = 1_000, 100_000, 1_000_000
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


def run(*, large: bool) -> list[measure.Row]:
    """Measure the same 100 due rows twice: with few others beside them, and with a thousand times as many."""
    desk = Desk(now=NOW, reviewers=1)
    found = []
    for count in (SMALL, LARGE if large else MANY):
        desk.fill(count)
        found.append(_sweeps(desk))
    small, many = found
    note = f"{many / DUE * 1000:.1f} ms for each due row; ours among many, yardstick among {SMALL:,}"
    sizes = f"{DUE} due among {desk.count:,}"
    return [measure.Row("B6", sizes, "s", many, small, many / small, measure.at_most(1.2), TURNS, note)]


def _sweeps(desk: Desk) -> float:
    times = []
    for _turn in range(TURNS + 1):
        desk.make_due(DUE)
        times.append(measure.seconds(_sweep)())
    return statistics.median(times[1:])


def _sweep() -> None:
    now = NOW + timedelta(minutes=1)
    with tenancy.platform():
        breached, fired = breaching.breach_overdue(now=now), breaching.fire_escalations(now=now)
    assert (breached, fired) == (DUE, DUE), (breached, fired)
