"""B4: 3,000 decisions of a hot launch by eight clients with fifty policies, against ezrules with fifty rules.

ezrules (PyPI) is no dependency: the benchmark installs it into var/ezrules and starts it. Each question carries a
number that is another one each time, since it answers a known one from memory. Ours and theirs are asked in turns.
"""

import http.client
import itertools
import threading
import time

from benchmarks import ezrules_server, measure, order_decisions
from benchmarks.web_server import PORTAL, Server

CLIENTS, POLICIES, WORKERS = 8, 50, 2
TURNS, EACH = 4, 750  # 3,000 decisions each side
GOAL = measure.at_least(5)
NUMBERS = itertools.count(time.time_ns())


def run(*, large: bool) -> list[measure.Row]:
    """Measure requests a second at full load in turns, and how long ours wait at full load and at half."""
    headers = order_decisions.shop(policies=POLICIES)
    server = Server(PORTAL, workers=WORKERS)
    try:
        for _ in range(3):
            order_decisions.at_once(server.port, headers, clients=CLIENTS, each=10)
        waits: list[float] = []
        row = _side_by_side(server, headers, waits)
        pause = CLIENTS / (row.ours or 1)
        _half, calm = order_decisions.at_once(server.port, headers, clients=CLIENTS, each=100, pause=pause)
    finally:
        server.stop()
    note = f"full: {order_decisions.percentiles(sorted(waits))}; half: {order_decisions.percentiles(calm)}"
    middle = sorted(waits)[len(waits) // 2] * 1000
    return [row, measure.told("B4", sizes="ours, p50 at full load", unit="ms", ours=middle, note=note)]


def _side_by_side(server: Server, headers: dict[str, str], waits: list[float]) -> measure.Row:
    sizes = f"{TURNS * EACH:,} each side, {CLIENTS} clients, {POLICIES} policies"

    def ours() -> float:
        rate, took = order_decisions.at_once(server.port, headers, clients=CLIENTS, each=EACH // CLIENTS)
        waits.extend(took)
        return rate

    try:
        with ezrules_server.running(rules=POLICIES, workers=WORKERS) as theirs:
            return measure.pair(
                "B4",
                sizes=sizes,
                unit="requests/s",
                goal=GOAL,
                ours=ours,
                yardstick=lambda: _rate_of(theirs, each=EACH // CLIENTS),
                pairs=TURNS,
                note=ezrules_server.RELEASE,
            )
    except ezrules_server.Absent as absent:
        return measure.without_yardstick("B4", sizes=sizes, unit="requests/s", goal=GOAL, ours=ours(), why=str(absent))


def _rate_of(theirs: ezrules_server.Running, *, each: int) -> float:
    """Return its requests a second with as many clients; a refusal is an error, or we would measure refusals."""
    refused: list[int] = []

    def run() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", theirs.port, timeout=60)
        for _ in range(each):
            body = theirs.body.replace("NUMBER", str(next(NUMBERS)))
            connection.request("POST", theirs.path, body, {"Content-Type": "application/json", **theirs.headers})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                refused.append(answer.status)
                return

    start = time.perf_counter()
    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise ezrules_server.Absent(f"it answered {refused[0]}")
    return CLIENTS * each / (time.perf_counter() - start)
