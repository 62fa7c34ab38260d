"""PostgreSQL dies under load and comes back: what was acknowledged is kept, and every process goes on by itself."""

import sys
import time

import pytest

from tests.factories.accounts import MerchantFactory
from tests.factories.marketplace import InboundSourceFactory
from tests.faults.senders import Load, assert_each_once, decided, free_port
from tests.fixtures.own_servers import let_go, named
from tests.fixtures.programs import until


def stop_at_once_under_load(program, own, *, stops):
    """Stop PostgreSQL without mercy under load and start it again, as its supervisor does."""
    MerchantFactory(code="shop-a")
    InboundSourceFactory()
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
    let_go()
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
