"""What features are owed: each change is looked at once by each feature that asked for its kind."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from merchant_protection.foundation import leases, upserts
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.models import Change
from merchant_protection.marketplace.queries import inbox as queries

logger = logging.getLogger(__name__)
KEPT = timedelta(days=7)

type Look = Callable[[Sequence[Change]], object]


def claim(consumer: str, *, now: datetime, limit: int = 200) -> list[Change]:
    """Take up to `limit` changes that this feature has yet to look at; ours for a minute."""
    return leases.claim(queries.changes_due(consumer), now=now, limit=limit)


@transaction_required
def finish(changes: Sequence[Change]) -> list[Change]:
    """Note, in the transaction of their effects, that changes were looked at; return those that were still ours.

    Act only on what is returned: another worker has taken over the rest.
    """
    mine = queries.changes_still_mine(changes)
    Change.objects.filter(pk__in=[change.pk for change in mine]).update(due_at=None, last_error="")
    return mine


@transaction_required
def give_back(changes: Sequence[Change], *, until: datetime) -> None:
    """Leave changes that are ours untouched for another release, inside the transaction that looks at them."""
    Change.objects.filter(pk__in=[change.pk for change in changes]).update(due_at=until, attempts=0)


def fail(change: Change, *, error: str, at: datetime) -> None:
    """Look at a change again later; after five failures it is parked, and told in the log."""
    if change.attempts < leases.MAX_ATTEMPTS:
        leases.finish(change, due_at=at + leases.retry_delay(change.attempts), last_error=error)
    elif leases.finish(change, is_parked=True, last_error=error):
        logger.error("Change %s for %s is parked: %s", change.pk, change.consumer, error)


def work_off(consumer: str, look: Look, *, now: datetime, limit: int = 200) -> int:
    """Let a feature look at what it is owed; return how many changes were taken up.

    `look` is called inside one transaction with the changes of a batch, and must not
    open one. When it raises, the batch is tried one by one, so that a change that cannot
    be handled holds up no other.
    """
    claimed = claim(consumer, now=now, limit=limit)
    fresh = [change for change in claimed if change.attempts == 1]
    alone = [change for change in claimed if change.attempts > 1]
    if fresh:
        try:
            _look(fresh, look)
        except Exception:
            logger.warning("%s could not handle %d changes at once; one by one", consumer, len(fresh), exc_info=True)
            alone = fresh + alone
    for change in alone:
        try:
            _look([change], look)
        except Exception as error:
            logger.exception("%s could not handle change %s", consumer, change.pk)
            fail(change, error=type(error).__name__, at=now)
    return len(claimed)


@transaction_required
def look_again(
    consumer: str, *, merchant_id: int, kind: str, subject_id: int, version: int, due_at: datetime, at: datetime
) -> None:
    """Promise a feature another look at a thing at a later moment; once for each version of the thing."""
    row = {
        "merchant_id": merchant_id,
        "consumer": consumer,
        "kind": kind,
        "subject_id": subject_id,
        "version": version,
        "occurred_at": at,
        "created_at": at,
        "due_at": due_at,
    }
    upserts.upsert(Change, [row], key=("merchant_id", "consumer", "kind", "subject_id", "version"))


def forget_old(*, now: datetime) -> int:
    """Drop what was looked at a week ago."""
    return Change.objects.filter(due_at=None, is_parked=False, created_at__lt=now - KEPT).delete()[0]


@transaction
def _look(changes: Sequence[Change], look: Look) -> None:
    if mine := finish(changes):
        look(mine)
