"""Events at a steady rate through a real web server, beside people who look at pages, with a drain that decides them.

Each event has its moment; one that waits for a free connection waits on our watch, so a slow answer is not hidden
by the sender's patience.
"""

import http.client
import itertools
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks import measure, stage
from benchmarks.web_server import PORTAL, Server, cpu_of
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import InboxEvent

RATE, SENDERS, PEOPLE = 100, 16, 20
READING_SECONDS = 2.0
PATHS = ("/m/", "/m/orders/", "/m/listings/", "/m/inbox/")
LONGEST_WAIT = 300.0  # milliseconds, 99 of 100
CATCH_UP_SECONDS = 60.0

type Signed = Callable[[], tuple[bytes, dict[str, str]]]


@dataclass
class Seen:
    """What the senders saw: milliseconds from an event's moment to its answer, and the answers."""

    waits: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    pages: Counter[int] = field(default_factory=Counter)


def run(signed: Signed, *, headers: dict[str, str], seconds: int) -> list[measure.Row]:
    """Post events at a steady rate for so long, and say how long they waited and what became of them."""
    before = _events()
    server = Server(PORTAL, workers=2)
    drain = subprocess.Popen([sys.executable, "manage.py", "drain"], cwd=stage.ROOT, start_new_session=True)
    seen, ended = Seen(), threading.Event()
    people = [threading.Thread(target=_look, args=(server.port, headers, seen, ended)) for _ in range(PEOPLE)]
    try:
        for person in people:
            person.start()
        _send(server.port, signed, seen, count=RATE * seconds)
        ended.set()
        lag = _caught_up()
        busy = [cpu_of(program) for program in (server.process, drain)]
    finally:
        ended.set()
        drain.terminate()
        drain.wait(20)
        for person in people:
            person.join()
        server.stop()
    return [_row(seen, seconds=seconds, lag=lag, kept=_events() - before, busy=busy)]


def _send(port: int, signed: Signed, seen: Seen, *, count: int) -> None:
    lock, numbers, start = threading.Lock(), itertools.count(), time.perf_counter() + 0.5

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            with lock:
                number = next(numbers)
                if number >= count:
                    break
                body, head = signed()
            due = start + number / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", "/api/v1/events", body, head | {"Content-Type": "application/x-ndjson"})
            answer = connection.getresponse()
            answer.read()
            with lock:
                seen.waits.append((time.perf_counter() - due) * 1000)
                seen.answers[answer.status] += 1
        connection.close()

    with ThreadPoolExecutor(SENDERS) as pool:
        for sender in [pool.submit(send) for _ in range(SENDERS)]:
            sender.result()


def _look(port: int, headers: dict[str, str], seen: Seen, ended: threading.Event) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for path in itertools.cycle(PATHS):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        seen.pages[answer.status] += 1
        if ended.wait(READING_SECONDS):
            break
    connection.close()


def _caught_up() -> float:
    """Seconds until everything that was taken in is decided."""
    start = time.perf_counter()
    while _events(status=InboxEvent.Status.PENDING) and time.perf_counter() - start < CATCH_UP_SECONDS:
        time.sleep(0.1)
    return time.perf_counter() - start


def _events(**which: object) -> int:
    with tenancy.platform():
        return InboxEvent.objects.filter(**which).count()


def _row(seen: Seen, *, seconds: int, lag: float, kept: int, busy: Sequence[float]) -> measure.Row:
    ordered = sorted(seen.waits)
    p99 = ordered[int(len(ordered) * 0.99)]
    accepted = seen.answers[202]
    note = f"p50 {statistics.median(ordered):.0f} ms; {len(ordered) - accepted} answers not 202; "
    note += f"{accepted} accepted, {kept} kept, all decided {lag:.1f} s after the last; "
    note += f"{seen.pages[200]} pages looked at, {seen.pages.total() - seen.pages[200]} failed"
    note += f"; CPU, start included: web {busy[0]:.1f} s, drain {busy[1]:.1f} s"
    sizes = f"{RATE}/s for {seconds} s, {PEOPLE} people, p99"
    if accepted != len(ordered) or kept != accepted:
        return measure.Row("B12", sizes, "ms", p99, LONGEST_WAIT, None, measure.at_most(1), 0, f"FAILED: {note}")
    return measure.Row("B12", sizes, "ms", p99, LONGEST_WAIT, p99 / LONGEST_WAIT, measure.at_most(1), 1, note)
