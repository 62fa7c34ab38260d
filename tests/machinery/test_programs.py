"""The portal's own programs start, answer, and end when asked or killed."""

import socket

import httpx
import pytest

from merchant_protection.embedded.redis_server import RedisServer
from tests.fixtures.programs import Programs, until


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_web_program_answers_and_ends_when_asked(program: Programs, port: int) -> None:
    web = program.web(port=port)

    assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    web.stop()
    assert not web.is_running


def test_worker_and_beat_start_and_a_killed_one_is_gone_with_its_children(program: Programs) -> None:
    worker, beat = program.worker(), program.beat()

    worker.kill()

    assert not worker.is_running
    assert beat.is_running
    beat.stop()


def test_the_broker_of_this_run_can_be_taken_away_and_given_back(broker: RedisServer) -> None:
    broker.stop()
    until(lambda: not broker.is_answering())

    broker.start()

    assert broker.is_answering()
