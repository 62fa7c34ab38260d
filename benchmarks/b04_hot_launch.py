"""B4: 3,000 decisions of a hot launch by eight clients with fifty policies, against ezrules with fifty rules.

ezrules (PyPI) runs from a place of its own, var/ezrules, and is started by whoever has set it up: its address, a
key's header and a body stand in EZRULES_URL, EZRULES_HEADERS and EZRULES_BODY, in which NUMBER stands for a number
that is another one each time, since it answers a known one from memory. Without them the row says so.
docs/performance.md tells how it is set up.
"""

import http.client
import itertools
import json
import os
import threading
import time
from urllib.parse import urlsplit

from benchmarks import measure, order_decisions
from benchmarks.web_server import PORTAL, Server

CLIENTS, DECISIONS, POLICIES = 8, 3_000, 50
GOAL = measure.at_least(5)


def run(*, large: bool) -> list[measure.Row]:
    """Measure requests a second at full load, and how long each waits at full load and at half."""
    headers = order_decisions.shop(policies=POLICIES)
    server = Server(PORTAL, workers=2)
    try:
        for _ in range(3):
            order_decisions.at_once(server.port, headers, clients=CLIENTS, each=10)
        rate, waits = order_decisions.at_once(server.port, headers, clients=CLIENTS, each=DECISIONS // CLIENTS)
        half_pause = CLIENTS / rate
        _half, calm = order_decisions.at_once(server.port, headers, clients=CLIENTS, each=100, pause=half_pause)
        note = f"full: {order_decisions.percentiles(waits)}; half: {order_decisions.percentiles(calm)}"
    finally:
        server.stop()
    sizes = f"{DECISIONS:,} decisions, {CLIENTS} clients, {POLICIES} policies"
    theirs = _ezrules()
    if theirs is None:
        why = "ezrules is not set up"
        return [
            measure.without_yardstick("B4", sizes=sizes, unit="requests/s", goal=GOAL, ours=rate, why=why),
            measure.told("B4", sizes="p50 at full load", unit="ms", ours=waits[len(waits) // 2] * 1000, note=note),
        ]
    return [measure.Row("B4", sizes, "requests/s", rate, theirs, rate / theirs, GOAL, 1, note)]


def _ezrules() -> float | None:
    """Return its requests a second with as many clients, or nothing where nobody has set it up."""
    address, body = os.environ.get("EZRULES_URL", ""), os.environ.get("EZRULES_BODY", "")
    if not address:
        return None
    parts, headers = urlsplit(address), json.loads(os.environ.get("EZRULES_HEADERS", "{}"))
    each = DECISIONS // CLIENTS // 5
    numbers = itertools.count(time.time_ns())

    def run() -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        for _ in range(each):
            one = body.replace("NUMBER", str(next(numbers)))
            connection.request("POST", parts.path, one, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"ezrules answered {answer.status}")

    start = time.perf_counter()
    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CLIENTS * each / (time.perf_counter() - start)
