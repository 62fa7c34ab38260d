"""A simulator on a free port, silent unless told, and a portal for it to talk to."""

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from benchmarks.simulator import live as running
from benchmarks.simulator import market, server, settings, signing
from tests.simulator.portal import FakePortal

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
QUIET = settings.Settings(port=0, rate=0, story_every=0, buyers=60)


class Platform:
    """The running simulator and a client that signs as the portal does."""

    def __init__(self, base: settings.Settings) -> None:
        self.live = running.Live(base, market.Market(base, start=datetime.now(UTC)))
        self.server = server.Platform(self.live, host="127.0.0.1", port=0)
        self.server.start()
        self.client = httpx.Client(base_url=self.server.address, timeout=5)

    def act(self, key: str, /, **changes: Any) -> httpx.Response:
        """Ask for an action; delist the first listing unless told otherwise."""
        action = {
            "action_id": "act_1",
            "merchant": "QH-0001",
            "target": {"kind": "LISTING", "ref": "QH-001-01"},
            "aspect": "availability",
            "value": "DELISTED",
            "verb": "delist",
            "generation": 1,
            "reason": "price slip",
            "issued_at": "2026-11-24T04:00:00+00:00",
        }
        body = json.dumps(action | changes).encode()
        headers = signing.headers(self.live.settings.secret, f"msg_{key}", int(time.time()), body)
        return self.client.post("/actions", content=body, headers=headers | {"Idempotency-Key": key})

    def state(self, **asked: str) -> httpx.Response:
        """Ask for the state of a target."""
        found = {"merchant": "QH-0001", "kind": "LISTING", "ref": "QH-001-01", "aspect": "availability"} | asked
        headers = signing.headers(self.live.settings.secret, "msg_state", int(time.time()), b"")
        return self.client.get("/state", params=found, headers=headers)

    def control(self, **instruction: Any) -> httpx.Response:
        """Tell the simulator what to do."""
        return self.client.post("/control", json=instruction)

    def ledger(self) -> dict[str, Any]:
        """Return the account of what happened."""
        return self.client.get("/ledger").json()

    def stop(self) -> None:
        """End it."""
        self.client.close()
        self.live.stop()
        self.server.stop()


def until(holds: Callable[[], Any], *, seconds: float = 10) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)


@pytest.fixture
def portal() -> Iterator[FakePortal]:
    """A portal that takes events."""
    portal = FakePortal(QUIET.secret)
    portal.thread.start()
    yield portal
    portal.shutdown()
    portal.server_close()


@pytest.fixture
def platform(portal: FakePortal) -> Iterator[Platform]:
    """A live but silent simulator that posts to that portal."""
    platform = Platform(dataclasses.replace(QUIET, portal=portal.address))
    platform.live.start()
    yield platform
    platform.stop()


@pytest.fixture
def shop_market() -> market.Market:
    """A marketplace without a network, at noon."""
    return market.Market(QUIET, start=NOON)
