"""Deciding what was received: in batches, one by one when a batch fails, set aside when one fails too often."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from merchant_protection.foundation import leases
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import InboxEvent
from merchant_protection.marketplace.queries import inbox as queries
from merchant_protection.marketplace.rules import events
from merchant_protection.marketplace.services import applying
from merchant_protection.notices.services import telling

logger = logging.getLogger(__name__)
BATCH = 500
TURNS = 40  # of a sweep, which ends before its time limit
MOST_CLAIMS = 10  # of an event that never came to an end: it may be what kills the process
UNKNOWN_AGAIN = timedelta(minutes=1)


def decide_due(*, now: datetime, limit: int = BATCH) -> int:
    """Decide the events that are due; return how many were taken up.

    Safe to run at any time and by several at once. An event that fails is tried
    again later and holds up no other; after five failures it is parked and told.
    """
    claimed = leases.claim(queries.events_due(), now=now, limit=limit)
    known = [event for event in claimed if event.schema in events.SCHEMAS]
    for event in claimed:
        if event.schema not in events.SCHEMAS:
            _release(event=event, at=now)
    fresh = [event for event in known if event.attempts == 1]
    alone = [event for event in known if event.attempts > 1]
    if fresh and not _decided_together(fresh, at=now):
        alone = fresh + alone
    for event in alone:
        _decide_alone(event, at=now)
    return len(claimed)


def catch_up(*, now: datetime) -> int:
    """Decide what waits when no drain does; return how many were taken up."""
    handled = 0
    for _turn in range(TURNS):
        taken = decide_due(now=now)
        handled += taken
        if taken < BATCH:
            break
    return handled


def _decided_together(batch: Sequence[InboxEvent], *, at: datetime) -> bool:
    try:
        _decide(batch=batch, at=at)
    except Exception as error:
        logger.warning("A batch of %d events failed (%s); trying them one by one", len(batch), type(error).__name__)
        return False
    return True


def _decide_alone(event: InboxEvent, *, at: datetime) -> None:
    try:
        if event.attempts > MOST_CLAIMS:
            raise NeverEndedError("taken up too often without an end")
        _decide(batch=[event], at=at)
    except Exception as error:
        logger.exception("Could not decide event %s", event.pk)
        _fail(event=event, error=type(error).__name__, at=at)


class NeverEndedError(RuntimeError):
    """Everybody who took this event up was killed over it."""


@transaction
def _decide(*, batch: Sequence[InboxEvent], at: datetime) -> None:
    """Apply the events and note them as decided, in one transaction; what others took over is left to them."""
    mine = queries.still_mine(batch)
    applied = applying.apply(mine, at=at) if mine else set()
    for outcome, ids in (
        ("applied", [event.pk for event in mine if event.pk in applied]),
        ("older", [event.pk for event in mine if event.pk not in applied]),
    ):
        InboxEvent.objects.filter(pk__in=ids).update(
            status=InboxEvent.Status.DECIDED, outcome=outcome, decided_at=at, due_at=None, last_error=""
        )


@transaction
def _fail(*, event: InboxEvent, error: str, at: datetime) -> None:
    """Try again later, or park the event and tell the shop."""
    if event.attempts < leases.MAX_ATTEMPTS:
        leases.finish(event, due_at=at + leases.retry_delay(event.attempts), last_error=error)
        return
    if not leases.finish(event, status=InboxEvent.Status.PARKED, last_error=error):
        return
    logger.error("Event %s of merchant %s is parked: %s", event.pk, event.merchant_id, error)
    telling.queue(
        merchant_id=event.merchant_id,
        kind="inbox.parked",
        params={"type": event.type},
        path="/m/events/?status=PARKED",
        subject_id=event.pk,
        urgency="CRITICAL",
        dedupe_key=f"{event.type}-{at:%Y-%m-%d-%H}",
        at=at,
    )


@transaction
def _release(*, event: InboxEvent, at: datetime) -> None:
    """Leave an event of a later release untouched for those who know it, and tell the shop that it waits."""
    logger.error("Event %s has the unknown schema version %s; left for a newer release", event.pk, event.schema)
    if leases.finish(event, due_at=at + UNKNOWN_AGAIN, attempts=0):
        telling.queue(
            merchant_id=event.merchant_id,
            kind="inbox.version_unknown",
            params={"type": event.type},
            path="/m/events/",
            subject_id=event.pk,
            dedupe_key=f"{event.type}-{event.schema}-{at:%Y-%m-%d-%H}",
            at=at,
        )
