"""Floor prices in bulk: by table or file, every row checked, applied whole or not at all, taken back within a day."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import leases
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.outside.order_files import OrderFile, Unreadable
from pricing_guard import policies
from pricing_guard.lifecycle import JOB_MOVES, JobStatus
from pricing_guard.models import FloorFault, FloorImport
from pricing_guard.queries import jobs, listings
from pricing_guard.rules import amounts, floor_rows
from pricing_guard.rules.findings import Reason
from pricing_guard.rules.floor_rows import FloorRow, RowFault

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)
UNDO_WITHIN = timedelta(hours=24)
MOST_IN_TABLE = 2_000
KEPT_FAULTS = 10_000

STAGE = (
    "CREATE TEMP TABLE IF NOT EXISTS guard_floors (place int, sku text, floor numeric, listing_id bigint) "
    "ON COMMIT DELETE ROWS"
)
FIND = """
UPDATE guard_floors given SET listing_id = own.id FROM marketplace_listing own
WHERE own.merchant_id = %s AND own.sku = given.sku
"""
FAULTY = """
SELECT place, sku, CASE WHEN listing_id IS NULL THEN 'SKU_UNKNOWN' ELSE 'SKU_TWICE' END FROM (
    SELECT place, sku, listing_id, row_number() OVER (PARTITION BY sku ORDER BY place) AS nth FROM guard_floors
) given WHERE listing_id IS NULL OR nth > 1 ORDER BY place LIMIT %s
"""
# What a check tells before anything is applied: how many floors would change, and which lie above what is asked now.
CHANGING = """
SELECT count(*) FROM guard_floors given LEFT JOIN pricing_guard_listingguard own
  ON own.merchant_id = %s AND own.listing_id = given.listing_id
WHERE own.floor_price IS DISTINCT FROM given.floor
"""
ABOVE = """
SELECT given.place, given.floor::text, own.price::text, own.currency
FROM guard_floors given JOIN marketplace_listing own ON own.merchant_id = %s AND own.id = given.listing_id
WHERE given.floor > own.price ORDER BY given.place LIMIT %s
"""
GUARDS = """
INSERT INTO pricing_guard_listingguard (merchant_id, listing_id, low, stamp, price_version, listing_version, memory)
SELECT %s, listing_id, 0, 0, -1, -1, '{}'::jsonb FROM guard_floors ORDER BY listing_id
ON CONFLICT (merchant_id, listing_id) DO NOTHING
"""
KEEP = """
INSERT INTO pricing_guard_floorchange (merchant_id, floor_import_id, listing_id, before, after)
SELECT %(shop)s, %(job)s, own.listing_id, own.floor_price, given.floor
FROM guard_floors given JOIN pricing_guard_listingguard own
  ON own.merchant_id = %(shop)s AND own.listing_id = given.listing_id
WHERE own.floor_price IS DISTINCT FROM given.floor
ORDER BY own.listing_id
"""
# The stamp falls behind the shop's, so that each of these listings is looked at again with its new floor.
APPLY = """
UPDATE pricing_guard_listingguard own SET floor_price = change.after, stamp = 0
FROM pricing_guard_floorchange change
WHERE change.merchant_id = %(shop)s AND change.floor_import_id = %(job)s AND own.merchant_id = %(shop)s
  AND own.listing_id = change.listing_id
"""
TAKE_BACK = """
UPDATE pricing_guard_listingguard own SET floor_price = change.before, stamp = 0
FROM pricing_guard_floorchange change
WHERE change.merchant_id = %(shop)s AND change.floor_import_id = %(job)s AND own.merchant_id = %(shop)s
  AND own.listing_id = change.listing_id AND own.floor_price IS NOT DISTINCT FROM change.after
