"""Migrating waits a short while for a lock, lets others pass, and tries again."""

import threading
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import OperationalError, connection

from merchant_protection.foundation.transactions import transaction
from tests.fixtures import servers

CHANGE = "LOCK TABLE foundation_slot IN ACCESS EXCLUSIVE MODE"


@pytest.fixture
def changed(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A migration that changes a table: how often it came through."""
    done: list[str] = []

    def change(_: Any, *args: Any, **options: Any) -> None:
        with transaction(), connection.cursor() as cursor:
            cursor.execute(CHANGE)
        done.append("changed")

    monkeypatch.setattr(migrate.Command, "handle", change)
    return done


def in_use() -> psycopg.Connection:
    report = servers.superuser(database=str(connection.settings_dict["NAME"]))
    report.execute("BEGIN; LOCK TABLE foundation_slot IN ACCESS SHARE MODE")
    return report


def test_a_table_in_use_is_tried_again_until_it_is_free(changed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    report = in_use()
    threading.Timer(0.5, report.close).start()

    call_command("migrate", lock_timeout=0.1, verbosity=0)

    assert changed == ["changed"]
    assert "A table is in use" in capsys.readouterr().err
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_table_that_stays_in_use_is_given_up(changed: list[str]) -> None:
    with in_use(), pytest.raises(CommandError, match="stayed in use through 2 tries"):
        call_command("migrate", lock_timeout=0.1, tries=2, verbosity=0)

    assert changed == []


def test_another_fault_is_not_tried_again(changed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any, *args: Any, **options: Any) -> None:
        changed.append("tried")
        raise OperationalError("no such host")

    monkeypatch.setattr(migrate.Command, "handle", fail)

    with pytest.raises(OperationalError):
        call_command("migrate", verbosity=0)

    assert changed == ["tried"]
