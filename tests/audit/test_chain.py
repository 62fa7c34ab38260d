"""The audit cannot be changed by the program, and a change by anybody else is named."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import queries, services
from merchant_protection.audit.models import Checkpoint, Entry, Link
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from tests.audit import register
from tests.fixtures import servers

MEDDLE = "SET session_replication_role = replica"
TABLES = ["audit_entry", "audit_link", "audit_checkpoint"]
PRIVILEGES = "SELECT has_table_privilege('portal_app', %s, 'UPDATE, DELETE, TRUNCATE')"


@pytest.fixture
def write(transactional_db: None, now: datetime) -> Callable[[int], None]:
    @transaction
    def one(number: int) -> None:
        services.record(actor=Actor.clock("test"), action="shop.changed", at=now, subject_id=number, after={"n": "改"})

    def many(count: int) -> None:
        for number in range(count):
            one(number)

    return many


@pytest.fixture(autouse=True)
def scope(transactional_db: None) -> Iterator[None]:
    with tenancy.platform():
        yield


@pytest.fixture
def meddler(transactional_db: None) -> Iterator[psycopg.Connection]:
    """Somebody who may do anything to the database."""
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
        server.execute(MEDDLE)
        yield server


def test_committed_entries_are_linked_once(write: Callable[[int], None], now: datetime) -> None:
    write(3)

    assert services.link_committed(now=now) == 3
    assert services.link_committed(now=now) == 0
    write(2)
    assert services.link_committed(now=now + timedelta(minutes=1)) == 2

    assert list(Link.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]
    assert list(Checkpoint.objects.order_by("pk").values_list("sequence", flat=True)) == [3, 5]
    assert queries.verify() == queries.Verdict(length=5, unlinked=0)


def test_four_sweeps_at_once_link_each_entry_once(write: Callable[[int], None], now: datetime) -> None:
    write(40)

    def sweep(_: int) -> int:
        with tenancy.platform():
            try:
                return services.link_committed(now=now)
            finally:
                connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(sweep, range(4)))

    assert sum(done) == 40
    assert queries.verify().length == 40


def test_an_entry_committed_late_is_linked_all_the_same(write: Callable[[int], None], now: datetime) -> None:
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as slow:
        slow.autocommit = False
        slow.execute(
            "INSERT INTO audit_entry (at, actor_kind, actor_name, action, subject_kind, subject_id, before, after,"
            " reason, origin, request_id) VALUES (now(), 'CLOCK', 'slow', 'x', '', '', '{}', '{}', '', '', '')"
        )
        write(2)
        assert services.link_committed(now=now) == 2
        slow.commit()

    assert services.link_committed(now=now) == 1

    assert queries.verify().length == 3
    assert Link.objects.get(sequence=3).entry.actor_name == "slow"


@pytest.mark.case("T35")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_program_cannot_change_history(
    write: Callable[[int], None], now: datetime, table: str, change: str
) -> None:
    write(1)
    services.link_committed(now=now)

    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(change.format(table))

    assert Entry.objects.count() == Link.objects.count() == Checkpoint.objects.count() == 1


@pytest.mark.case("T35")
def test_the_program_may_change_no_history_of_any_feature(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        for table in sorted(register.records()):
            cursor.execute(PRIVILEGES, [table])
            assert cursor.fetchone() == (False,), table
            for change in ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
                with pytest.raises(DatabaseError):
                    cursor.execute(change.format(table))


@pytest.mark.case("T35")
@pytest.mark.parametrize(
    ("meddling", "first_bad"),
    [
        ("UPDATE audit_entry SET reason = 'x' WHERE id = (SELECT entry_id FROM audit_link WHERE sequence = 4)", 4),
        ("UPDATE audit_entry SET after = '{}' WHERE id = (SELECT entry_id FROM audit_link WHERE sequence = 1)", 1),
        ("UPDATE audit_entry SET at = at + interval '1 microsecond'", 1),
        ("DELETE FROM audit_entry WHERE id = (SELECT entry_id FROM audit_link WHERE sequence = 5)", 5),
        ("DELETE FROM audit_link WHERE sequence = 2", 2),
        ("UPDATE audit_link SET digest = repeat('0', 64) WHERE sequence = 3", 3),
        ("DELETE FROM audit_link WHERE sequence > 4", 5),
        ("DELETE FROM audit_link", 1),
    ],
)
def test_the_first_row_that_was_tampered_with_is_named(
    write: Callable[[int], None], now: datetime, meddler: psycopg.Connection, meddling: str, first_bad: int
) -> None:
    write(6)
    services.link_committed(now=now)

    meddler.execute(meddling.encode())

    assert queries.verify().first_bad == first_bad


@pytest.mark.case("T35")
def test_a_tail_cut_with_its_checkpoints_is_caught_by_the_one_in_the_log(
    write: Callable[[int], None], now: datetime, meddler: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    write(4)
    with caplog.at_level("INFO", logger="merchant_protection.audit.services"):
        services.link_committed(now=now)
    logged = caplog.messages[-1].removeprefix("audit checkpoint ")

    meddler.execute("DELETE FROM audit_link WHERE sequence > 2")
    meddler.execute("DELETE FROM audit_checkpoint")

    assert queries.verify().first_bad is None
    with pytest.raises(CommandError, match="breaks at sequence 3"):
        call_command("verify_audit", checkpoint=[logged])


def test_a_chain_written_anew_differs_from_its_checkpoint(
    write: Callable[[int], None], now: datetime, meddler: psycopg.Connection
) -> None:
    write(3)
    services.link_committed(now=now)
    meddler.execute("UPDATE audit_entry SET reason = 'x'")
    meddler.execute("DELETE FROM audit_link")
    services.link_committed(now=now)

    verdict = queries.verify()

    assert (verdict.first_bad, verdict.fault) == (3, "the chain differs from its checkpoint")


def test_the_command_tells_that_all_is_well(
    write: Callable[[int], None], now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    write(2)
    services.link_committed(now=now)
    write(1)

    call_command("verify_audit")

    assert capsys.readouterr().out == "2 entries verified, 1 not linked yet\n"