"""


@transaction
def set_table(
    *,
    merchant_id: int,
    rows: Sequence[tuple[str, str]],
    actor: Actor,
    at: datetime,
    is_dry_run: bool = False,
    seen: Mapping[str, str] | None = None,
) -> FloorImport:
    """Set floors as typed in a table: SKU and floor, blank takes it away. One faulty row and nothing is applied.

    `seen` is what stood beside each SKU when it was typed: what a colleague set meanwhile is told, not overwritten.
    """
    require(policies.can_set(actor, merchant_id))
    if not 0 < len(rows) <= MOST_IN_TABLE:
        raise Invalid(fields={"rows": [_("Give 1 to 2,000 rows; more go by file.")]})
    job = _job(merchant_id, "", actor=actor, at=at, is_dry_run=is_dry_run)
    columns = floor_rows.Columns(0, 1)
    currency = listings.currency_of(merchant_id)
    if seen is not None and (stale := _changed_meanwhile(merchant_id, rows, seen, currency)):
        return _refuse(job, stale, at=at, faulty=len(stale))
    read = (floor_rows.read(row, list(cells), columns, currency=currency) for row, cells in enumerate(rows, 1))
    return _take(job, read, at=at)


@transaction_required
def _changed_meanwhile(
    merchant_id: int, rows: Sequence[tuple[str, str]], seen: Mapping[str, str], currency: str
) -> list[RowFault]:
    """Name the rows whose floor is not the one that was seen, and hold all of them until the command is done."""
    stand, faults = listings.lock_floors(merchant_id, [sku for sku, _typed in rows]), []
    for place, (sku, typed) in enumerate(rows, 1):
        floor = stand.get(sku)
        if sku in seen and floor != amounts.floor_of(seen[sku]):
            told = {"floor": str(floor), "currency": currency}
            reason = Reason("FLOOR_GONE") if floor is None else Reason("FLOOR_CHANGED", told)
            faults.append(RowFault(place, "floor", reason, typed[:80]))
    return faults


@transaction
def ask_file(
    *, merchant_id: int, path: str, file_name: str, actor: Actor, at: datetime, is_dry_run: bool = False
) -> FloorImport:
    """Put a file of floor prices in line (CSV or XLSX with the columns SKU and floor price)."""
    require(policies.can_set(actor, merchant_id))
    try:
        header = OrderFile(Path(path)).header()
    except Unreadable as error:
        raise Invalid(fields={"file": [_("This is no table that can be read.")]}) from error
    if floor_rows.columns_of(header) is None:
        raise Invalid(fields={"file": [_("The columns SKU and floor price are needed.")]})
    job = _job(merchant_id, file_name, actor=actor, at=at, is_dry_run=is_dry_run)
    job.path, job.due_at = path, at
    job.save(update_fields=["path", "due_at"])
    _record(job, "floors.asked", actor=actor, at=at)
    return job


@transaction
def undo(*, import_id: int, actor: Actor, at: datetime) -> FloorImport:
    """Take a change of floors back within 24 hours; a floor that was changed again since is left."""
    job = jobs.lock_floors(import_id)
    require(policies.can_set(actor, job.merchant_id))
    job.status = target_of(JOB_MOVES, "undo", job.status)
    if job.is_dry_run or job.applied_at is None or at - job.applied_at > UNDO_WITHIN:
        raise Conflict(_("This can be taken back within 24 hours only."))
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, {"shop": job.merchant_id, "job": job.pk})
    job.undone_at = at
    job.save(update_fields=["status", "undone_at"])
    _record(job, "floors.undone", actor=actor, at=at)
    return job


def run_due(*, now: datetime) -> int:
    """Work off files that wait; return how many came to an end. Safe for several workers at once."""
    done = 0
    for job in leases.claim(jobs.floors_due(), now=now, limit=1, lease=LEASE):
        try:
            leases.require_an_end(job)
            _run(job=job, now=now)
            done += 1
        except Exception as error:
            logger.exception("Could not work off floor prices %s", job.pk)
            _postpone(job, error=type(error).__name__, at=now)
    return done


@transaction
def _run(*, job: FloorImport, now: datetime) -> None:
    fresh = jobs.lock_floors(job.pk)
    if fresh.generation != job.generation:
        return
    try:
        _take(fresh, _read(fresh), at=now)
    except Unreadable:
        _refuse(fresh, [RowFault(0, "file", Reason("FILE_UNREADABLE"))], at=now)


def _read(job: FloorImport) -> Iterator[FloorRow | RowFault]:
    """Everything is asked of the database before the first row: while rows are copied it answers nothing else."""
    rows = OrderFile(Path(job.path)).rows()
    _number, header = next(rows)
    columns = floor_rows.columns_of(header)
    currency = listings.currency_of(job.merchant_id)
    if columns is None:
        raise Unreadable("columns")
    return (floor_rows.read(number, cells, columns, currency=currency) for number, cells in rows)


@transaction_required
def _take(job: FloorImport, read: Iterable[FloorRow | RowFault], *, at: datetime) -> FloorImport:
    """Stage every row, find every fault, and apply all or nothing."""
    faults: list[RowFault] = []
    faulty = 0
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY guard_floors (place, sku, floor) FROM STDIN") as copy:
            for one in read:
                job.rows += 1
                if isinstance(one, RowFault):
                    faulty += 1
                    faults += [one] if len(faults) < KEPT_FAULTS else []
                else:
                    copy.write_row((one.row, one.sku, one.floor))
        cursor.execute(FIND, [job.merchant_id])
        cursor.execute(FAULTY, [KEPT_FAULTS])
        faults += [] if job.rows else [RowFault(0, "file", Reason("FILE_EMPTY"))]
        found = [RowFault(place, "sku", Reason(code), sku[:80]) for place, sku, code in cursor.fetchall()]
        faulty += len(found)
        if faulty or not job.rows:
            return _refuse(job, sorted([*faults, *found], key=lambda one: one.row), at=at, faulty=faulty)
        cursor.execute("ANALYZE guard_floors")
        if job.is_dry_run:
            _foresee(job)
        else:
            names = {"shop": job.merchant_id, "job": job.pk}
            cursor.execute(GUARDS, [job.merchant_id])
            cursor.execute(KEEP, names)
            job.changed = cursor.rowcount
            cursor.execute(APPLY, names)
    return _finish(job, at=at)


@transaction_required
def _foresee(job: FloorImport) -> None:
    """Say of a file that is only checked what it would change, and which floors would be doubted at once."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGING, [job.merchant_id])
        job.changed = cursor.fetchone()[0]
        cursor.execute(ABOVE, [job.merchant_id, KEPT_FAULTS])
        above = [
            RowFault(place, "floor", Reason("FLOOR_ABOVE_PRICE", {"price": price, "currency": currency}), floor)
            for place, floor, price, currency in cursor.fetchall()
        ]
    _write_rows(job, above)


