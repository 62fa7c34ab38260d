"""The servers from wheels, with real processes that are killed at the worst moments."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from merchant_protection.embedded import programs, stack
from tests.fixtures import servers

ROOT = Path(__file__).parents[2]
HOLD = """
    import sys, time
    from pathlib import Path
    from merchant_protection.embedded import stack
    servers = stack.ensure(state=Path(sys.argv[1]))
    print(servers.owner_url, servers.redis_url, flush=True)
    time.sleep(600)
"""
RUN = """
    import os, sys, tempfile, time
    from pathlib import Path
    from merchant_protection.embedded import stack
    own = stack.Stack(Path(tempfile.mkdtemp(prefix=f"passing-{os.getpid()}-", dir=sys.argv[1])))
    own.hold(own.redis)
    print(own.state, own.sockets, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_GRACE", "0.3")


def _passing() -> Iterator[Path]:
    folder = servers.passing_folder()
    yield folder
    stack.Stack(folder).remove()


state = pytest.fixture(_passing, name="state")
other = pytest.fixture(_passing, name="other")


@contextmanager
def _user_of(state: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A process that uses the servers, and the addresses it was given."""
    process = _start(state)
    assert process.stdout
    try:
        yield process, process.stdout.readline().split()
    finally:
        process.kill()
        process.communicate()


def _start(state: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(HOLD), str(state)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _until(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _servers_of(state: Path) -> list[int]:
    own = stack.Stack(state)
    postgres = own.postgres.pid()
    return [*([postgres] if postgres else []), *programs.working_in(own.sockets, name="redis-server")]


def test_both_servers_answer_and_a_second_start_takes_less_than_a_second(state: Path) -> None:
    with _user_of(state) as (_, (database, broker)):
        before = time.monotonic()
        with _user_of(state) as (_, again):
            seconds = time.monotonic() - before

            with psycopg.connect(database) as connection:
                role = connection.execute("SELECT current_user").fetchone()
            with redis.Redis.from_url(broker) as client:
                answered = client.ping()

    assert (role, answered) == (("portal_owner",), True)
    assert again == [database, broker]
    assert seconds < 1.0 * 5  # the start of Python twice, on a machine that others use too


def test_the_program_has_no_powers_and_the_owner_may_migrate(state: Path) -> None:
    with _user_of(state):
        own = stack.Stack(state)

        with psycopg.connect(own.owner_url, autocommit=True) as owner:
            owner.execute("CREATE TABLE thing (id int)")
        with psycopg.connect(own.database_url, autocommit=True) as app:
            powers = app.execute(
                "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("CREATE TABLE other (id int)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("SELECT * FROM thing")

    assert powers == (False, False, False, False)


def test_chinese_words_have_trigrams(state: Path) -> None:
    with _user_of(state) as (_, (database, _broker)), psycopg.connect(database) as connection:
        found = connection.execute("SELECT '洗衣机全自动' ILIKE '%衣机%', cardinality(show_trgm('洗衣机'))").fetchone()

    assert found == (True, 4)


def test_the_servers_stop_after_their_last_user_was_killed(state: Path) -> None:
    with _user_of(state) as (first, _), _user_of(state) as (second, _):
        first.kill()
        time.sleep(1)
        assert len(_servers_of(state)) == 2

        second.kill()
        _until(lambda: not _servers_of(state))


def test_data_survives_servers_that_were_killed(state: Path) -> None:
    with _user_of(state) as (_, (database, _broker)):
        with psycopg.connect(database) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        for pid in _servers_of(state):
            os.kill(pid, signal.SIGKILL)

        with _user_of(state) as (_, (database, _broker)), psycopg.connect(database) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


@pytest.mark.parametrize("after", [0.15, 0.3, 0.6, 1.0])
def test_a_starter_that_is_killed_half_way_leaves_nothing_that_stops_the_next(state: Path, after: float) -> None:
    starter = _start(state)
    time.sleep(after)
    starter.kill()
    starter.communicate()

    with _user_of(state) as (_, (database, _broker)), psycopg.connect(database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    _until(lambda: not _servers_of(state))


def test_what_another_start_left_at_work_in_the_server_is_waited_for(state: Path) -> None:
    with _user_of(state):
        own = stack.Stack(state)
        anywhere = own.postgres.url(role="postgres", database="postgres")
        with psycopg.connect(anywhere, autocommit=True) as server:
            server.execute("DROP DATABASE portal WITH (FORCE)")
        with ThreadPoolExecutor(4) as pool:  # as backends of killed starts go on with the same
            list(pool.map(lambda _: own.postgres._prepare(), range(4)))
        with psycopg.connect(own.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_many_starters_at_once_share_one_pair_of_servers(state: Path) -> None:
    starters = [_start(state) for _ in range(6)]
    said = {starter.stdout.readline() for starter in starters if starter.stdout}

    for starter in starters:
        starter.kill()
        starter.communicate()

    assert len(said) == 1


def test_two_checkouts_have_servers_of_their_own(state: Path, other: Path) -> None:
    with _user_of(state) as (_, one), _user_of(other) as (_, two):
        assert not set(one) & set(two)


def test_a_number_that_another_program_has_now_does_not_fool_the_start(state: Path) -> None:
    with _user_of(state):
        own = stack.Stack(state)
    _until(lambda: not _servers_of(state))
    (own.postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{own.postgres.data}\n")

    with _user_of(state) as (_, (database, _broker)), psycopg.connect(database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_cleaner_that_took_the_socket_costs_only_a_restart(state: Path) -> None:
    with _user_of(state):
        own = stack.Stack(state)
        for left in own.sockets.iterdir():
            left.unlink()

        with _user_of(state) as (_, (database, _broker)), psycopg.connect(database) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert len(_servers_of(state)) == 2  # the Redis that nobody could reach any more is gone


def test_a_redis_whose_starter_was_killed_before_it_answered_stops_with_the_others(state: Path) -> None:
    own = stack.Stack(state)
    own.redis.start()
    own.redis.socket.unlink()

    own.redis.stop()

    assert not _servers_of(state)


def test_what_a_killed_run_left_is_taken_away_and_what_a_living_one_has_is_not(state: Path) -> None:
    words = [sys.executable, "-c", textwrap.dedent(RUN), str(servers.STATE)]
    killed = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert killed.stdout
    left = [Path(word) for word in killed.stdout.readline().split()]

    servers.remove_left_over()
    assert all(folder.exists() for folder in left)
    killed.kill()
    killed.communicate()
    servers.remove_left_over()

    assert not [folder for folder in left if folder.exists()]
    assert not list(programs.working_in(left[1], name="redis-server"))
    assert state.exists()


def test_named_servers_are_used_and_nothing_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/portal")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@db/portal")
    monkeypatch.setenv("REDIS_URL", "redis://broker/1")

    addresses = stack.ensure_from_environment(state=tmp_path / "none")

    assert addresses.database_url == "postgresql://app@db/portal"
    assert addresses.owner_url == addresses.superuser_url == "postgresql://owner@db/portal"
    assert addresses.redis_url == "redis://broker/1"
    assert not (tmp_path / "none").exists()
