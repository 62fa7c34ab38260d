"""Every route that can change something stands in the register of records; the walk sees each of them do so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit import register, routes
from tests.fixtures import servers
from tests.fixtures.records import KEPT_IN

# Where pages, API and staff admin are asked; browsers, faults and servers tell nothing about records.
WALKED = (
    *("accounts", "audit", "claims", "files", "home", "isolation", "marketplace", "notices", "pricing_guard", "risk"),
    *("scalper_policies", "training"),
)


@pytest.mark.case("T35")
def test_every_changing_route_stands_in_the_register_once() -> None:
    seen = {name.partition(":")[0] if name.startswith("desk_act") else name for name in register.RECORDED}
    named = [*seen, *register.BY_COMMAND, *register.WITHOUT]

    assert len(named) == len(set(named))
    assert routes.changing() - set(named) == set()
    assert set(named) - routes.names() == set(), "no such route any more"


def test_the_register_names_records_only() -> None:
    assert {table for tables in register.RECORDED.values() for table in tables} <= register.records()
    assert all(reason.endswith(".") for reason in register.WITHOUT.values())


def test_a_change_without_its_record_is_a_fault() -> None:
    route, (record, *_others) = next(iter(register.RECORDED.items()))

    assert register.fault_of(route, {"accounts_merchant", record}) == ""
    assert "left no" in register.fault_of(route, {"accounts_merchant"})
    assert "not in the register" in register.fault_of("a new route", {"accounts_merchant", record})


@pytest.mark.soak
@pytest.mark.case("T35")
@pytest.mark.timeout(3_600)
def test_each_changing_route_is_seen_to_leave_its_record(tmp_path: Path) -> None:
    folders = [str(servers.ROOT / "tests" / name) for name in WALKED]
    words = (
        "-m",
        "pytest",
        *folders,
        "-m",
        "not soak and not browser",
        "-q",
        "-n",
        "2",
        "--dist",
        "worksteal",
    )

    ended = subprocess.run(
        (sys.executable, *words, "--durations", "0", "--durations-min", "60"),
        cwd=servers.ROOT,
        env=os.environ | {KEPT_IN: str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout[-5_000:]
    routes_seen = {route for route, changed in _seen(tmp_path, "route") if not register.fault_of(route, changed)}
    commands = _seen(tmp_path, "command")
    recorded = {command for command, changed in commands if changed & register.records()}
    silent = {command for command, changed in commands if not changed & register.records()}
    sys.stdout.write(f"{len(routes_seen)} routes and {len(recorded)} commands seen to leave their record\n")
    assert {route for route, _changed in _seen(tmp_path, "route") if not register.is_known(route)} == set()
    assert set(register.RECORDED) - routes_seen == set()
    assert set(register.BY_COMMAND.values()) - recorded == set()
    assert set(register.BY_COMMAND.values()) & silent == set()


def _seen(folder: Path, kind: str) -> list[tuple[str, set[str]]]:
    lines = [json.loads(line) for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]
    return [(line[kind], set(line["changed"])) for line in lines if kind in line]
