"""A quarter of arrivals over HTTP: events told, complaints filed by the API, the rows counted by pandas."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from benchmarks import replay_count, replay_shops
from benchmarks.replay import Replay
from claims.services import recognising
from merchant_protection.marketplace.services import changes
from merchant_protection.marketplace.services import deciding as inbox
from merchant_protection.marketplace.services.tying import tie_after_sales

pytestmark = pytest.mark.usefixtures("platform_scope")


@pytest.fixture
def begun(transactional_db: None) -> Iterator[Any]:
    """Begin a replay into a portal on a real port."""
    running: list[Replay] = []
    with override_settings(ALLOWED_HOSTS=["*"]):
        server = LiveServer("127.0.0.1")

        def begin(**given: Any) -> Replay:
            running.append(replay_shops.opened(portal=server.url, **given))
            return running[-1]

        yield begin
        for each in running:
            each.close()
        server.stop()


def replayed(replay: Replay) -> Replay:
    """Tell everything, let the portal decide it as its drain does, and let the shops file."""
    replay.tell()
    while inbox.decide_due(now=timezone.now()):
        pass
    tie_after_sales(now=timezone.now())
    while changes.work_off(recognising.CONSUMER, partial(recognising.look, at=timezone.now()), now=timezone.now()):
        pass
    replay.wait(patience=0)
    replay.file()
    return replay


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_quarter_of_arrivals_over_http_is_all_there(begun: Any) -> None:
    replay = replayed(begun(days=91, orders_a_day=8, stories_a_day=2.5, seed=20261124))

    assert replay_count.differences(replay, at=replay.until) == []
    assert len(replay.filed) >= 300
    assert {each.status for each in replay.filed} == {"SUBMITTED", "LATE"}
