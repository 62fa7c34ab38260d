"""The simulator as a merchant's own system: it takes what the portal signs, and notes it."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from merchant_protection.foundation import signatures
from merchant_protection.notices.outside import calling
from tests.simulator.conftest import QUIET, Platform

SECRET = "whsec_" + "bWVyY2hhbnQtc3lzdGVtLWluLXRoZS1zaW11bGF0b3I="
BODY = json.dumps({"type": "claim.decided", "timestamp": "2026-11-26T00:00:00+00:00", "data": {}}).encode()


@pytest.fixture
def listening() -> Iterator[Platform]:
    platform = Platform(dataclasses.replace(QUIET, webhook_secret=SECRET))
    yield platform
    platform.client.close()
    platform.server.stop()


def tell(platform: Platform, secret: str, message_id: str = "msg_1") -> calling.Answer:
    """Send as the portal does."""
    headers = signatures.headers(secret, message_id=message_id, at=datetime.now(UTC), body=BODY)
    place = platform.server.address.removeprefix("http://")
    return calling.post(f"{platform.server.address}/webhooks", headers=headers, body=BODY, listeners=[place])


def heard(platform: Platform) -> Any:
    return platform.client.get("/webhooks?limit=1").json()


def test_what_the_portal_signs_is_taken_and_noted(listening: Platform) -> None:
    assert [tell(listening, SECRET, each).status for each in ("msg_1", "msg_1", "msg_2")] == [200, 200, 200]

    assert heard(listening)["counts"] == {"received": 3, "claim.decided": 3, "messages": 2}
    assert heard(listening)["latest"] == [{"id": "msg_2", **json.loads(BODY)}]


def test_what_another_signed_is_refused(listening: Platform) -> None:
    answer = tell(listening, signatures.new_secret())

    assert (answer.status, heard(listening)["counts"]) == (401, {"messages": 0})
