"""Exempt and deny lists: one entry by hand, a million by file, each with a reason and an end."""

import csv
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto, leases, waking
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction
from scalper_policies import policies
from scalper_policies.lifecycle import RUN_MOVES, RunStatus
from scalper_policies.models import Kind, ListEntry, ListFile, Matched
from scalper_policies.queries import lists as queries
from scalper_policies.rules import entries

logger = logging.getLogger(__name__)
LONGEST = timedelta(days=730)
LEASE = timedelta(seconds=90)
MOST_ROWS = 1_000_000
TOGETHER = 50_000
MOST_FAULTS = 200
GIVEN = """
CREATE TEMPORARY TABLE IF NOT EXISTS given_entries (key text, shown text) ON COMMIT DELETE ROWS
"""
ADD = """
INSERT INTO scalper_policies_listentry
    (merchant_id, kind, dimension, key, shown, reason, expires_at, created_at, created_by)
SELECT %(merchant)s, %(kind)s, %(dimension)s, key, min(shown), %(reason)s, %(expires)s, %(at)s, %(by)s
FROM given_entries GROUP BY key
ON CONFLICT (merchant_id, key, dimension, kind) DO NOTHING
"""


@transaction
def add(
    *,
    actor: Actor,
    merchant_id: int,
    kind: str,
    dimension: str,
    text: str,
    reason: str,
    expires_at: datetime | None,
    at: datetime,
) -> ListEntry:
    """Put one buyer, device or place on a list until a date; what stands there already gets the new reason and date."""
    require(policies.can_write(actor, merchant_id))
    _check(kind=kind, dimension=dimension, reason=reason, expires_at=expires_at, at=at)
    try:
        key = entries.key_of(dimension, text, secret=settings.MATCH_KEY.encode(), account=crypto.keyed_hash)
    except entries.BadEntry as fault:
        raise Invalid(fields={"text": [_("Enter what is to be matched, such as an account or an address.")]}) from fault
    told = {
        "shown": entries.shown(dimension, text),
        "reason": reason[:300],
        "expires_at": expires_at,
        "created_at": at,
        "created_by": actor.name[:200],
    }
    entry, _is_new = ListEntry.objects.update_or_create(
        merchant_id=merchant_id, kind=kind, dimension=dimension, key=key, defaults=told
    )
    _record(actor, "list.added", entry, at=at)
    return entry


@transaction
def remove(*, actor: Actor, entry_id: int, at: datetime) -> None:
    """Take an entry off its list."""
    entry = queries.lock(entry_id)
    require(policies.can_write(actor, entry.merchant_id))
    _record(actor, "list.removed", entry, at=at)
    entry.delete()


@transaction
def take_file(
    *,
    actor: Actor,
    merchant_id: int,
    kind: str,
    dimension: str,
    path: str,
    file_name: str,
    reason: str,
    expires_at: datetime | None,
    at: datetime,
) -> ListFile:
    """Put a file of entries in line; it is read in the background."""
    require(policies.can_write(actor, merchant_id))
    _check(kind=kind, dimension=dimension, reason=reason, expires_at=expires_at, at=at)
    file = ListFile.objects.create(
        merchant_id=merchant_id,
        kind=kind,
        dimension=dimension,
        path=path,
        file_name=file_name[:200],
        reason=reason[:300],
        expires_at=expires_at,
        created_at=at,
        created_by=actor.name[:200],
        due_at=at,
    )
    audit.record(
        actor=actor,
        action="list.file_sent",
        at=at,
        merchant_id=merchant_id,
        subject_kind="list file",
        subject_id=file.pk,
        after={"list": kind, "dimension": dimension, "file": file.file_name},
        reason=file.reason,
    )
    waking.wake()
    return file


