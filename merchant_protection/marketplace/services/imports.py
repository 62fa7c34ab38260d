"""First loads of history: a file of orders is checked, then loaded, in steps that survive a kill."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import batched, islice
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import collecting, leases
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.lifecycle import IMPORT_MOVES
from merchant_protection.marketplace.models import Import, ImportFault
from merchant_protection.marketplace.outside.order_files import OrderFile, Unreadable
from merchant_protection.marketplace.queries import imports as queries
from merchant_protection.marketplace.rules import order_rows
from merchant_protection.marketplace.rules.order_rows import Fault, Line, RowReader
from merchant_protection.marketplace.services import import_loading
from merchant_protection.notices.services import telling

logger = logging.getLogger(__name__)

CHUNK = 20_000
LEASE = timedelta(minutes=5)
AT_ONCE = 5
KEPT_FAULTS = 10_000
KEPT_LINES = 300_000  # about 150 MB; a longer file is read a second time instead
type Progress = Callable[[Import], None]


@transaction
def ask(
    *,
    actor: Actor,
    merchant_id: int,
    path: str,
    file_name: str,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    currency: str = "",
    time_zone: str = "",
    is_dry_run: bool = False,
) -> Import:
    """Put a file in line to be loaded; its columns are recognised, or named by `mapping` (field → column)."""
    require(policies.can_import(actor, merchant_id))
    file = OrderFile(Path(path))
    header = _header(file)
    preset = order_rows.PRESETS.get(order_rows.preset_for(header))
    columns = dict(mapping or (preset.columns if preset else order_rows.guess_mapping(header)))
    faults = order_rows.missing_columns(columns, header)
    if faults:
        raise Invalid(
            _("The columns of the file do not say everything that is needed."),
            fields={name: [_explain_column(name, code, columns)] for name, code in faults.items()},
        )
    merchant = queries.merchant(merchant_id)
    job = Import.objects.create(
        merchant_id=merchant_id,
        file_name=file_name[-255:],
        path=path,
        file_digest=file.digest(),
        file_bytes=Path(path).stat().st_size,
        mapping=columns,
        currency=currency or (preset.currency if preset else merchant.currency),
        time_zone=time_zone or (preset.time_zone if preset else merchant.time_zone),
        is_dry_run=is_dry_run,
        created_at=at,
        created_by=actor.name,
        due_at=at,
    )
    _record(job, "import.asked", actor=actor, at=at, after={"digest": job.file_digest, "dry_run": is_dry_run})
    return job


@transaction
def cancel(*, actor: Actor, import_id: int, at: datetime) -> Import:
    """Stop an import; what it loaded stays, and it can be taken up again."""
    job = queries.lock(import_id)
    require(policies.can_import(actor, job.merchant_id))
    _move(job, "cancel", finished_at=at, due_at=None, generation=job.generation + 1)
    _record(job, "import.cancelled", actor=actor, at=at)
    return job


@transaction
def resume(*, actor: Actor, import_id: int, at: datetime) -> Import:
    """Take an import up again where it stopped."""
    job = queries.lock(import_id)
    require(policies.can_import(actor, job.merchant_id))
    _move(job, "resume", finished_at=None, due_at=at, attempts=0)
    _record(job, "import.resumed", actor=actor, at=at)
    return job


@transaction
def take_over(*, actor: Actor, import_id: int, at: datetime) -> Import:
    """Make a running import due at once, for who knows that the one who held it is gone; if not, that one stops."""
    job = queries.lock(import_id)
    require(policies.can_import(actor, job.merchant_id))
    _adopt(job, {"due_at": at, "generation": job.generation + 1, "attempts": 0})
    job.save(update_fields=["due_at", "generation", "attempts"])
    return job


def run_due(*, now: Callable[[], datetime], only: int | None = None, progress: Progress | None = None) -> int:
    """Load the files that are in line; return how many.

    Safe to run by several workers at once and after a kill: a file is leased,
    every chunk is one commit that also says how far it got, and whoever takes
    the file over starts behind the last commit. Files are taken up one by one, so
    that one that kills its worker takes no other with it.
    """
    done = 0
    while done < (1 if only else AT_ONCE):
        claimed = leases.claim(queries.due(now(), only=only), now=now(), limit=1, lease=LEASE)
        if not claimed:
            break
        job = claimed[0]
        try:
            leases.require_an_end(job)
            with collecting.seldom():
                _run(job, now=now, progress=progress or (lambda _job: None))
        except Unreadable as error:
            _fail(job, str(error), at=now())
        except leases.Lost:
            logger.info("Import %s is in other hands", job.pk)
        except Exception:
            logger.exception("Could not load import %s", job.pk)
            if job.attempts >= leases.MAX_ATTEMPTS:
                _fail(job, "gave_up", at=now())
        done += 1
    return done


def load_due(*, now: datetime, clock: Callable[[], datetime] = timezone.now) -> int:
    """Load the files that are in line; the work outlasts the moment it began at, so each step asks the clock anew."""
    return run_due(now=clock)


@dataclass
class _Tally:
    """What one reading of the file counted; the same at every reading."""

    found: import_loading.Found = field(default_factory=import_loading.Found)
    rows: int = 0
    faults: list[Fault] = field(default_factory=list)
    faulty_rows: int = 0
    duplicates: int = 0
    flags: Counter[tuple[str, ...]] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)
    lines: list[Line] | None = field(default_factory=list)


def _run(job: Import, *, now: Callable[[], datetime], progress: Progress) -> None:
    """Check and count the whole file before any of it is loaded."""
    _keep(job, status=target_of(IMPORT_MOVES, "start", job.status), now=now)
    file = OrderFile(Path(job.path))
    if file.digest() != job.file_digest:
        raise Unreadable("changed")
    tally = _Tally()
    for line in _lines(job, file, tally):
        _count(tally, line)
    reader = _reader(job, file.header())
    _note_faults(job, file, tally)
    totals = _totals(tally, reader)
    _keep(job, now=now, rows_total=tally.rows, rows_faulty=tally.faulty_rows, totals=totals)
    progress(job)
    if not job.is_dry_run:
        _load(job, file, tally, reader, now=now, progress=progress)
    changes = {"status": target_of(IMPORT_MOVES, "finish", job.status), "finished_at": now(), "rows_read": tally.rows}
    with transaction():
        if not leases.finish(job, **changes):
            raise leases.Lost
        _adopt(job, changes)
        _tell(job, "import.finished", at=now())
    progress(job)


def _load(
    job: Import, file: OrderFile, tally: _Tally, reader: RowReader, *, now: Callable[[], datetime], progress: Progress
) -> None:
    with transaction():
        import_loading.add_products_buyers_orders(job, tally.found, reader=reader, at=now())
    ids = import_loading.Ids(job)
    lines = _lines(job, file, _Tally()) if tally.lines is None else tally.lines
    behind = (line for line in lines if line.row > job.rows_read)
    for chunk in batched(behind, CHUNK):
        with transaction():
            added = import_loading.add_lines(job, chunk, ids)
            _keep(
                job,
                now=now,
                rows_read=chunk[-1].row,
                rows_added=job.rows_added + added,
                rows_known=job.rows_known + len(chunk) - added,
                attempts=0,  # it gets on: a file is only given up that kills every worker at the same place
            )
        progress(job)


def _lines(job: Import, file: OrderFile, tally: _Tally) -> Iterator[Line]:
    rows = file.rows()
    header = next(rows, (0, []))[1]
    reader = _reader(job, [cell.strip() for cell in header])
    for row, cells in rows:
        tally.rows += 1
        taken = reader.read(row, cells)
        if isinstance(taken, Line):
            same = hash(tuple(cells))
            tally.duplicates += same in tally.seen
            tally.seen.add(same)
            yield taken
        else:
            tally.faulty_rows += 1
            if len(tally.faults) < KEPT_FAULTS:
                tally.faults += taken


def _count(tally: _Tally, line: Line) -> None:
    tally.found.add(line)
    tally.flags[line.flags] += 1
    if tally.lines is not None:
        tally.lines.append(line)
        if len(tally.lines) > KEPT_LINES:
            tally.lines = None


def _totals(tally: _Tally, reader: RowReader) -> dict[str, int]:
    orders, flagged = tally.found.orders, Counter[str]()
    for flags, count in tally.flags.items():
        flagged.update(dict.fromkeys(flags, count))
    return {
        "lines": tally.rows - tally.faulty_rows,
        "orders": len(orders),
        "cancellation_lines": sum(facts.lines for number, facts in orders.items() if reader.is_cancellation(number)),
        "returns": flagged["RETURN"],
        "zero_price": flagged["ZERO_PRICE"],
        "not_products": flagged["NOT_A_PRODUCT"],
        "without_buyer": flagged["NO_BUYER"],
        "duplicates": tally.duplicates,
        "orders_with_several_times": len(tally.found.of_several_times),
        "codes": len(tally.found.listings),
        "buyers": len(tally.found.buyers),
    }


def _reader(job: Import, header: list[str]) -> RowReader:
    preset = order_rows.PRESETS.get(order_rows.preset_for(header))
    return RowReader(
        positions={name: header.index(column) for name, column in job.mapping.items() if column},
        time_zone=job.time_zone,
        cancellation_prefix=preset.cancellation_prefix if preset else "",
        product_code=preset.product_code if preset else None,
    )


@transaction
def _note_faults(job: Import, file: OrderFile, tally: _Tally) -> None:
    if not tally.faults:
        return
    cells = _cells_of(file, {fault.row for fault in tally.faults})
    ImportFault.objects.bulk_create(
        [
            ImportFault(
                merchant_id=job.merchant_id,
                import_job=job,
                message=fault.code,
                cells=cells.get(fault.row, {}),
                **asdict(fault),
            )
            for fault in tally.faults
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )


def _cells_of(file: OrderFile, rows: set[int]) -> dict[int, dict[str, str]]:
    header = file.header()
    last = max(rows)
    kept = {}
    for row, cells in islice(file.rows(), 1, None):
        if row > last:
            break
        if row in rows:
            kept[row] = {name: _storable(cell) for name, cell in zip(header, cells, strict=False)}
    return kept


def _storable(cell: str) -> str:
    return cell[:200].replace("\x00", "␀").encode("utf-8", "replace").decode()


def _keep(job: Import, *, now: Callable[[], datetime], **changes: Any) -> None:
    """Write down how far it got and renew the lease; stop when somebody else holds the file now."""
    if not leases.finish(job, due_at=now() + LEASE, **changes):
        raise leases.Lost
    _adopt(job, changes)


def _fail(job: Import, code: str, *, at: datetime) -> None:
    changes = {"status": target_of(IMPORT_MOVES, "fail", job.status), "last_error": code, "finished_at": at}
    with transaction():
        if leases.finish(job, **changes):
            _adopt(job, changes)
            _tell(job, "import.failed", at=at)


def _record(job: Import, action: str, *, actor: Actor, at: datetime, after: Mapping[str, Any] | None = None) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=job.merchant_id,
        subject_kind="import",
        subject_id=job.pk,
        after={"file": job.file_name, **(after or {})},
    )


def _tell(job: Import, kind: str, *, at: datetime) -> None:
    telling.queue(
        merchant_id=job.merchant_id,
        kind=kind,
        at=at,
        params={"file": job.file_name, "added": job.rows_added, "faulty": job.rows_faulty},
        path=f"/m/imports/{job.pk}/",
        subject_id=job.pk,
        dedupe_key=f"{job.pk}-{at.isoformat()}",
    )


def _move(job: Import, name: str, **changes: Any) -> None:
    changes["status"] = target_of(IMPORT_MOVES, name, job.status)
    _adopt(job, changes)
    job.save(update_fields=list(changes))


def _adopt(job: Import, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(job, name, value)


def _header(file: OrderFile) -> list[str]:
    try:
        return file.header()
    except (Unreadable, OSError) as error:
        code = str(error) if isinstance(error, Unreadable) else "damaged"
        raise Invalid(fields={"file": [_explain_file(code)]}) from error


def _explain_file(code: str) -> str:
    reasons = {
        "empty": _("The file is empty."),
        "damaged": _("The file is damaged or no CSV, CSV.GZ or XLSX file."),
        "not_a_table": _("The file is not a table of text."),
    }
    return reasons.get(code, reasons["damaged"])


def _explain_column(name: str, code: str, columns: Mapping[str, str]) -> str:
    reasons = {
        "not_mapped": _("No column says this: name the column for “%(field)s”."),
        "unknown_field": _("There is no field “%(field)s”."),
        "no_such_column": _("The file has no column “%(column)s”."),
    }
    return reasons[code] % {"field": name, "column": columns.get(name, "")}
