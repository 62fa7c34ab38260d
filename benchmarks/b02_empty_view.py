"""B2, as far as it exists: an authenticated view with nothing to say, against a bare program on the same server.

Ours is the poll of an open page: session, person, memberships, the shop's scope in the database, and the answer
that nothing is new (304). What a price check costs on top of it is measured when price checks exist.
"""

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.test import Client

from benchmarks import measure
from merchant_protection.accounts.models import Membership, Merchant, Role, User
from merchant_protection.foundation import tenancy

OURS = "merchant_protection.config.wsgi:application"
BARE = "benchmarks.bare_server:application"
TICKS = os.sysconf("SC_CLK_TCK")
REQUESTS = 400
BARE_REQUESTS = 8_000  # the kernel counts CPU in hundredths of a second


def run(*, large: bool) -> list[measure.Row]:
    """Measure CPU time and waiting time for each request, one after the other, on one worker."""
    headers = _signed_in()
    ours, bare = _Server(OURS), _Server(BARE)
    try:
        tag = ours.ask("/m/live/", headers, wanted=200).getheader("ETag") or ""
        polls = headers | {"If-None-Match": tag, "X-Poll": "1"}
        cpu = measure.pair(
            "B2",
            sizes="empty view, CPU of a request",
            unit="ms",
            goal=measure.TOLD,
            ours=lambda: ours.cpu_each(REQUESTS, "/m/live/", polls, wanted=304) * 1000,
            yardstick=lambda: bare.cpu_each(BARE_REQUESTS, "/", {}, wanted=200) * 1000,
        )
        waits = sorted(_waits(ours, "/m/live/", polls))
        p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
        note = f"p99 {p99 * 1000:.1f} ms; one worker, one client"
        told = measure.told("B2", sizes="empty view, p50", unit="ms", ours=p50 * 1000, note=note)
        return [cpu, told]
    finally:
        ours.stop()
        bare.stop()


def _signed_in() -> dict[str, str]:
    with tenancy.platform():
        shop = Merchant.objects.create(code="bench", name="Bench")
        user = User.objects.create_user("bench@example.com", "correct horse battery", display_name="Bench")
        Membership.objects.create(merchant=shop, user=user, role=Role.OWNER)
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def _waits(server: "_Server", path: str, headers: dict[str, str]) -> list[float]:
    found = []
    for _ in range(REQUESTS * 2):
        start = time.perf_counter()
        server.ask(path, headers, wanted=304)
        found.append(time.perf_counter() - start)
    return found


class _Server:
    """One granian with one worker, asked over one connection."""

    def __init__(self, application: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = (sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error")
        self.process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), application],
            env=os.environ | {"ALLOWED_HOSTS": "*"},
            start_new_session=True,
        )
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._wait()

    def ask(self, path: str, headers: dict[str, str], *, wanted: int) -> http.client.HTTPResponse:
        """Ask once; an answer that is not `wanted` is an error, or we would measure refusals."""
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != wanted:
            raise RuntimeError(f"{path} answered {answer.status}, not {wanted}")
        return answer

    def cpu_each(self, times: int, path: str, headers: dict[str, str], *, wanted: int) -> float:
        """Return the seconds of CPU that the server's processes spent on one of so many requests."""
        before = self._cpu()
        for _ in range(times):
            self.ask(path, headers, wanted=wanted)
        return (self._cpu() - before) / times

    def stop(self) -> None:
        self.connection.close()
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)

    def _cpu(self) -> float:
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue  # it ended meanwhile
            if int(fields[2]) == self.process.pid:  # the process group
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

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
