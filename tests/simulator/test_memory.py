"""A simulator that is started again goes on where it was, even after a kill, and is never older than itself."""

import dataclasses
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from benchmarks.simulator import desk, engine, ledger, market, memory, settings
from tests.fixtures import servers
from tests.simulator.conftest import NOON, QUIET, until

LATER = NOON + timedelta(hours=9)


@pytest.fixture
def lived(tmp_path: Any) -> tuple[market.Market, desk.Desk, Any]:
    """A marketplace after an hour, with one listing delisted by an action, written down."""
    shops = market.Market(QUIET, start=NOON)
    beat = engine.Beat(shops, rate=0.5, story_every=300, weights=dict(settings.STORIES))
    while shops.now < NOON + timedelta(hours=1):
        beat.step()
    shops.shops["QH-0001"].listings["QH-001-01"].status = "DELISTED"
    office = desk.Desk(shops, ledger.Ledger(), None, accept_unknown=False)  # type: ignore[arg-type]
    office.keys["key-1"] = desk.Done("digest", (200, {"status": "done"}))
    path = tmp_path / "state"
    memory.save(path, shops, office)
    return shops, office, path


def resumed(path: Any) -> market.Market:
    whole = memory.load(path, QUIET)
    assert whole is not None
    return memory.resumed(whole, QUIET, at=LATER)


def test_everything_is_as_it_was(lived: Any) -> None:
    before, _office, path = lived

    after = resumed(path)

    assert after.now == LATER
    assert after.shops == before.shops
    assert {key: one.data() for key, one in after.orders.items()} == {k: o.data() for k, o in before.orders.items()}
    assert [one.step for one in after.routine] == [one.step for one in before.routine]


def test_what_is_told_is_newer_than_all_before_and_bears_new_numbers(lived: Any) -> None:
    before, _office, path = lived

    after = resumed(path)
    told = after.take_outbox()
    beat = engine.Beat(after, rate=0.5, story_every=300, weights=dict(settings.STORIES))
    while after.now < LATER + timedelta(minutes=30):
        told += beat.step()

    assert after.tag != before.tag
    for event in told:
        known = before.versions.get(f"{event.type}/{event.merchant}/{event.data.get('number')}", 0)
        assert event.version > known


def test_open_orders_are_told_again_and_come_to_their_end(lived: Any) -> None:
    before, _office, path = lived
    open_ones = {order.number for order in before.orders.values() if order.status not in memory.FINAL}
    assert open_ones

    after = resumed(path)
    retold = {event.data["number"] for event in after.take_outbox() if event.type == "order.changed"}
    beat = engine.Beat(after, rate=2, story_every=0, weights={})
    while after.now < LATER + timedelta(hours=3):
        beat.step()

    assert retold == open_ones
    ended = [one for one in after.orders.values() if one.number in open_ones and one.status in memory.FINAL]
    assert len(ended) > len(open_ones) * 0.8


def test_an_action_that_comes_again_is_known(lived: Any) -> None:
    _shops, _office, path = lived
    whole = memory.load(path, QUIET)
    assert whole is not None
    office = desk.Desk(resumed(path), ledger.Ledger(), None, accept_unknown=False)  # type: ignore[arg-type]

    memory.give_back(whole, office)

    assert office.keys["key-1"].answer == (200, {"status": "done"})


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"\x80\x05N."], ids=["empty", "text", "nothing"])
def test_what_cannot_be_read_means_a_new_beginning(tmp_path: Any, content: bytes) -> None:
    path = tmp_path / "state"
    path.write_bytes(content)

    assert memory.load(path, QUIET) is None
    assert memory.load(tmp_path / "nowhere", QUIET) is None


def test_the_memory_of_other_shops_is_left_alone(lived: Any) -> None:
    assert memory.load(lived[2], dataclasses.replace(QUIET, seed=1)) is None


def test_the_program_goes_on_after_being_stopped(portal: Any, tmp_path: Any) -> None:
    words = ["--portal", portal.address, "--port", "0", "--rate", "20", "--story-every", "0"]
    words += ["--state", str(tmp_path / "state")]

    first = _placed(words)
    second = _placed(words)

    assert first
    assert first <= second


def _placed(words: list[str]) -> set[str]:
    """Run the simulator for some events and return the orders it remembers."""
    program = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.simulator", *words], cwd=servers.ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        address = program.stdout.readline().removeprefix("listening on ").strip()
        until(lambda: _posted(address) > 350, seconds=60)
        program.send_signal(signal.SIGTERM)
        assert program.wait(30) == 0
    finally:
        program.kill()
        program.communicate()
    state = next(word for word in words if word.endswith("/state"))
    whole = memory.load(memory.Path(state), settings.Settings())
    assert whole is not None
    return set(whole["market"]["orders"])


def _posted(address: str) -> int:
    time.sleep(0.2)
    return int(httpx.get(f"{address}/ledger").json()["events"].get("posted", 0))
