"""The marketplace running in real time: a driver that lets things happen when they are due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.simulator import engine, stories
from benchmarks.simulator.faults import Faults
from benchmarks.simulator.ledger import Ledger
from benchmarks.simulator.market import Event, Market
from benchmarks.simulator.posting import Lanes, Postman
from benchmarks.simulator.settings import Settings

logger = logging.getLogger("simulator")
LONGEST_LAG = timedelta(seconds=5)
LONGEST_SLEEP_SECONDS = 0.5
HISTORY_BATCH = 1_000


class Live:
    """Market, ledger, faults and lanes of one running simulator, and the thread that drives them."""

    def __init__(self, settings: Settings, market: Market) -> None:
        self.settings = settings
        self.market = market
        self.lock = threading.RLock()
        self.ledger = Ledger()
        self.faults = Faults(settings.seed)
        self.postman = Postman(settings, self.ledger)
        self.lanes = Lanes(self.postman, lanes=max(1, settings.lanes), batch=max(1, settings.batch))
        self.paused = settings.paused
        self.beat: engine.Beat | None = None
        self.stopping = threading.Event()
        self.changed = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True, name="simulator-beat")

    def start(self) -> None:
        """Go live: from now on things happen by themselves."""
        with self.lock:
            self.market.now = max(self.market.now, datetime.now(UTC))
            self.beat = engine.Beat(
                self.market,
                rate=self.settings.rate,
                story_every=self.settings.story_every,
                weights=dict(self.settings.stories),
            )
        self.lanes.start()
        self.flush()
        self.thread.start()

    def flush(self) -> None:
        """Hand what was told to the lanes."""
        with self.lock:
            events = self.market.take_outbox()
        self.lanes.put(events)
        for event in events:
            logger.debug("%s %s v%s", event.type, event.about, event.version)

    def _run(self) -> None:
        while not self.stopping.is_set():
            wait = self._turn()
            self.changed.wait(wait)
            self.changed.clear()

    def _turn(self) -> float:
        """Let everything happen that is due, and return how long to sleep."""
        now = datetime.now(UTC)
        with self.lock:
            if self.beat is None or self.paused:
                self.market.now = max(self.market.now, now)
                self._flush_waiting()
                return LONGEST_SLEEP_SECONDS
            self.beat.catch_up(now, longest_lag=LONGEST_LAG)
            while self.beat.due_at() <= now and not self.stopping.is_set():
                self.lanes.put(self.beat.step())
            wait = (self.beat.due_at() - datetime.now(UTC)).total_seconds()
            self.market.now = max(self.market.now, now)
            self._flush_waiting()
        return min(max(wait, 0.0), LONGEST_SLEEP_SECONDS)

    def _flush_waiting(self) -> None:
        if self.market.outbox:
            self.flush()

    def tell(self, name: str, *, merchant: str, more: Mapping[str, Any]) -> dict[str, Any]:
        """Begin a story now."""
        with self.lock:
            self.market.now = max(self.market.now, datetime.now(UTC))
            chosen = stories.tell(self.market, name, merchant=merchant, more=more)
        self.ledger.told(chosen)
        self.wake()
        return chosen

    def wake(self) -> None:
        """Let the driver look again at once."""
        self.changed.set()

    def stop(self) -> None:
        """End everything; what is not yet posted is given up."""
        self.stopping.set()
        self.changed.set()
        self.faults.stop()
        self.postman.stop()
        self.lanes.wake()
        for thread in (self.thread, *self.lanes.threads):
            if thread.is_alive():
                thread.join(timeout=5)
        self.postman.close()  # only now: a connection that is being made while its client closes is never closed


def batches(events: Iterator[Event], settings: Settings, *, size: int = HISTORY_BATCH) -> Iterator[Sequence[Event]]:
    """Part a long stream into batches that share their credentials, each in order."""
    waiting: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        batch = waiting.setdefault(settings.credentials(event.merchant), [])
        batch.append(event)
        if len(batch) >= size:
            yield batch.copy()
            batch.clear()
    yield from (batch for batch in waiting.values() if batch)


def past(market: Market, *, until: datetime) -> Iterator[Event]:
    """Yield the catalogue and then everything that happened from the market's start until now."""
    if market.settings.announce:
        market.announce()
    yield from market.take_outbox()
    yield from engine.Past(market).run(until)
