"""The platform fails as it is told, the same way under the same seed, and never has two effects."""

from typing import Any

import httpx
import pytest

from benchmarks.simulator import faults
from tests.simulator.conftest import Platform

HUNG_UP = httpx.TransportError


def test_unavailable_does_nothing_and_says_when_to_return(platform: Platform) -> None:
    platform.control(faults={"unavailable": 1, "retry_after": 7})

    answer = platform.act("key-1")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert "effects" not in platform.ledger()["actions"]


def test_a_lost_answer_was_done_once_and_is_told_at_the_next_try(platform: Platform) -> None:
    platform.control(faults={"lost": 1})
    with pytest.raises(HUNG_UP):
        platform.act("key-1")
    platform.control(faults={})

    answer = platform.act("key-1")

    assert answer.json() == {"status": "done", "state": "DELISTED"}
    assert platform.ledger()["effects_by_key"] == {"key-1": 1}


def test_a_hanging_request_is_done_late_and_still_only_once(platform: Platform) -> None:
    platform.control(faults={"hang": 1, "hang_seconds": 1})
    platform.client.timeout = httpx.Timeout(0.2)
    with pytest.raises(httpx.TimeoutException):
        platform.act("key-1")
    platform.client.timeout = httpx.Timeout(5)
    platform.control(faults={})

    answers = [platform.act("key-1").status_code for _ in range(2)]

    assert answers == [200, 200]
    assert platform.ledger()["effects_by_key"] == {"key-1": 1}


def test_down_breaks_every_connection_but_control(platform: Platform) -> None:
    platform.control(faults={"down": True})
    with pytest.raises(HUNG_UP):
        platform.act("key-1")
    with pytest.raises(HUNG_UP):
        platform.state()

    assert platform.control(faults={"down": False}).status_code == 200
    assert platform.act("key-1").status_code == 200


def test_the_seed_decides_which_requests_fail() -> None:
    def picked(seed: int) -> list[str]:
        one = faults.Faults(seed)
        one.set({"unavailable": 0.15, "lost": 0.15, "hang": 0.05})
        return [one.pick(f"key-{number}", 1) for number in range(2_000)]

    assert picked(1) == picked(1) != picked(2)
    assert 0.13 < picked(1).count("lost") / 2_000 < 0.17
    assert 0.03 < picked(1).count("hang") / 2_000 < 0.07


@pytest.mark.parametrize(
    "instruction",
    [
        {"faults": {"unavailable": 0.6, "lost": 0.6}},
        {"faults": {"unavailable": -0.1}},
        {"faults": {"gremlins": 1}},
        {"faults": [1]},
        {"rate": "fast"},
        {"rate": -1},
        {"tell": "fairy_tale"},
        {"tell": {"story": "price_slip", "merchant": "XX-0009"}},
        {"tell": {"story": "price_slip", "merchant": "QH-0001", "sku": "none"}},
        {"stories": {"fairy_tale": 1}},
        {"sing": True},
    ],
)
def test_instructions_that_make_no_sense_are_refused(platform: Platform, instruction: dict[str, Any]) -> None:
    before = platform.client.get("/control").json()["faults"]

    answer = platform.control(**instruction)

    assert answer.status_code == 400
    assert platform.client.get("/control").json()["faults"] == before


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 5_000])
def test_control_refuses_what_is_no_object(platform: Platform, body: bytes) -> None:
    assert platform.client.post("/control", content=body).status_code == 400
