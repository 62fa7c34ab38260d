"""Claim the files that wait, scan and open them with no transaction open, note what became of them."""

import logging
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from merchant_protection.files import lifecycle
from merchant_protection.files.models import StoredFile
from merchant_protection.files.outside import examining, scanner, store
from merchant_protection.files.outside.examining import Examined
from merchant_protection.files.outside.scanner import Scan, Verdict
from merchant_protection.files.outside.workshop.bounds import Refused
from merchant_protection.files.rules import likeness, names, sniffing
from merchant_protection.files.rules.limits import PURPOSES
from merchant_protection.files.rules.sniffing import Sniffed
from merchant_protection.files.services import checking
from merchant_protection.files.services.checking import Made
from merchant_protection.foundation import leases

logger = logging.getLogger(__name__)
AT_ONCE = 2


def examine(now: Callable[[], datetime]) -> int:
    """Look at the files that wait: check new ones, scan old ones again, erase what is not kept; return how many."""
    files = checking.claim(now=now(), limit=AT_ONCE)
    for file in files:
        try:
            if file.status == lifecycle.QUARANTINED:
                leases.require_an_end(file)
            _work(file, now)
        except Refused as refused:
            checking.reject(file, code=refused.code, at=now())
        except leases.Lost:
            logger.info("File %s is in other hands", file.pk)
        except Exception as error:
            logger.exception("Could not look at file %s", file.pk)
            _stumbled(file, error, at=now())
    return len(files)


def _stumbled(file: StoredFile, error: Exception, *, at: datetime) -> None:
    if file.attempts >= leases.MAX_ATTEMPTS and file.status == lifecycle.QUARANTINED:
        checking.reject(file, code="not_checked", at=at)
    else:
        checking.put_off(file, error=repr(error), at=at)


def _work(file: StoredFile, now: Callable[[], datetime]) -> None:
    if file.status in lifecycle.GONE:
        store.erase(checking.places_of(file))
        checking.erased(file)
    elif file.status == lifecycle.CLEAN:
        if _is_clear(file, _scan(file), now):
            checking.scanned(file, at=now())
    else:
        _check(file, now)


def _check(file: StoredFile, now: Callable[[], datetime]) -> None:
    if not file.place:
        place, digest, size = store.seal(file.parts)
        store.erase(checking.sealed(file, place=place, digest=digest, size=size, at=now()))
    sniffed = _sniff(file)
    scan = _scan(file)
    if not _is_clear(file, scan, now):
        return
    with tempfile.TemporaryDirectory(dir=store.bench()) as folder:
        found = examining.examine(
            store.path_of(file.place), kind=sniffed.kind, media_type=sniffed.media_type, folder=Path(folder)
        )
        _accept(file, sniffed, found, scanned_at=now() if scan else None, at=now())


def _sniff(file: StoredFile) -> Sniffed:
    head = store.head(file.place, sniffing.HEAD)
    if sniffing.is_known_threat(head):
        raise Refused("malware")
    sniffed = sniffing.what_is(head, named=names.ending(file.name))
    if sniffed is None or sniffed.kind not in PURPOSES[file.purpose].kinds:
        raise Refused("wrong_type")
    return sniffed


def _scan(file: StoredFile) -> Scan | None:
    """Ask the scanner; None where none is configured."""
    if not settings.CLAMD:
        return None
    return scanner.scan(store.path_of(file.place), address=settings.CLAMD, patience=settings.CLAMD_PATIENCE)


def _is_clear(file: StoredFile, scan: Scan | None, now: Callable[[], datetime]) -> bool:
    """Say whether a file may go on; one whose scan came to nothing stays where it is and is scanned later."""
    if scan is None or scan.verdict == Verdict.CLEAN:
        return True
    if scan.verdict == Verdict.FOUND:
        logger.warning("File %s: the scanner found %s", file.pk, scan.detail)
        raise Refused("malware")
    checking.put_off(file, error=f"{scan.verdict}: {scan.detail}", at=now())
    return False


def _accept(file: StoredFile, sniffed: Sniffed, found: Examined, *, scanned_at: datetime | None, at: datetime) -> None:
    copies = []
    for each in found.copies:
        part = store.adopt(each.path)
        copies.append(
            Made(each.role, each.number, each.media_type, part.place, part.size, width=each.width, height=each.height)
        )
    like = likeness.stored(found.shades) if found.shades else ("", [])
    try:
        checking.accept(
            file, sniffed=sniffed, facts=found.facts, likeness=like, copies=copies, scanned_at=scanned_at, at=at
        )
    except Exception:
        store.erase([each.place for each in copies])
        raise
