"""A virus scanner that is away, hangs, gives up or dies: the file waits in quarantine and is scanned later."""

import socket
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from merchant_protection.files.models import StoredFile
from merchant_protection.files.outside import scanner, store
from merchant_protection.files.outside.scanner import Verdict
from merchant_protection.files.services import addresses, checking
from merchant_protection.foundation import tenancy
from tests.files import fake_clamd
from tests.files.fake_clamd import FakeClamd
from tests.fixtures.people import Persona
from tests.fixtures.uploads import Send, picture

type Check = Callable[..., int]


def _now_at(file: StoredFile) -> StoredFile:
    with tenancy.platform():
        return StoredFile.objects.get(pk=file.pk)


def _closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"tcp://127.0.0.1:{server.getsockname()[1]}"


FAULTS = {
    "hung": lambda: FakeClamd(hangs=True),
    "too large": lambda: FakeClamd(fake_clamd.TOO_LARGE, reads=1),
    "beyond its own limits": lambda: FakeClamd(fake_clamd.EXCEEDS),
    "killed in the middle": lambda: FakeClamd(b"", reads=1),
    "killed before it answers": lambda: FakeClamd(b""),
    "talks nonsense": lambda: FakeClamd(b"UNKNOWN COMMAND\0"),
}


@pytest.mark.case("T30")
@pytest.mark.parametrize("fault", ["refused", *FAULTS])
def test_what_the_scanner_did_not_call_clean_waits_and_is_scanned_later(
    fault: str, merchant: Persona, send: Send, check_files: Check, settings: LazySettings, now: datetime
) -> None:
    settings.CLAMD_PATIENCE = 0.4
    body = picture(size=(1600, 1200), form="PNG", compress_level=0)  # several blocks, so that it can die between them
    file = send(merchant.actor, "photo.png", body)
    if fault == "refused":
        settings.CLAMD = _closed_port()
        check_files()
    else:
        with FAULTS[fault]() as clamd:
            settings.CLAMD = clamd.address
            check_files()

    waiting = _now_at(file)
    assert (waiting.status, waiting.due_at is not None) == ("QUARANTINED", True)
    assert merchant.client.get(f"/m/files/{file.pk}/").json()["status"] == "QUARANTINED"
    for copy in ("clean", "thumbnail", "original"):
        where = addresses.address(actor=merchant.actor, file=waiting, at=now, copy=copy)
        assert merchant.client.get(where).status_code == 404

    with FakeClamd() as clamd:
        settings.CLAMD = clamd.address
        check_files(at=now + timedelta(minutes=10))
        assert clamd.received == [body]
        assert clamd.commands == [b"zINSTREAM\0"]
    assert _now_at(file).status == "CLEAN"
    assert merchant.client.get(addresses.address(actor=merchant.actor, file=_now_at(file), at=now)).status_code == 200


def test_what_the_scanner_finds_is_rejected_and_erased(
    merchant: Persona, send: Send, check_files: Check, settings: LazySettings
) -> None:
    with FakeClamd(fake_clamd.FOUND) as clamd:
        settings.CLAMD = clamd.address
        file = send(merchant.actor, "photo.jpg", picture())
        check_files()

    found = _now_at(file)
    assert (found.status, found.reason, found.is_erased) == ("REJECTED", "malware", True)
    assert not store.path_of(found.place).exists()


def test_a_file_that_no_scanner_saw_is_not_sent_out_once_one_is_configured(
    merchant: Persona, sent: Send, check_files: Check, settings: LazySettings, now: datetime
) -> None:
    file = sent(merchant.actor, "photo.jpg", picture())
    where = addresses.address(actor=merchant.actor, file=file, at=now)
    assert merchant.client.get(where).status_code == 200

    with FakeClamd() as clamd:
        settings.CLAMD = clamd.address
        assert merchant.client.get(where).status_code == 404
        with tenancy.platform():
            assert checking.scan_again(now=now) == 1
        check_files()

        assert merchant.client.get(where).status_code == 200
        with tenancy.platform():
            assert checking.scan_again(now=now + timedelta(days=6)) == 0
            assert checking.scan_again(now=now + timedelta(days=8)) == 1


def test_a_scanner_that_learned_something_new_turns_against_a_clean_file(
    merchant: Persona, sent: Send, check_files: Check, settings: LazySettings, now: datetime
) -> None:
    file = sent(merchant.actor, "photo.jpg", picture())

    with FakeClamd(fake_clamd.FOUND) as clamd, tenancy.platform():
        settings.CLAMD = clamd.address
        checking.scan_again(now=now)
        check_files()

    assert _now_at(file).status == "REJECTED"


def test_a_scanner_at_a_socket_is_asked_the_same_way(tmp_path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")

    assert scanner.scan(path, address=f"unix:{tmp_path}/none.sock").verdict == Verdict.SILENT
    assert scanner.scan(path, address="nonsense").verdict == Verdict.SILENT
