"""A web server as in production, with one's own program behind it, whose CPU can be read."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PORTAL = "merchant_protection.config.wsgi:application"
PAUSE = 10.0
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """One granian on a free port, asked over one connection; `workers` are its processes."""

    def __init__(self, application: str, *, workers: int = 1) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = (sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error")
        self.process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers), application],
            env=os.environ | {"ALLOWED_HOSTS": "127.0.0.1"},
            start_new_session=True,
        )
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.asked_at = time.monotonic()
        self._wait()

    def ask(self, path: str, headers: dict[str, str], *, wanted: int) -> http.client.HTTPResponse:
        """Ask once; an answer that is not `wanted` is an error, or we would measure refusals."""
        self._anew_after_a_pause()
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        self.asked_at = time.monotonic()
        if answer.status != wanted:
            raise RuntimeError(f"{path} answered {answer.status}, not {wanted}")
        return answer

    def cpu_each(self, times: int, path: str, headers: dict[str, str], *, wanted: int) -> float:
        """Return the seconds of CPU that the server's processes spent on one of so many requests."""
        before = cpu_of(self.process)
        for _ in range(times):
            self.ask(path, headers, wanted=wanted)
        return (cpu_of(self.process) - before) / times

    def stop(self) -> None:
        self.connection.close()
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)

    def _anew_after_a_pause(self) -> None:
        """The server closes a connection nobody used for half a minute: while the other side has its turn."""
        if time.monotonic() - self.asked_at > PAUSE:
            self.connection.close()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.connection.request("GET", "/healthz")
                self.connection.getresponse().read()
            except OSError:
                self.connection.close()
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the server did not come up")


def cpu_of(leader: subprocess.Popen[bytes]) -> float:
    """Return the seconds of CPU that a program and its children have used; it leads a session of its own."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[2]) == leader.pid:  # the process group
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS
