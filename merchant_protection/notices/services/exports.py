"""Lists as files: short ones are sent at once, long ones are written by a sweep and wait a day to be fetched."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from merchant_protection.accounts import loading
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import leases, tables, tenancy
from merchant_protection.foundation.errors import Conflict, NotAllowed, NotFound, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices import policies, queries
from merchant_protection.notices.models import Export
from merchant_protection.notices.outside import files
from merchant_protection.notices.services import telling

logger = logging.getLogger(__name__)

SENT_AT_ONCE = 5_000
MOST_OPEN = 5
KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=5)
STEP = 2_000
AT_ONCE = 5
type Clock = Callable[[], datetime]


def table_of(kind: str, *, actor: Actor, query: str) -> tables.Table:
    """Return what a list holds under these filters, as far as the actor may see it; an unknown list is not found."""
    if kind not in settings.EXPORTS:
        raise NotFound
    table: tables.Table = import_string(settings.EXPORTS[kind][1])(actor, QueryDict(query.replace("%00", "")))
    return table


@transaction
def ask(*, actor: Actor, merchant_id: int, kind: str, query: str, at: datetime, language: str = "en") -> Export | None:
    """Put a long list in line to be written; nothing is returned for one short enough to be sent at once.

    Either way the activity log says who took what.
    """
    require(policies.can_export(actor, merchant_id))
    rows = table_of(kind, actor=actor, query=query).rows[: SENT_AT_ONCE + 1].count()
    told = {"list": kind, "filters": query}
    if rows <= SENT_AT_ONCE:
        _record("export.sent", actor=actor, merchant_id=merchant_id, at=at, after=told | {"rows": rows})
        return None
    if queries.unfinished_exports(actor, merchant_id).count() >= MOST_OPEN:
        raise Conflict(_("%(most)d of your exports are being written. Wait for one to finish.") % {"most": MOST_OPEN})
    job = Export.objects.create(
        merchant_id=merchant_id,
        user_id=actor.id,
        kind=kind,
        query=query[:1000],
        language=language,
        created_at=at,
        due_at=at,
    )
    _record("export.asked", actor=actor, merchant_id=merchant_id, at=at, after=told, subject_id=job.pk)
    return job


@transaction
def fetch(*, actor: Actor, export_id: int, at: datetime) -> Export:
    """Hand a written file to who asked for it, within its day; the activity log says so."""
    job = queries.lock_export(actor, export_id)
    require(policies.can_fetch(actor, job))
    if not job.is_ready(at):
        raise Conflict(_("This file is not there any more. Ask for it again."))
    _record("export.fetched", actor=actor, merchant_id=job.merchant_id, at=at, after={}, subject_id=job.pk)
    return job


def write_due(*, now: datetime, clock: Clock = timezone.now) -> int:
    """Write the files that are in line and throw away those whose day is over; return how many.

    Safe to run by several workers at once and after a kill: a job is leased, and who takes it over begins anew.
    They are taken up one by one, so that a list that kills its worker takes no other with it.
    """
    done = 0
    while done < AT_ONCE and (claimed := leases.claim(queries.exports_due(), now=now, limit=1, lease=LEASE)):
        job = claimed[0]
        try:
            leases.require_an_end(job)
            if job.status == Export.Status.DONE:
                _throw_away(job)
            else:
                _write(job, clock=clock)
        except leases.Lost:
            logger.info("Export %s is in other hands", job.pk)
        except NotAllowed:
            _fail(job, "not_allowed", at=clock())
        except Exception:
            logger.exception("Could not write export %s", job.pk)
            if job.attempts >= leases.MAX_ATTEMPTS:
                _fail(job, "gave_up", at=clock())
        done += 1
    return done


def _write(job: Export, *, clock: Clock) -> None:
    user, shop = job.user, job.merchant
    # Judged anew: who left the shop since, or may see less now, gets no more than they may.
    actor = loading.of_user(user, {loading.CHOSEN_MERCHANT: job.merchant_id})
    require(user.is_active and policies.can_export(actor, job.merchant_id))
    with (
        tenancy.merchant(job.merchant_id),
        translation.override(job.language),
        timezone.override(shop.time_zone),
    ):
        table = table_of(job.kind, actor=actor, query=job.query)
        _keep(job, clock=clock, status=Export.Status.RUNNING, rows_total=table.rows.count(), rows_done=0)
        with files.new(settings.STATE_DIR, "exports", suffix=".csv") as file:
            for row, line in enumerate(tables.csv_lines(table.lines())):
                file.write(line)
                if row and row % STEP == 0:
                    _keep(job, clock=clock, rows_done=row)
        name = file_name(job)
    if not _hand_over(job, file=file, name=name, rows=row, at=clock()):
        files.remove(file.path)
        raise leases.Lost


@transaction
def _hand_over(job: Export, *, file: files.NewFile, name: str, rows: int, at: datetime) -> bool:
    """Let the file be fetched, and tell who asked for it; False when somebody else writes it now."""
    finished = leases.finish(
        job,
        status=Export.Status.DONE,
        rows_done=rows,
        path=file.path,
        file_bytes=file.size,
        finished_at=at,
        expires_at=at + KEPT,
        due_at=at + KEPT,
        attempts=0,
    )
    if finished:
        telling.queue(
            merchant_id=job.merchant_id,
            kind="export.ready",
            at=at,
            params={"file": name, "by": job.user.display_name, "rows": rows},
            path="/m/exports/",
            subject_id=job.pk,
            dedupe_key=f"export-{job.pk}",
            only_to=job.user_id,
        )
    return finished


def file_name(job: Export) -> str:
    """Return what the file is called: the list and when it was asked for, in the zone of who looks."""
    when = job.created_at.astimezone(timezone.get_current_timezone())
    return f"{job.kind}-{when:%Y%m%d-%H%M}.csv"


def _throw_away(job: Export) -> None:
    files.remove(job.path)
    leases.finish(job, status=Export.Status.EXPIRED, path="")


def _keep(job: Export, *, clock: Clock, **changes: Any) -> None:
    if not leases.finish(job, due_at=clock() + LEASE, **changes):
        raise leases.Lost


def _fail(job: Export, code: str, *, at: datetime) -> None:
    leases.finish(job, status=Export.Status.FAILED, last_error=code, finished_at=at)


def _record(
    action: str, *, actor: Actor, merchant_id: int, at: datetime, after: dict[str, Any], subject_id: object = ""
) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=merchant_id,
        subject_kind="export",
        subject_id=subject_id,
        after=after,
    )