def read_due(*, now: datetime, clock: Callable[[], datetime] = timezone.now) -> int:
    """Read the files that wait; return how many. Reading one twice adds nothing."""
    done = 0
    for file in leases.claim(queries.files_due(), now=now, limit=3, lease=LEASE):
        try:
            leases.require_an_end(file)
            _read(file, clock=clock)
        except Exception as error:
            logger.exception("List file %s could not be read", file.pk)
            is_over = file.attempts >= leases.MAX_ATTEMPTS or isinstance(error, OSError | ValueError)
            over = {"status": RunStatus.FAILED, "finished_at": clock(), "due_at": None, "last_error": str(error)[:300]}
            leases.finish(file, **(over if is_over else {"due_at": clock() + leases.retry_delay(file.attempts)}))
        done += 1
    return done


@transaction
def forget_expired(*, now: datetime) -> int:
    """Drop the entries that ended a month ago; until then the list shows that they are over."""
    return queries.expired(now - timedelta(days=30)).delete()[0]


def _read(file: ListFile, *, clock: Callable[[], datetime]) -> None:
    status = target_of(RUN_MOVES, "start", file.status)
    leases.finish(file, status=status, due_at=clock() + LEASE)
    read = added = refused = 0
    faults: list[list[Any]] = []
    secret = settings.MATCH_KEY.encode()
    for part in batched(_lines(Path(file.path)), TOGETHER):
        keyed: list[tuple[str, str]] = []
        for number, text in part:
            read += 1
            try:
                key = entries.key_of(file.dimension, text, secret=secret, account=crypto.keyed_hash)
                keyed.append((key, entries.shown(file.dimension, text)))
            except entries.BadEntry as fault:
                refused += 1
                faults += [[number, str(fault)]] if len(faults) < MOST_FAULTS else []
        added += _add(file, keyed, at=clock())
        if not leases.finish(file, due_at=clock() + LEASE, rows_read=read, rows_added=added, rows_refused=refused):
            return
    leases.finish(
        file,
        status=target_of(RUN_MOVES, "finish", status),
        finished_at=clock(),
        rows_read=read,
        rows_added=added,
        rows_refused=refused,
        rows_known=read - added - refused,
        faults=faults,
    )


@transaction
def _add(file: ListFile, keyed: list[tuple[str, str]], *, at: datetime) -> int:
    """COPY is refused on tables with row-level security, so it goes by a table of this transaction's own."""
    with connection.cursor() as cursor:
        cursor.execute(GIVEN)
        with cursor.copy("COPY given_entries (key, shown) FROM STDIN") as copy:
            for row in keyed:
                copy.write_row(row)
        told: dict[str, Any] = {
            "merchant": file.merchant_id,
            "kind": file.kind,
            "dimension": file.dimension,
            "reason": file.reason,
            "expires": file.expires_at,
            "at": at,
            "by": file.created_by,
        }
        cursor.execute(ADD, told)
        return int(cursor.rowcount)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The first column of every row; a header is passed over, and a million rows are enough."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            if number == 1 and row and row[0].strip().lower() in ("key", "entry", "value", "account", "条目", "账号"):
                continue
            if number > MOST_ROWS + 1:
                raise ValueError(f"more than {MOST_ROWS} rows")
            if row and row[0].strip():
                yield number, row[0].removeprefix("'")


def _check(*, kind: str, dimension: str, reason: str, expires_at: datetime | None, at: datetime) -> None:
    faults: dict[str, list[str]] = {}
    if kind not in Kind.values:
        faults["kind"] = [_("There is no such list.")]
    if dimension not in Matched.values:
        faults["dimension"] = [_("Nothing is matched by that.")]
    if not reason.strip():
        faults["reason"] = [_("Say why.")]
    if expires_at is None or not at < expires_at <= at + LONGEST:
        faults["expires_at"] = [_("Choose a day within the next two years.")]
    if faults:
        raise Invalid(fields=faults)


def _record(actor: Actor, action: str, entry: ListEntry, *, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=entry.merchant_id,
        subject_kind="list entry",
        subject_id=entry.pk,
        after={"list": entry.kind, "dimension": entry.dimension, "shown": entry.shown},
        reason=entry.reason,
    )
