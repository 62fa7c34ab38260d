"""The release before this one, out of the history of the checkout, and requests at a steady rate while it is left."""

import itertools
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Self

import httpx
import pytest

from tests.fixtures import servers

NEW_MIGRATIONS = 4  # a release brings so many
FURNISH = """
import json
from django.conf import settings
from django.test import Client
from tests.factories import claims
from tests.factories.accounts import ApiKeyFactory, MembershipFactory, MerchantFactory
from tests.factories.marketplace import InboundSourceFactory, ListingFactory, OrderFactory
from tests.factories.risk import WarningFactory
shop = MerchantFactory(code="shop-a")
owner = MembershipFactory(merchant=shop).user
for number in range(400):
    OrderFactory(merchant=shop, number=f"N-{number}")
ListingFactory.create_batch(20, merchant=shop)
WarningFactory.create_batch(5, merchant=shop)
claims.submitted(shop)
InboundSourceFactory()
scopes = ["orders:read", "listings:read", "claims:read", "claims:write", "warnings:read"]
key = ApiKeyFactory(merchant=shop, scopes=scopes)
client = Client()
client.force_login(owner, backend=settings.AUTHENTICATION_BACKENDS[-1])
name = settings.SESSION_COOKIE_NAME
print("MADE " + json.dumps({"key": key.presented, "cookie": f"{name}={client.cookies[name].value}"}))
"""

type Ask = Callable[[httpx.Client, int], httpx.Response]


def unpack_previous(folder: Path) -> str:
    """Unpack the program as it was before the newest migrations were written; return which commit that is."""
    added = _git("log", "--diff-filter=A", "--format=%H", "--", "*/migrations/0*.py").split()
    if len(added) < NEW_MIGRATIONS:
        pytest.fail("The history of this checkout is cut short. This gets it: git fetch --unshallow", pytrace=False)
    commit = f"{added[NEW_MIGRATIONS - 1]}^"
    packed = subprocess.run(("git", "archive", commit), cwd=servers.ROOT, stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    for built in ("assets/build", "node_modules"):
        (folder / built).symlink_to(servers.ROOT / built)
    return _git("rev-parse", "--short", commit).strip()


@dataclass
class SteadyRequests:
    """Asks so many times a second, in turn, whatever the answers take; notes each that is not a good one."""

    ask: Sequence[Ask]
    port: int
    rate: float = 20
    senders: int = 40
    answered: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[float, str]] = field(default_factory=list)
    longest: float = 0
    ending: threading.Event = field(default_factory=threading.Event)
    running: list[threading.Thread] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __enter__(self) -> Self:
        self.start = time.monotonic()
        self.running = [threading.Thread(target=self._send_on) for _ in range(self.senders)]
        for thread in self.running:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        for thread in self.running:
            thread.join()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.start

    def _send_on(self) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
            while not self.ending.is_set():
                with self.lock:
                    number = next(self.numbers)
                due = self.start + number / self.rate
                if self.ending.wait(max(0.0, due - time.monotonic())):
                    return
                self._send(client, number, due=due)

    def _send(self, client: httpx.Client, number: int, *, due: float) -> None:
        ask = self.ask[number % len(self.ask)]
        try:
            answer = ask(client, number)
            said = "" if answer.is_success else f"{answer.request.url} {answer.status_code} {answer.text[-300:]}"
        except httpx.HTTPError as error:
            said = f"{ask.__name__} {type(error).__name__}"
        with self.lock:
            self.answered[ask.__name__] += 1
            self.longest = max(self.longest, time.monotonic() - due)
            if said:
                self.failures.append((self.seconds, said))


def done_in(folder: Path, *words: str, settings: dict[str, str]) -> str:
    """Run a command of a release to its end and return what it said."""
    command = (sys.executable, "manage.py", *words)
    ended = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return ended.stdout + ended.stderr


def _git(*words: str) -> str:
    return subprocess.run(("git", *words), cwd=servers.ROOT, capture_output=True, text=True, check=True).stdout
