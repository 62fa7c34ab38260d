"""B2: an authenticated view with nothing to say, against a bare program on the same server.

Ours is the poll of an open page: session, person, memberships, the shop's scope in the database, and the answer
that nothing is new (304). An order decision and a price check are measured against a view that checks a key and
inserts one row.
"""

import statistics
import time

from benchmarks import measure, order_decisions, people, price_checks
from benchmarks.web_server import PORTAL, Server

BARE = "benchmarks.bare_server:application"
REQUESTS = 400
BARE_REQUESTS = 8_000  # the kernel counts CPU in hundredths of a second


def run(*, large: bool) -> list[measure.Row]:
    """Measure CPU time and waiting time for each request, one after the other, on one worker."""
    _shop, headers = people.signed_in_owner()
    ours, bare = Server(PORTAL), Server(BARE)
    try:
        tag = ours.ask("/m/live/", headers, wanted=200).getheader("ETag") or ""
        polls = headers | {"If-None-Match": tag, "X-Poll": "1"}
        cpu = measure.pair(
            "B2",
            sizes="empty view, CPU of a request",
            unit="ms",
            goal=measure.TOLD,
            ours=lambda: ours.cpu_each(REQUESTS, "/m/live/", polls, wanted=304) * 1000,
            yardstick=lambda: bare.cpu_each(BARE_REQUESTS, "/", {}, wanted=200) * 1000,
        )
        waits = sorted(_waits(ours, "/m/live/", polls))
        p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
        note = f"p99 {p99 * 1000:.1f} ms; one worker, one client"
        told = measure.told("B2", sizes="empty view, p50", unit="ms", ours=p50 * 1000, note=note)
    finally:
        ours.stop()
        bare.stop()
    return [cpu, told, *order_decisions.one_question(), *price_checks.one_question()]


def _waits(server: Server, path: str, headers: dict[str, str]) -> list[float]:
    found = []
    for _ in range(REQUESTS * 2):
        start = time.perf_counter()
        server.ask(path, headers, wanted=304)
        found.append(time.perf_counter() - start)
    return found
