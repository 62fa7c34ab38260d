"""A transaction that goes to the server in one way: kept as a whole or not at all, and the connection goes on."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from merchant_protection.foundation import prepared, transactions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def table() -> Iterator[None]:
    """Numbers of this connection alone, of which none may come twice; that is looked at when a transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE numbers (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        yield
        cursor.execute("DROP TABLE numbers")


def test_a_transaction_goes_in_one_way(table: None, tmp_path: Path) -> None:
    assert _ways(tmp_path / "one", prepared.together()) == 1


def test_without_it_each_step_waits_for_word(table: None, tmp_path: Path) -> None:
    assert _ways(tmp_path / "each", nullcontext()) > 1


def test_what_is_written_together_stays(table: None) -> None:
    _together(1, 2)

    assert _numbers() == [1, 2]
    _is_at_rest()


def test_what_the_server_refuses_takes_the_rest_of_its_transaction_along(table: None) -> None:
    with pytest.raises(DataError):
        _together(1, 2**31, 2)

    assert _numbers() == []
    _is_at_rest()


def test_what_the_commit_refuses_is_told_when_the_block_ends(table: None) -> None:
    with pytest.raises(IntegrityError):
        _together(1, 1)

    assert _numbers() == []
    _is_at_rest()


def test_an_error_of_our_own_takes_back_what_was_sent(table: None) -> None:
    with pytest.raises(ZeroDivisionError):
        _together(1, then=lambda: 1 // 0)

    assert _numbers() == []
    _is_at_rest()


def test_a_transaction_that_began_before_is_committed_in_the_same_way(table: None) -> None:
    with ExitStack() as sending, prepared.cursor() as cursor:
        with transactions.transaction():
            _write(cursor, 1)
            sending.enter_context(prepared.together())
            _write(cursor, 2)
        assert not connection.in_atomic_block

    assert _numbers() == [1, 2]
    _is_at_rest()


def test_what_follows_a_commit_waits_until_it_is_known(table: None) -> None:
    followed: list[str] = []

    with pytest.raises(IntegrityError):
        _together(1, 1, then=lambda: transaction.on_commit(lambda: followed.append("told")))
    _together(1, then=lambda: transaction.on_commit(lambda: followed.append("kept")))

    assert followed == ["kept"]
    assert _numbers() == [1]
    _is_at_rest()


def _together(*numbers: int, then: Callable[[], object] = int) -> None:
    with prepared.cursor() as cursor, prepared.together(), transactions.transaction():
        for number in numbers:
            _write(cursor, number)
        then()


def _ways(file: Path, block: Any) -> int:
    """Return how often the server said that it waits for more while two numbers were written."""
    with prepared.cursor() as cursor:
        raw = connection.connection
        with file.open("w") as log:
            raw.pgconn.trace(log.fileno())
            with block, transactions.transaction():
                _write(cursor, 1)
                _write(cursor, 2)
            raw.pgconn.untrace()
    return file.read_text().count("ReadyForQuery")


def _write(cursor: Any, number: int) -> None:
    cursor.execute("INSERT INTO numbers VALUES (%s::bigint)", [number])


def _numbers() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM numbers ORDER BY n")
        return [n for (n,) in cursor.fetchall()]


def _is_at_rest() -> None:
    raw = connection.connection
    assert raw.autocommit
    assert raw.info.transaction_status.name == "IDLE"
