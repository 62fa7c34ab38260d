"""PostgreSQL dies under load and comes back: what was acknowledged is kept, and every process goes on by itself."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from merchant_protection.embedded import stack
from tests.factories.accounts import MerchantFactory
from tests.factories.marketplace import InboundSourceFactory
from tests.faults.senders import Load, assert_each_once, decided, free_port
from tests.fixtures import servers
from tests.fixtures.programs import until

POINTED = ("HOST", "PORT", "NAME", "USER", "PASSWORD")


def point_at(parts):
    connection.close()
    connection.close_pool()
    connection.settings_dict.update(parts)


@pytest.fixture
def own_servers(transactional_db, program):
    """PostgreSQL of this test alone, migrated, with shop A; the test's own reads go there too."""
    state = Path(tempfile.mkdtemp(prefix="stops-", dir=servers.STATE))
    own = stack.Stack(state, settings=servers.FASTER)
    own.hold()
    before = {name: connection.settings_dict[name] for name in POINTED}
    program.manage("migrate", "--noinput", "--verbosity", "0", **named(own)).process.wait(150)
    known = conninfo_to_dict(own.database_url)
    point_at({"HOST": known["host"], "PORT": "", "NAME": known["dbname"], "USER": known["user"], "PASSWORD": ""})
    MerchantFactory(code="shop-a")
    InboundSourceFactory()
    yield own
    program.kill_all()
    point_at(before)
    own.stop()
    for folder in {state, own.postgres.data.parent}:
        shutil.rmtree(folder, ignore_errors=True)


def named(own):
    return {"DATABASE_URL": own.database_url, "DATABASE_OWNER_URL": own.owner_url, "REDIS_URL": own.redis_url}


def stop_at_once_under_load(program, own, *, stops):
    """Stop PostgreSQL without mercy under load and start it again, as its supervisor does."""
    port = free_port()
    running = [program.web(port=port, **named(own)), program.drain(**named(own))]
    away = []
    with Load(port, pause=0.2) as load:
        for _stop in range(stops):
            load.reach(15)
            start = time.monotonic()
            own.postgres.stop(mode="immediate")
            own.revive()
            away.append(time.monotonic() - start)
            load.reach(15)
    connection.close()
    connection.close_pool()  # the test's own connections died too
    until(lambda: set(load.acknowledged) <= decided(), seconds=90, otherwise=lambda: running[1].said[-3000:])
    sys.stdout.write(
        f"{len(load.acknowledged)} events, {len(load.failures)} failed tries, away {max(away):.1f} s, "
        f"longest outage for a sender {max(load.outages, default=0):.1f} s\n"
    )
    assert max(load.outages, default=0) <= 5
    assert all(each.is_running for each in running)
    assert_each_once(set(load.acknowledged))


def test_a_stop_of_the_database_loses_nothing_that_was_acknowledged(program, own_servers):
    stop_at_once_under_load(program, own_servers, stops=1)


@pytest.mark.soak
@pytest.mark.case("T16")
@pytest.mark.timeout(600)
def test_three_stops_of_the_database_lose_nothing_that_was_acknowledged(program, own_servers):
    stop_at_once_under_load(program, own_servers, stops=3)
