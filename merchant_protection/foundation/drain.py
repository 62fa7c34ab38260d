"""The drain: loops that handle event-driven work as soon as it is due, with or without a broker."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, connections
from django.utils import timezone

from merchant_protection.foundation import heartbeats, tenancy, waking

logger = logging.getLogger(__name__)
POLL = 2.0  # seconds; what a lost wake-up costs at most
BREATH = 0.1  # seconds from the beginning of a turn to the next: what comes meanwhile is handled together
PATIENCE = 9.0  # seconds for a turn to end after the word to stop; what is cut off is claimed again
BEATS_EVERY = timedelta(seconds=5)
LISTENS_FOR = 1.0

type Work = Callable[[Callable[[], datetime]], int]


@dataclass(frozen=True)
class Loop:
    """A named piece of event-driven work: claims what is due, and returns how much it handled."""

    name: str
    work: Work


@dataclass
class Drain:
    """Runs loops, each in a thread of its own, until told to stop; survives restarts of the database."""

    loops: Sequence[Loop]
    stopping: threading.Event = field(default_factory=threading.Event)
    wakes: list[threading.Event] = field(default_factory=list)

    def run(self) -> bool:
        """Work until `stop`; return whether every loop came to an orderly end."""
        threads = []
        for loop in self.loops:
            wake = threading.Event()
            self.wakes.append(wake)
            threads.append(threading.Thread(target=self._turn_after_turn, args=(loop, wake), name=loop.name))
        listener = threading.Thread(target=self._listen, name="listener")
        for thread in (listener, *threads):
            thread.daemon = True
            thread.start()
        while not self.stopping.wait(0.5):
            pass
        until = time.monotonic() + PATIENCE
        for thread in (*threads, listener):
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def stop(self) -> None:
        """End after the turns at hand."""
        self.stopping.set()
        self._wake_all()

    def _wake_all(self) -> None:
        for wake in self.wakes:
            wake.set()

    def _turn_after_turn(self, loop: Loop, wake: threading.Event) -> None:
        beaten: datetime | None = None
        while not self.stopping.is_set():
            wake.clear()
            begun = time.monotonic()
            try:
                now = timezone.now()
                if beaten is None or now - beaten > BEATS_EVERY:
                    heartbeats.beat(loop.name, at=now)
                    beaten = now
                with tenancy.platform():
                    handled = loop.work(timezone.now)
            except (OperationalError, InterfaceError) as error:
                logger.warning("%s: the database is away (%s)", loop.name, type(error).__name__)
                handled = self._rest()
            except Exception:
                logger.exception("%s failed", loop.name)
                handled = self._rest()
            finally:
                connections.close_all()
            if not handled:
                wake.wait(POLL)
            # The first word is answered at once; under a stream of them each turn takes up many rows, not one.
            self.stopping.wait(max(0.0, begun + BREATH - time.monotonic()))

    def _rest(self) -> int:
        self.stopping.wait(0.5)
        return 1

    def _listen(self) -> None:
        """Hear of due work over a connection of its own; without one the loops still poll."""
        while not self.stopping.is_set():
            try:
                with psycopg.connect(**_address(), autocommit=True, connect_timeout=3) as own:
                    own.execute(f"LISTEN {waking.CHANNEL}")
                    logger.info("drain: listening, %d loops", len(self.loops))
                    self._wake_all()
                    while not self.stopping.is_set():
                        for _word in own.notifies(timeout=LISTENS_FOR, stop_after=1):
                            self._wake_all()
            except psycopg.Error as error:
                logger.warning("drain: not listening (%s)", type(error).__name__)
                self.stopping.wait(0.5)


def _address() -> dict[str, Any]:
    parts = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert")
    return {name: parts[name] for name in wanted if parts.get(name)}
