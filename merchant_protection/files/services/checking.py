"""What becomes of a file that arrived: accepted with its copies, rejected with a reason, put off, erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.files import lifecycle, queries
from merchant_protection.files.models import Allowance, Derivative, StoredFile
from merchant_protection.files.rules import names
from merchant_protection.files.rules.sniffing import Sniffed
from merchant_protection.foundation import leases
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction

LEASE = timedelta(minutes=3)
SCAN_AGAIN_AFTER = timedelta(days=7)
AT_ONCE = 200
CLOCK = Actor.clock("files")


@dataclass(frozen=True)
class Made:
    """A copy for looking at, in its place."""

    role: str
    number: int
    media_type: str
    place: str
    size: int
    width: int
    height: int


def claim(*, now: datetime, limit: int) -> list[StoredFile]:
    """Take files that wait, for as long as the lease."""
    return leases.claim(queries.due(), now=now, limit=limit, lease=LEASE)


@transaction
def sealed(file: StoredFile, *, place: str, digest: str, size: int, at: datetime) -> list[str]:
    """Note the sealed original; return the places of the pieces, which are no longer needed."""
    pieces = list(file.parts)
    if not leases.finish(file, due_at=at + LEASE, place=place, digest=digest, bytes_received=size, parts=[]):
        raise leases.Lost
    file.place, file.digest, file.parts = place, digest, []
    return pieces


@transaction
def accept(
    file: StoredFile,
    *,
    sniffed: Sniffed,
    facts: dict[str, Any],
    likeness: tuple[str, list[int]],
    copies: Sequence[Made],
    scanned_at: datetime | None,
    at: datetime,
) -> None:
    """Let a file be looked at: by its copies only."""
    picture, bands = likeness
    mine = leases.finish(
        file,
        status=target_of(lifecycle.MOVES, "accept", file.status),
        name=names.shown(names.with_ending(file.name, sniffed.ending)),
        kind=sniffed.kind,
        media_type=sniffed.media_type,
        facts=facts,
        picture=picture,
        picture_bands=bands,
        scanned_at=scanned_at,
        checked_at=at,
        attempts=0,
        last_error="",
    )
    if not mine:
        raise leases.Lost
    Derivative.objects.bulk_create(
        [Derivative(merchant_id=file.merchant_id, file_id=file.pk, **vars(each)) for each in copies]
    )


@transaction
def reject(file: StoredFile, *, code: str, at: datetime) -> None:
    """Do not take a file, for this reason; what was kept of it is erased next."""
    status = target_of(lifecycle.MOVES, "reject", file.status)
    if not leases.finish(file, status=status, reason=code, due_at=at, checked_at=at, attempts=0):
        raise leases.Lost
    audit.record(
        actor=CLOCK,
        action="file.rejected",
        at=at,
        merchant_id=file.merchant_id,
        subject_kind="file",
        subject_id=file.pk,
        before={"name": file.name, "sha256": file.digest},
        after={"reason": code},
    )


@transaction
def scanned(file: StoredFile, *, at: datetime) -> None:
    """Note that a clean file was scanned again and nothing was found."""
    leases.finish(file, scanned_at=at, attempts=0, last_error="")


@transaction
def put_off(file: StoredFile, *, error: str, at: datetime) -> None:
    """Leave a file as it is, in quarantine or unscanned, and come back to it."""
    leases.finish(file, due_at=at + leases.retry_delay(file.attempts), last_error=error[:500])


def places_of(file: StoredFile) -> list[str]:
    """Return all places on the disk that a file has."""
    copies = queries.derivatives_of([file.pk]).values_list("place", flat=True)
    return [place for place in (*file.parts, file.place, *copies) if place]


@transaction
def erased(file: StoredFile) -> None:
    """Note that nothing is kept of a file any longer, and give the shop its room back."""
    if not leases.finish(file, is_erased=True, parts=[]) or file.is_erased or file.merchant_id is None:
        return
    allowance = Allowance.objects.filter(merchant_id=file.merchant_id)
    allowance.update(used=Greatest(F("used") - file.bytes_expected, 0))


def scan_again(*, now: datetime) -> int:
    """Put clean files in line for the scanner that none has seen, or not for a week; return how many."""
    old = queries.to_scan_again(now=now, after=SCAN_AGAIN_AFTER).values_list("pk", flat=True)[:AT_ONCE]
    return StoredFile.objects.filter(pk__in=list(old), due_at__isnull=True).update(due_at=now, attempts=0)
