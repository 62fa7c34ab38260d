"""Posting events to the portal: signed, in order per object, patient when it is away.

Events about the same buyer or listing keep their order, since they share a lane. A lane
tries the same bytes under the same ids again until the portal takes them.
"""

from __future__ import annotations

import json
import logging
import queue
import random
import threading
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import httpx

from benchmarks.simulator import signing
from benchmarks.simulator.ledger import Ledger
from benchmarks.simulator.market import Event
from benchmarks.simulator.settings import Settings

logger = logging.getLogger("simulator")
PATH = "/api/v1/events"
LONGEST_PAUSE_SECONDS = 30.0
PORTAL_LOOK_SECONDS = 0.5
WAITING_EVENTS_KEPT = 50_000
RETRIED = (408, 425, 429)


class Refused(Exception):
    """The portal will not take this batch however often it is asked."""


def encoded(events: Sequence[Event]) -> tuple[bytes, str]:
    """Return body and content type: one object, or NDJSON for several."""
    lines = [json.dumps(event.body(), ensure_ascii=False, separators=(",", ":")) for event in events]
    if len(lines) == 1:
        return lines[0].encode(), "application/json"
    return ("\n".join(lines) + "\n").encode(), "application/x-ndjson"


class Postman:
    """Posts batches and understands the answers."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.settings = settings
        self.ledger = ledger
        self.stopping = threading.Event()
        self.client = httpx.Client(base_url=settings.portal, timeout=httpx.Timeout(60, connect=5))

    def wait_for_portal(self, ended: threading.Event) -> None:
        """Return when somebody answers at the portal's address, or when told to end."""
        while not self.stopping.is_set() and not ended.is_set():
            try:
                self.client.get("/healthz")
            except httpx.HTTPError:
                ended.wait(PORTAL_LOOK_SECONDS)
            else:
                return

    def post(self, events: Sequence[Event], *, patience: float = float("inf")) -> None:
        """Post events of one merchant until they are taken, refused, or patience is at its end."""
        body, content_type = encoded(events)
        give_up = time.monotonic() + patience
        tries = 0
        while not self.stopping.is_set():
            tries += 1
            if tries > 1:
                self.ledger.tried_again()
            try:
                results = self._once(events, body, content_type)
            except Refused as refused:
                logger.warning("%d events refused: %s", len(events), str(refused)[:200])
                self.ledger.failed("events", {"first": events[0].id, "count": len(events), "why": str(refused)})
                results = ["refused"] * len(events)
            if results:
                for event, answer in zip(events, results, strict=True):
                    self.ledger.posted(event, answer)
                return
            if time.monotonic() > give_up:
                break
            self.stopping.wait(_pause(tries))
        for event in events:
            self.ledger.posted(event, "given_up")

    def _once(self, events: Sequence[Event], body: bytes, content_type: str) -> list[str]:
        """Post once: the results, or nothing when it is worth trying again."""
        source, secret = self.settings.credentials(events[0].merchant)
        headers = signing.headers(secret, f"msg-{events[0].id}", int(time.time()), body)
        headers |= {"portal-source": source, "content-type": content_type}
        try:
            response = self.client.post(PATH, content=body, headers=headers)
        except httpx.HTTPError as error:
            self.ledger.fault(f"portal {type(error).__name__}")
            return []
        if response.status_code >= 500 or response.status_code in RETRIED:
            self.ledger.fault(f"portal {response.status_code}")
            return []
        return self._understood(response, events)

    def _understood(self, response: httpx.Response, events: Sequence[Event]) -> list[str]:
        try:
            answer: Any = response.json()
            results = sorted(answer["results"], key=lambda one: one["index"])
            statuses = [str(one["status"]) for one in results]
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(f"{response.status_code} {response.text[:500]}") from error
        if len(statuses) != len(events):
            raise Refused(f"{response.status_code} with {len(statuses)} results for {len(events)} events")
        for one in results:
            if one["status"] not in ("accepted", "duplicate"):
                self.ledger.failed(f"event {one.get('id')} {one['status']}", one.get("errors"))
        return statuses

    def stop(self) -> None:
        """Stop trying."""
        self.stopping.set()

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()


def _pause(tries: int) -> float:
    longest: float = min(LONGEST_PAUSE_SECONDS, 0.25 * 2 ** min(tries, 10))
    return longest * random.uniform(0.5, 1)


class Lanes:
    """Several postmen side by side; what is about the same thing goes the same way."""

    def __init__(self, postman: Postman, *, lanes: int, batch: int) -> None:
        self.postman = postman
        self.batch = batch
        self.queues: list[queue.Queue[Event | None]] = [queue.Queue(WAITING_EVENTS_KEPT) for _ in range(lanes)]
        self.threads = [threading.Thread(target=self._run, args=(one,), daemon=True) for one in self.queues]

    def start(self) -> None:
        """Begin to post."""
        for thread in self.threads:
            thread.start()

    def put(self, events: Sequence[Event]) -> None:
        """Hand events over; what does not fit into a full lane is counted as dropped."""
        for event in events:
            lane = self.queues[zlib.crc32(event.about.encode()) % len(self.queues)]
            try:
                lane.put_nowait(event)
            except queue.Full:
                self.postman.ledger.posted(event, "dropped")

    def wake(self) -> None:
        """Let those who wait for an event see that there is none to come."""
        for lane in self.queues:
            with suppress(queue.Full):  # who has events waits for none
                lane.put_nowait(None)

    @property
    def waiting(self) -> int:
        """Return how many events wait to be posted."""
        return sum(one.unfinished_tasks for one in self.queues)

    def _run(self, lane: queue.Queue[Event | None]) -> None:
        while not self.postman.stopping.is_set():
            found = [lane.get()]
            while len(found) < self.batch:
                try:
                    found.append(lane.get_nowait())
                except queue.Empty:
                    break
            self._post([event for event in found if event])
            for _ in found:
                lane.task_done()

    def _post(self, events: Sequence[Event]) -> None:
        by_credentials: dict[tuple[str, str], list[Event]] = {}
        for event in events:
            by_credentials.setdefault(self.postman.settings.credentials(event.merchant), []).append(event)
        for batch in by_credentials.values():
            self.postman.post(batch)
