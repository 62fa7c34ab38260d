"""Many complaints from one file, worked through in the background: no row holds up another."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import BatchFiling, Claim, FiledRow
from claims.queries import batches as queries
from claims.queries import kinds
from claims.rules import claim_rows
from claims.rules.claim_rows import Row
from claims.services import drafting, filing
from claims.wording import ROW_FAULTS
from merchant_protection.accounts import loading
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import leases, waking
from merchant_protection.foundation.errors import Conflict, Invalid, Refusal, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.queries import orders

logger = logging.getLogger(__name__)
AT_ONCE = 20  # rows between two looks at whether it was cancelled
LEASE = timedelta(minutes=2)
Status = BatchFiling.Status


@dataclass(frozen=True)
class _Job:
    """What the rows of one file share."""

    filing: BatchFiling
    actor: Actor
    orders: dict[str, int]
    seen: dict[tuple[object, object], int]


@transaction
def ask(
    *, actor: Actor, merchant_id: int, body: bytes, file_name: str, zone: str, at: datetime, is_handed_in: bool
) -> BatchFiling:
    """Take a file of up to 500 complaints; what is no table is refused at once, the rows are filed behind the page.

    With `is_handed_in` the faultless are handed in too, else all stay drafts.
    """
    require(policies.can_file(actor, merchant_id))
    found = BatchFiling.objects.create(
        merchant_id=merchant_id,
        file_name=file_name[:255],
        body=body,
        zone=zone,
        language=get_language() or "zh-hans",
        is_handed_in=is_handed_in,
        rows_total=len(_rows(body, zone)),
        created_at=at,
        created_by_id=actor.id,
        due_at=at,
    )
    audit.record(
        actor=actor,
        action="claims.file_sent",
        at=at,
        merchant_id=merchant_id,
        subject_kind="claims_file",
        subject_id=found.pk,
        after={"file": found.file_name, "rows": found.rows_total, "handed_in": is_handed_in},
    )
    waking.wake()
    return found


@transaction
def cancel(*, filing_id: int, actor: Actor, at: datetime) -> BatchFiling:
    """Stop before the next rows; what was filed stays. Safe to run twice."""
    found = queries.lock(filing_id)
    require(policies.can_file(actor, found.merchant_id))
    if found.status == Status.CANCELLED:
        return found
    if found.status != Status.RUNNING:
        raise Conflict(_("This file is worked through already."))
    found.status, found.finished_at, found.due_at, found.body = Status.CANCELLED, at, None, b""
    found.generation += 1  # whoever is at it loses it
    found.save()
    audit.record(
        actor=actor,
        action="claims.file_cancelled",
        at=at,
        merchant_id=found.merchant_id,
        subject_kind="claims_file",
        subject_id=found.pk,
        after={"rows": found.rows_done},
    )
    return found


def work_off(*, now: Callable[[], datetime]) -> int:
    """Go on with the files that are in line; return how many were taken up.

    Safe to run by several workers at once and after a kill: a file is leased, every few rows are written down
    with how far it got, and a row filed twice is the same complaint.
    """
    done = 0
    for found in leases.claim(queries.due(now()), now=now(), limit=1, lease=LEASE):
        try:
            leases.require_an_end(found)
            with override(found.language):
                _work(found, now=now)
        except leases.Lost:
            logger.info("File of complaints %s is in other hands, or cancelled", found.pk)
        except Exception as error:
            logger.exception("Could not work through file of complaints %s", found.pk)
            if found.attempts >= leases.MAX_ATTEMPTS:
                fault = type(error).__name__
                leases.finish(found, status=Status.FAILED, last_error=fault, finished_at=now(), body=b"")
        done += 1
    return done


def _work(found: BatchFiling, *, now: Callable[[], datetime]) -> None:
    rows = _rows(bytes(found.body), found.zone)
    actor = loading.of_user(found.created_by, {})
    numbers = {str(row.values["order"]) for row in rows}
    known = orders.visible_to(actor).filter(merchant_id=found.merchant_id, number__in=numbers)
    done = queries.rows_of(found).filter(claim__isnull=False, faults=[])
    seen: dict[tuple[object, object], int] = {(row.order, row.kind_code): row.number for row in done}
    job = _Job(found, actor, dict(known.values_list("number", "pk")), seen)
    for first in range(found.rows_done, len(rows), AT_ONCE):
        written = [_one(row, job, at=now()) for row in rows[first : first + AT_ONCE]]
        _write(found, written, rows_done=first + len(written), now=now())
    if not leases.finish(found, status=Status.DONE, finished_at=now(), body=b""):
        raise leases.Lost


@transaction
def _write(found: BatchFiling, written: list[FiledRow], *, rows_done: int, now: datetime) -> None:
    """Write down what became of a few rows, and keep the file for a while longer, if it is still ours."""
    if not leases.finish(found, rows_done=rows_done, due_at=now + LEASE, attempts=0):
        raise leases.Lost
    FiledRow.objects.bulk_create(written)


def _rows(body: bytes, zone: str) -> Sequence[Row]:
    codes = list(kinds.current().values_list("code", flat=True))
    try:
        return claim_rows.read(body, zone=ZoneInfo(zone), kinds=codes, channels=Claim.Channel.values)
    except claim_rows.NotATable as error:
        code, _colon, column = str(error).partition(":")
        raise Invalid(fields={"file": [str(ROW_FAULTS[code]) % {"column": column}]}) from error


def _one(row: Row, job: _Job, *, at: datetime) -> FiledRow:
    order = str(row.values["order"])
    faults = {name: str(ROW_FAULTS[code]) for name, code in row.faults.items()}
    if "order" not in faults and order not in job.orders:
        faults["order"] = str(ROW_FAULTS["order_unknown"])
    same = (order, row.values["kind"])
    if same in job.seen and not faults:
        faults["order"] = _("The same order and kind stand in row %(row)d.") % {"row": job.seen[same]}
    if faults:
        return _told(row, job, faults=faults)
    try:
        done = _filed(row, job, at=at)
    except Invalid as refusal:
        found = {name: lines[0] for name, lines in refusal.fields.items()}
        return _told(row, job, faults=found or {"": refusal.message})
    except Refusal as refusal:
        return _told(row, job, faults={"order": refusal.message})
    if not done.faults:
        job.seen[same] = row.number
    return done


def _filed(row: Row, job: _Job, *, at: datetime) -> FiledRow:
    values = row.values
    claim = filing.draft(
        merchant_id=job.filing.merchant_id,
        kind_code=str(values["kind"]),
        order_id=job.orders[str(values["order"])],
        actor=job.actor,
        at=at,
        source=Claim.Source.CSV,
    )
    if claim.status != lifecycle.DRAFT:
        return _told(row, job, claim=claim, is_known=True)
    said: dict[str, Any] = {
        "amount_demanded": values["amount_demanded"],
        "happened_at": values["happened_at"],
        "demand_channel": values["channel"],
        "is_buyer_contacted": values["contacted"],
        "story": values["story"],
    }
    if values["amount"] is not None:
        said["amount"] = values["amount"]
    claim = drafting.say(claim_id=claim.pk, actor=job.actor, at=at, **said)
    if faults := filing.faults_of(claim, at=at):  # kept as a draft, to be mended there
        return _told(row, job, claim=claim, faults=faults)
    if job.filing.is_handed_in:
        claim = filing.submit(claim_id=claim.pk, actor=job.actor, at=at)
    return _told(row, job, claim=claim)


def _told(
    row: Row, job: _Job, *, claim: Claim | None = None, is_known: bool = False, faults: dict[str, str] | None = None
) -> FiledRow:
    return FiledRow(
        merchant_id=job.filing.merchant_id,
        filing=job.filing,
        number=row.number,
        order=str(row.values["order"]).replace("\x00", "")[:80],
        kind_code=str(row.values["kind"])[:40],
        claim=claim,
        is_known=is_known,
        faults=[[name, why] for name, why in (faults or {}).items()],
        cells=row.cells if faults else {},
    )
