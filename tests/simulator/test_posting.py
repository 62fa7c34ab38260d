"""Posting: signed, retried under the same ids, in order, live at the chosen rate; the program itself."""

import dataclasses
import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from benchmarks.simulator import cli, settings
from benchmarks.simulator.ledger import Ledger
from benchmarks.simulator.market import Market
from benchmarks.simulator.posting import Postman
from tests.faults.senders import free_port
from tests.simulator.conftest import NOON, QUIET, Platform, until
from tests.simulator.portal import FakePortal

ROOT = Path(cli.__file__).parents[2]


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.simulator", *words]


def test_the_portal_being_away_loses_nothing_and_changes_no_id(platform: Platform, portal: FakePortal) -> None:
    portal.fail_next = 3

    platform.control(tell={"story": "price_slip", "merchant": "QH-0001", "kind": "cents"})

    until(lambda: portal.of("price.changed"))
    assert [one for one, _ in portal.requests[:4]] == [portal.requests[0][0]] * 4
    until(lambda: platform.ledger()["events"].get("retries") == 3)
    assert set(portal.answers) == {"accepted"}


def test_a_request_sent_again_counts_once_however_many_events_are_in_it(portal: FakePortal) -> None:
    postman = Postman(dataclasses.replace(QUIET, portal=portal.address), Ledger())
    portal.fail_next = 1
    market = Market(QUIET, start=NOON)
    market.announce()

    postman.post(market.take_outbox()[:5])
    postman.close()

    assert postman.ledger.events == {"posted": 5, "accepted": 5, "retries": 1}


def test_a_portal_that_is_not_there_yet_is_waited_for_and_no_fault() -> None:
    port = free_port()
    postman = Postman(dataclasses.replace(QUIET, portal=f"http://127.0.0.1:{port}"), Ledger())
    waiting = threading.Thread(target=postman.wait_for_portal, args=(threading.Event(),))
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()

    portal = FakePortal(QUIET.secret, port=port)
    portal.thread.start()
    waiting.join(10)
    portal.shutdown()
    portal.server_close()
    postman.close()

    assert not waiting.is_alive()
    assert (postman.ledger.faults, postman.ledger.events["retries"]) == ({}, 0)


def test_live_it_beats_at_its_rate_and_pauses(platform: Platform, portal: FakePortal) -> None:
    platform.control(rate=50)
    until(lambda: len(portal.order) >= 60)

    platform.control(paused=True)
    until(lambda: platform.ledger()["waiting"] == 0)
    before = len(portal.order)
    answer = platform.client.get("/control").json()

    assert (answer["rate"], answer["paused"]) == (50, True)
    assert len(portal.order) == before
    assert platform.ledger()["events"] == {"posted": before, "accepted": before, "retries": 0}


def test_a_wrong_secret_is_told_and_not_repeated_for_ever(platform: Platform, portal: FakePortal) -> None:
    portal.secret = "whsec_b3RoZXI="

    platform.control(announce=True)

    until(lambda: platform.ledger()["events"].get("refused", 0) > 10)
    assert platform.ledger()["trouble"]


def test_the_program_posts_its_past_in_order_then_ends(portal: FakePortal) -> None:
    words = (
        "--portal",
        portal.address,
        "--port",
        "0",
        "--history",
        "2",
        "--no-live",
        "--start",
        "2026-11-24T04:00:00Z",
    )

    first = subprocess.run(_command(*words), cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    count = len(portal.order)
    subprocess.run(_command(*words), cwd=ROOT, capture_output=True, timeout=60, check=True)

    assert first.stdout.startswith("listening on http://127.0.0.1:")
    assert count == len(portal.order) > 600
    assert set(portal.answers) == {"accepted", "duplicate"}
    assert {source for _, source in portal.requests} == {"src_simulator"}
    times = [one["occurred_at"] for one in portal.order]
    assert times == sorted(times)


def test_the_program_ends_when_told(portal: FakePortal) -> None:
    words = _command("--portal", portal.address, "--port", "0", "--rate", "20")
    program = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with program:
        assert program.stdout is not None
        address = re.search(r"http://\S+", program.stdout.readline())
        assert address
        assert httpx.get(f"{address[0]}/healthz").status_code == 200
        until(lambda: portal.of("order.changed"), seconds=20)
        program.send_signal(signal.SIGTERM)

        assert program.wait(timeout=10) == 0


def test_the_past_can_be_written_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "past.ndjson"

    assert cli.main(["--history", "1", "--export", str(path)]) == 0

    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {one["merchant"] for one in events} == {"QH-0001", "BW-0002"}


def test_command_line_beats_environment_beats_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "simulator.toml"
    shop = (
        '[[merchants]]\ncode = "ZZ-1"\nname = "杂货铺"\ngoods = "household"\nsource = "src_zz"\nsecret = "whsec_eno="\n'
    )
    path.write_text(f"rate = 1\nseed = 1\nport = 1\n[stories]\nhoarding = 0\n{shop}", encoding="utf-8")
    monkeypatch.setenv("SIMULATOR_RATE", "2")
    monkeypatch.setenv("SIMULATOR_SEED", "2")

    chosen = cli.chosen(["--config", str(path), "--rate", "3"])

    assert (chosen.rate, chosen.seed, chosen.port) == (3, 2, 1)
    assert chosen.stories == settings.STORIES | {"hoarding": 0}
    assert chosen.credentials("ZZ-1") == ("src_zz", "whsec_eno=")
    assert chosen.credentials("QH-0001") == (QUIET.source, QUIET.secret)


@pytest.mark.parametrize("line", ["colour = 1", "[stories]\nfairy_tale = 1", "rate = 'fast'"])
def test_a_file_with_an_unknown_setting_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "simulator.toml"
    path.write_text(line, encoding="utf-8")

    assert cli.main(["--config", str(path)]) == 2
