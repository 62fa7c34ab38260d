"""Events at a steady rate, each with its moment, beside people who look at pages; what they waited for.

An event that waits for a free sender waits on our watch, so that a slow answer is not hidden by a patient sender.
One that is not taken is posted again until it is, as the selling platform does.
"""

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Self

import psutil

from tests.fixtures.programs import Program
from tests.marketplace.posting import PATH, encoded, event, signed

PAGES = ("/m/", "/m/orders/", "/m/listings/", "/m/inbox/")
LOOKS_EVERY = 2.0  # seconds, of each person
AGAIN_AFTER = 0.1
TYPES: tuple[Callable[[int], dict[str, object]], ...] = (
    lambda number: event(number=f"O-{number}"),
    lambda number: event("price.changed", sku=f"SKU-{number % 200}", version=number + 1),
    lambda number: event("listing.changed", sku=f"SKU-{number % 200}", version=number + 1),
)


@dataclass
class Steady:
    """So many events a second for so long, with people beside them."""

    port: int
    cookie: str
    rate: float
    people: int = 20
    senders: int = 16
    waits: list[float] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    ending: threading.Event = field(default_factory=threading.Event)
    running: list[threading.Thread] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __enter__(self) -> Self:
        self.start = time.monotonic()
        self.running = [threading.Thread(target=self._send_on) for _ in range(self.senders)]
        self.running += [threading.Thread(target=self._look_on, args=(each,)) for each in range(self.people)]
        for thread in self.running:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for thread in self.running:
            thread.join()

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self.start

    @property
    def p99(self) -> float:
        """Milliseconds from an event's moment to its acknowledgement, 99 of 100."""
        return sorted(self.waits)[int(len(self.waits) * 0.99)] * 1000

    def _send_on(self) -> None:
        with closing(_Line(self.port)) as line:
            self._send_by(line)

    def _send_by(self, line: "_Line") -> None:
        while not self.ending.is_set():
            with self.lock:
                number = next(self.numbers)
            due = self.start + number / self.rate
            if self.ending.wait(max(0.0, due - time.monotonic())):
                return
            told = TYPES[number % len(TYPES)](number)
            body = encoded(told)
            while (said := line.ask("POST", PATH, body, signed(body) | {"Content-Type": "application/json"})) != "202":
                with self.lock:
                    self.refused[said] += 1
                if self.ending.wait(AGAIN_AFTER):
                    return
            with self.lock:
                self.waits.append(time.monotonic() - due)
                self.acknowledged.add(str(told["id"]))

    def _look_on(self, place: int) -> None:
        self.ending.wait(place * LOOKS_EVERY / max(1, self.people))
        with closing(_Line(self.port)) as line:
            for path in itertools.cycle(PAGES):
                said = line.ask("GET", path, b"", {"Cookie": self.cookie})
                with self.lock:
                    self.pages[said] += 1
                if self.ending.wait(LOOKS_EVERY):
                    return


class _Line:
    """A connection that is opened anew when it breaks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.open: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> str:
        """Return the status, or what broke."""
        self.open = self.open or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            self.open.request(method, path, body or None, headers)
            answer = self.open.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return type(error).__name__
        return str(answer.status)

    def close(self) -> None:
        """Hang up; the next question opens it anew."""
        if self.open is not None:
            self.open.close()
        self.open = None


def memory_of(program: Program) -> int:
    """What a program and its children hold for themselves, shared pages counted by share."""
    whole = psutil.Process(program.process.pid)
    return sum(each.memory_full_info().pss for each in [whole, *whole.children(recursive=True)])
