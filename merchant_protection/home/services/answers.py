"""Answers to several warnings at once: each by its own command, with what became of every row."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.utils import translation
from django.utils.translation import gettext as _

from merchant_protection.accounts import loading
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import leases, waking
from merchant_protection.foundation.errors import Conflict, Invalid, Refusal, require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.home.services import reporting
from merchant_protection.risk import policies, queries
from merchant_protection.risk.models import BulkAnswer
from merchant_protection.risk.services import warnings

logger = logging.getLogger(__name__)
AT_ONCE = 200  # up to so many are answered in the request; more are worked off in the background
MOST = 5000
CHUNK = 50
AGAIN = timedelta(seconds=1)

ANSWERS: dict[str, Callable[..., object]] = {
    "acknowledge": warnings.acknowledge,
    "reopen": warnings.reopen,
    "mark_normal": warnings.mark_normal,
    "report": reporting.report,
    "hold_shipment": warnings.hold_shipment,
    "release_shipment": warnings.release_shipment,
}
NOTED = frozenset({"mark_normal"})
ON_PLATFORM = frozenset({"hold_shipment", "release_shipment"})


def answer(
    name: str, *, warning_id: int, actor: Actor, at: datetime, note: str = "", snooze_until: datetime | None = None
) -> None:
    """Answer one warning; a name that is no answer is refused."""
    if name not in ANSWERS:
        raise Invalid(fields={"answer": [_("There is no such answer.")]})
    command = ANSWERS[name]
    if name in NOTED:
        command = partial(command, note=note, snooze_until=snooze_until)
    try:
        command(warning_id=warning_id, actor=actor, at=at)
    except Conflict as refusal:
        warning = queries.find(warning_id)
        if name in ON_PLATFORM:
            raise
        status = {"status": warning.get_status_display()}
        raise Conflict(_("It cannot be done any more: the state is “%(status)s”.") % status) from refusal


def answer_many(
    name: str,
    *,
    merchant_id: int,
    warning_ids: Sequence[int],
    actor: Actor,
    at: datetime,
    note: str = "",
    snooze_until: datetime | None = None,
) -> BulkAnswer:
    """Answer many warnings of a shop, each in a transaction of its own; one that is refused holds up no other.

    Up to 200 are answered at once, more in the background. A process that dies leaves the rest to the drain.
    """
    bulk = _ask(
        name,
        merchant_id=merchant_id,
        warning_ids=list(dict.fromkeys(warning_ids)),
        actor=actor,
        at=at,
        note=note,
        snooze_until=snooze_until,
    )
    while bulk.status == BulkAnswer.Status.RUNNING and len(bulk.warning_ids) <= AT_ONCE:
        if not _work(bulk, actor=actor, at=at):
            break
    return bulk


def work_off(*, now: datetime) -> int:
    """Take the answers to many warnings a step further; return how many were taken up."""
    taken = leases.claim(queries.bulk_due(), now=now, limit=5)
    for bulk in taken:
        try:
            with translation.override(bulk.user.language):
                _work(bulk, actor=loading.of_user(bulk.user, {}), at=now)
        except Exception as error:
            logger.exception("Could not go on with bulk answer %s", bulk.pk)
            leases.finish(bulk, due_at=now + leases.retry_delay(bulk.attempts), last_error=type(error).__name__)
    return len(taken)


@transaction
def cancel(*, bulk_id: int, actor: Actor, at: datetime) -> BulkAnswer:
    """Stop answering; what was answered stays so."""
    bulk = queries.lock_bulk(bulk_id)
    require(policies.can_answer(actor, bulk.merchant_id))
    if bulk.status != BulkAnswer.Status.RUNNING:
        raise Conflict(_("It has come to its end already."))
    bulk.status, bulk.due_at, bulk.finished_at = BulkAnswer.Status.CANCELLED, None, at
    bulk.generation += 1
    bulk.save(update_fields=["status", "due_at", "finished_at", "generation"])
    return bulk


@transaction
def _ask(
    name: str,
    *,
    merchant_id: int,
    warning_ids: list[int],
    actor: Actor,
    at: datetime,
    note: str,
    snooze_until: datetime | None,
) -> BulkAnswer:
    if name not in ANSWERS:
        raise Invalid(fields={"answer": [_("There is no such answer.")]})
    require(policies.can_answer(actor, merchant_id))
    if not 0 < len(warning_ids) <= MOST:
        raise Invalid(_("Choose 1 to %(most)s warnings.") % {"most": MOST})
    waking.wake()
    return BulkAnswer.objects.create(
        merchant_id=merchant_id,
        user_id=actor.id,
        answer=name,
        note=note,
        snooze_until=snooze_until,
        warning_ids=warning_ids,
        created_at=at,
        due_at=at if len(warning_ids) > AT_ONCE else at + leases.LEASE,
    )


def _work(bulk: BulkAnswer, *, actor: Actor, at: datetime) -> bool:
    """Answer the next rows; whether the job is still ours."""
    for warning_id in bulk.warning_ids[bulk.handled : bulk.handled + CHUNK]:
        refusal = _answer_one(bulk, warning_id, actor=actor, at=at)
        if refusal is None:
            bulk.answered += 1
        else:
            bulk.refused += 1
            bulk.refusals[str(warning_id)] = refusal
    is_over = bulk.handled >= len(bulk.warning_ids)
    bulk.status = BulkAnswer.Status.DONE if is_over else BulkAnswer.Status.RUNNING
    bulk.finished_at = at if is_over else None
    inline = len(bulk.warning_ids) <= AT_ONCE
    return leases.finish(
        bulk,
        answered=bulk.answered,
        refused=bulk.refused,
        refusals=bulk.refusals,
        status=bulk.status,
        finished_at=bulk.finished_at,
        attempts=0,
        due_at=None if is_over else at + (leases.LEASE if inline else timedelta(0)),
    )


def _answer_one(bulk: BulkAnswer, warning_id: int, *, actor: Actor, at: datetime) -> str | None:
    """Answer one row; return why it was refused, if it was."""
    try:
        require(_is_of(bulk, warning_id))
        answer(bulk.answer, warning_id=warning_id, actor=actor, at=at, note=bulk.note, snooze_until=bulk.snooze_until)
    except Conflict as refusal:
        return None if _is_ours_already(bulk, warning_id) else refusal.message
    except Refusal as refusal:
        return refusal.message or _("Not found.")
    return None


def _is_of(bulk: BulkAnswer, warning_id: int) -> bool:
    return queries.find(warning_id).merchant_id == bulk.merchant_id


def _is_ours_already(bulk: BulkAnswer, warning_id: int) -> bool:
    """Whether this very job answered the row before the process died."""
    return queries.was_moved_since(warning_id, bulk.answer, merchant_id=bulk.merchant_id, since=bulk.created_at)
