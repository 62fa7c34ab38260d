"""Statements that are planned once: values written as an array arrive as they were, and several are sent together."""

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.foundation import prepared

pytestmark = pytest.mark.django_db
ODD = [
    "",
    " ",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "{}",
    "a,b",
    "{a}",
    "'",
    "世纪大道",
    "é\u0301",
    "\t\n\r",
    "%s",
    "$1",
    "🙂",
]


def test_every_text_comes_back_as_it_was() -> None:
    with prepared.cursor() as cursor:
        cursor.execute("SELECT %(values)s::text[]", {"values": prepared.array(ODD)})
        assert cursor.fetchone() == (ODD,)


@pytest.mark.parametrize(("kind", "values"), [("bigint", [-(2**63), 0, 2**63 - 1]), ("int", []), ("text", [])])
def test_numbers_and_nothing_at_all(kind: str, values: list[int]) -> None:
    with prepared.cursor() as cursor:
        cursor.execute(f"SELECT %(values)s::{kind}[]", {"values": prepared.array(values)})
        assert cursor.fetchone() == (values,)


def test_together_each_statement_sees_what_the_one_before_did() -> None:
    with prepared.together(), prepared.cursor() as first, prepared.cursor() as second:
        first.execute("SELECT set_config('lock_timeout', %s::text, true)", ["77ms"])
        second.execute("SELECT current_setting('lock_timeout')", {})
        assert second.fetchone() == ("77ms",)


def test_the_log_of_statements_tells_each_alone_and_together() -> None:
    with CaptureQueriesContext(connection) as log:
        with prepared.cursor() as cursor:
            cursor.execute("SELECT %(shop)s::bigint", {"shop": 7})
        with prepared.together(), prepared.cursor() as first, prepared.cursor() as second:
            first.execute("SELECT 1::int + %s::int", [1])
            second.execute("SELECT 2", {})

    assert [each["sql"] for each in log.captured_queries] == [
        "SELECT %(shop)s::bigint",
        "SELECT 1::int + %s::int",
        "SELECT 2",
    ]


def test_an_error_together_is_djangos_and_the_connection_goes_on(transactional_db: None) -> None:
    with pytest.raises(DataError):
        _divide_by_nothing()

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def _divide_by_nothing() -> None:
    with prepared.together(), prepared.cursor() as cursor:
        cursor.execute("SELECT 1 / %s::int", [0])
        cursor.fetchone()
