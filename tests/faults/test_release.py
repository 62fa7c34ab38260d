"""A new release's migrations under load: those who ask meanwhile, and the release that still runs, notice nothing."""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.faults import releases
from tests.faults.releases import SteadyRequests, done_in
from tests.faults.senders import free_port
from tests.fixtures import servers
from tests.fixtures.programs import Program, Programs, until
from tests.marketplace.posting import PATH, encoded, event, signed

PAGES = ("/m/", "/m/orders/", "/m/listings/", "/m/claims/", "/m/inbox/", "/m/price-guard/", "/m/scalper-policies/")
READS = ("/api/v1/orders", "/api/v1/listings", "/api/v1/claims", "/api/v1/warnings")
IN_USE = "A table is in use"
BEFORE, AFTER = 10, 30


@pytest.fixture
def database(django_db_setup: None) -> Iterator[dict[str, str]]:
    """An empty database of its own, and the settings by which a release finds it."""
    name = f"release_{os.getpid()}"
    with servers.superuser() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {} OWNER portal_owner").format(sql.Identifier(name)))
    yield {
        "DATABASE_URL": servers.url("app", database=name),
        "DATABASE_OWNER_URL": servers.url("owner", database=name),
    }
    with servers.superuser() as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.soak
@pytest.mark.case("T37")
@pytest.mark.timeout(1_200)
def test_migrations_under_load_fail_nobodys_request(database: dict[str, str], tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    commit = releases.unpack_previous(earlier)
    own = database | {"PORTAL_STATE": str(tmp_path / "state"), "REDIS_URL": servers.addresses().redis_url}
    whole = os.environ | own
    done_in(earlier, "migrate", "--noinput", "--verbosity", "0", settings=whole)
    done_in(earlier, "static", settings=whole)
    made = json.loads(
        done_in(earlier, "shell", "-c", releases.FURNISH, settings=whole).split("MADE ")[1].split("\n")[0]
    )
    programs, port, migrating = Programs(tmp_path, folder=earlier), free_port(), Programs(tmp_path / "migrate")
    migrating.logs.mkdir()
    try:
        old = [programs.web(port=port, **own), programs.drain(**own)]
        with SteadyRequests(_asking(made), port) as load:
            time.sleep(BEFORE)
            migrate = migrating.manage("migrate", "--noinput", **own)
            _use_every_table(database, until_hears=migrate)
            code = migrate.process.wait(300)
            migrated_at = load.seconds
            time.sleep(AFTER)
        assert code == 0, migrate.said[-3000:]
        assert load.failures == [], load.failures[:5]
        assert load.answered.total() >= load.rate * (load.seconds - 15)
        assert all(each.is_running for each in old)
        _new_release_answers(migrating, made, own)
    finally:
        programs.kill_all()
        migrating.kill_all()
    applied = migrate.said.count("... OK")
    put_off = migrate.said.count(IN_USE)
    sys.stdout.write(
        f"{commit} and this release: {applied} migrations, {put_off} times put off, all {migrated_at - BEFORE:.1f} s, "
        f"{load.answered.total()} requests, none failed, longest {load.longest:.1f} s\n"
    )


def _asking(made: dict[str, str]) -> list[releases.Ask]:
    """Pages of a person, reads and writes of a program, events of the platform: what a minute brings."""
    cookie, key = {"Cookie": made["cookie"]}, {"Authorization": f"Bearer {made['key']}"}

    def page(client: httpx.Client, number: int) -> httpx.Response:
        return client.get(PAGES[number // 4 % len(PAGES)], headers=cookie)

    def read(client: httpx.Client, number: int) -> httpx.Response:
        return client.get(READS[number // 4 % len(READS)], headers=key)

    def write(client: httpx.Client, number: int) -> httpx.Response:
        body = {
            "order": f"N-{number // 4 % 400}",
            "kind": "EXTORTION",
            "story": f"Number {number} wants money in private.",
        }
        return client.post("/api/v1/claims", json=body, headers=key | {"Idempotency-Key": f"claim-{number}"})

    def post(client: httpx.Client, number: int) -> httpx.Response:
        body = encoded(event(number=f"O-{number}"))
        return client.post(PATH, content=body, headers=signed(body) | {"content-type": "application/json"})

    return [page, read, write, post]


def _use_every_table(database: dict[str, str], *, until_hears: Program) -> None:
    """Read in one long transaction, as a report does, until the migration has met it, and a little longer."""
    with psycopg.connect(database["DATABASE_OWNER_URL"]) as report:
        tables = [name for (name,) in report.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for name in tables:
            report.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.Identifier(name)))
        until(lambda: IN_USE in until_hears.said or not until_hears.is_running, seconds=120)
        time.sleep(2)


def _new_release_answers(programs: Programs, made: dict[str, str], own: dict[str, str]) -> None:
    port = free_port()
    programs.web(port=port, **own)
    with SteadyRequests(_asking(made), port, rate=10) as load:
        time.sleep(5)
    assert load.failures == [], load.failures[:5]
