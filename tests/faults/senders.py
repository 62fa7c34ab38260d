"""Senders that post over HTTP until they get a good answer, as the selling platform does, and what came of it."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from django.db import connection

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import InboxEvent, Order, OrderLine, OrderStatusChange
from tests.fixtures.programs import until
from tests.marketplace.posting import PATH, encoded, event, signed

PAUSE = 0.05  # seconds before a sender tries again


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Load:
    """Posts order events one by one from several threads; one that is not acknowledged is posted again."""

    port: int
    threads: int = 2
    pause: float = 0.05
    acknowledged: dict[str, float] = field(default_factory=dict)  # event, and when
    took: list[float] = field(default_factory=list)
    failures: list[tuple[float, str]] = field(default_factory=list)
    outages: list[float] = field(default_factory=list)  # seconds from a first failure to the next good answer
    numbers: Iterator[int] = field(default_factory=itertools.count)
    ending: threading.Event = field(default_factory=threading.Event)
    running: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.running = [threading.Thread(target=self._post_on) for _ in range(self.threads)]
        for thread in self.running:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for thread in self.running:
            thread.join()

    def reach(self, count: int, *, seconds: float = 60) -> None:
        """Wait until so many events more are acknowledged."""
        goal = len(self.acknowledged) + count
        until(lambda: len(self.acknowledged) >= goal, seconds=seconds, otherwise=lambda: f"{self.failures[-3:]}")

    def post(self, client: httpx.Client, body: Any) -> httpx.Response:
        raw = encoded(body)
        headers = {**signed(raw), "content-type": "application/json"}
        return client.post(f"http://127.0.0.1:{self.port}{PATH}", content=raw, headers=headers)

    def _post_on(self) -> None:
        with httpx.Client(timeout=10) as client:
            while not self.ending.is_set():
                self._post_until_taken(client, event(number=f"O-{next(self.numbers)}"))
                time.sleep(self.pause)

    def _post_until_taken(self, client: httpx.Client, body: dict[str, Any]) -> None:
        failed_at = None
        while True:
            start = time.monotonic()
            try:
                answer = self.post(client, body)
                said = str(answer.status_code) if answer.is_success else f"{answer.status_code} {answer.text[:200]}"
            except httpx.HTTPError as error:
                answer, said = None, type(error).__name__
            if answer is not None and answer.is_success:
                break
            failed_at = failed_at or start
            self.failures.append((time.time(), said))
            if self.ending.is_set():
                return
            time.sleep(PAUSE)
        self.acknowledged[body["id"]] = time.time()
        self.took.append(time.monotonic() - start)
        if failed_at:
            self.outages.append(time.monotonic() - failed_at)


@contextmanager
def decisions_seen() -> Iterator[dict[str, float]]:
    """Note when each event is first seen to be decided, by looking from outside."""
    seen: dict[str, float] = {}
    ending = threading.Event()

    def look() -> None:
        while not ending.wait(0.1):
            now = time.time()
            seen.update({event_id: now for event_id in decided() - set(seen)})
        connection.close()

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        ending.set()
        watcher.join()


def decided() -> set[str]:
    with tenancy.platform():
        return set(InboxEvent.objects.filter(status="DECIDED").values_list("event_id", flat=True))


def assert_each_once(acknowledged: set[str]) -> None:
    """Every acknowledged event is decided and had its effect once; nothing is left."""
    assert acknowledged <= decided()
    with tenancy.platform():
        received = InboxEvent.objects.count()  # one may have been taken whose answer was lost at the very end
        assert received == InboxEvent.objects.filter(status="DECIDED", outcome="applied").count()
        assert received == Order.objects.count() == OrderLine.objects.count() == OrderStatusChange.objects.count()


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]