def _finish(job: FloorImport, *, at: datetime) -> FloorImport:
    job.status, job.due_at = JobStatus.DONE, None
    job.applied_at = None if job.is_dry_run else at
    job.save()
    _record(job, "floors.checked" if job.is_dry_run else "floors.applied", actor=Actor.clock(job.asked_by), at=at)
    return job


def _refuse(job: FloorImport, faults: Sequence[RowFault], *, at: datetime, faulty: int = 1) -> FloorImport:
    _write_rows(job, faults)
    job.status, job.due_at, job.faulty = JobStatus.FAILED, None, faulty
    job.save()
    _record(job, "floors.refused", actor=Actor.clock(job.asked_by), at=at)
    return job


def _write_rows(job: FloorImport, faults: Sequence[RowFault]) -> None:
    FloorFault.objects.bulk_create(
        [
            FloorFault(
                merchant_id=job.merchant_id,
                floor_import=job,
                row=one.row,
                field=one.field,
                reason=one.reason.as_json(),
                value=one.value,
            )
            for one in faults[:KEPT_FAULTS]
        ],
        batch_size=2_000,
    )


def _job(merchant_id: int, file_name: str, *, actor: Actor, at: datetime, is_dry_run: bool) -> FloorImport:
    return FloorImport.objects.create(
        merchant_id=merchant_id,
        file_name=file_name[:200],
        is_dry_run=is_dry_run,
        asked_at=at,
        asked_by=actor.name[:200],
    )


@transaction
def _postpone(job: FloorImport, *, error: str, at: datetime) -> None:
    if job.attempts < leases.MAX_ATTEMPTS:
        leases.finish(job, due_at=at + leases.retry_delay(job.attempts), last_error=error)
    else:
        leases.finish(job, status=JobStatus.FAILED, last_error=error)


def _record(job: FloorImport, action: str, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=job.merchant_id,
        subject_kind="floors",
        subject_id=job.pk,
        after={"rows": job.rows, "faulty": job.faulty, "changed": job.changed},
    )
