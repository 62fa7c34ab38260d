"""Take what is due out of the mailboxes, and write down how each call of an endpoint ended."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from merchant_protection.foundation import crypto, signatures
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.models import Attempt, Dispatch, Endpoint, Notice
from merchant_protection.notices.outside.calling import Answer
from merchant_protection.notices.queries import webhooks as queries
from merchant_protection.notices.rules import webhook_schedule as schedule
from merchant_protection.notices.services import telling, webhooks

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
SLOW = 2_000  # milliseconds, from which an endpoint shares the few places of the slow ones
GONE = 410
ASK_FOR_TIME = (429, 503)


@dataclass(frozen=True)
class Errand:
    """A message on its way out: where to, what, and under whose lease."""

    endpoint_id: int
    generation: int
    dispatch_id: int
    is_slow: bool
    url: str
    headers: dict[str, str]
    body: bytes


def take_due(*, now: datetime, room: int, slow_room: int) -> list[Errand]:
    """Take the next message of each endpoint that is due, as many as there is room for.

    Safe for any number of drains at once. Endpoints that failed or dawdled share the little room of the slow ones,
    so that they hold up nobody else.
    """
    taken: list[Errand] = []
    for slow, places in ((False, room), (True, slow_room)):
        ids = queries.mailboxes_due(now, slow=slow).values_list("pk", flat=True)[: max(0, places)]
        for endpoint_id in list(ids):
            try:
                errand = _take(endpoint_id=endpoint_id, now=now, slow=slow)
            except Exception:
                logger.exception("Could not write the next message to endpoint %s", endpoint_id)
                _stumbled(endpoint_id=endpoint_id, now=now, slow=slow)
            else:
                taken += [errand] if errand else []
    return taken


@transaction
def finish(*, errand: Errand, answer: Answer, at: datetime) -> bool:
    """Write down how a call ended, and let go of the endpoint; False when somebody else has it now."""
    endpoint = queries.held_mailbox(errand.endpoint_id, generation=errand.generation)
    if endpoint is None:
        return False
    dispatch = queries.dispatch_with_message(errand.dispatch_id)
    Attempt.objects.create(
        merchant_id=dispatch.merchant_id,
        dispatch=dispatch,
        number=dispatch.attempts,
        at=at,
        took_ms=answer.took_ms,
        status=answer.status,
        error=answer.error,
        answer=answer.text,
    )
    dispatch.answer, dispatch.last_error = answer.status, answer.error
    endpoint.is_slow = not answer.is_success or answer.took_ms > SLOW
    if answer.is_success:
        _arrived(endpoint, dispatch, at=at)
    elif dispatch.status == Dispatch.Status.PENDING:  # the endpoint may have been switched off meanwhile
        _failed(endpoint, dispatch, answer, at=at)
    _let_go(endpoint, at=at)
    return True


@transaction
def _take(*, endpoint_id: int, now: datetime, slow: bool) -> Errand | None:
    endpoint = queries.take_mailbox(endpoint_id, now=now, slow=slow)
    if endpoint is None:
        return None
    dispatch = _next(endpoint, now=now)
    if dispatch is None:
        _let_go(endpoint, at=now)
        return None
    body = json.dumps(
        webhooks.body_of(dispatch.message, merchant_code=endpoint.merchant.code), ensure_ascii=False
    ).encode()
    secrets = [crypto.unseal(each.secret_sealed) for each in queries.live_secrets(endpoint.pk, now)]
    headers = signatures.headers(*secrets, message_id=dispatch.message.public_id, at=now, body=body)
    endpoint.generation += 1
    endpoint.held_until = now + LEASE
    endpoint.save(update_fields=["generation", "held_until"])
    dispatch.attempts += 1
    dispatch.tried_at = now
    dispatch.due_at = now + LEASE  # should whoever calls now never come back
    dispatch.save(update_fields=["attempts", "tried_at", "due_at"])
    return Errand(endpoint.pk, endpoint.generation, dispatch.pk, slow, endpoint.url, headers, body)


def _next(endpoint: Endpoint, *, now: datetime) -> Dispatch | None:
    """Return the message to be sent now; one whose last try never came back is given up on the way."""
    while dispatch := queries.first_due(endpoint.pk, now):
        if dispatch.attempts < schedule.TRIES:
            return dispatch
        dispatch.last_error = dispatch.last_error or "cut_off"
        _end(dispatch, Dispatch.Status.DEAD, at=now)
    return None


@transaction
def _stumbled(*, endpoint_id: int, now: datetime, slow: bool) -> None:
    """Put off a message that could not even be written, so that it holds up no other; it is given up in the end."""
    endpoint = queries.take_mailbox(endpoint_id, now=now, slow=slow)
    dispatch = _next(endpoint, now=now) if endpoint else None
    if endpoint is None or dispatch is None:
        return
    dispatch.attempts += 1
    dispatch.tried_at, dispatch.last_error = now, "not_written"
    _plan_again(dispatch, asked=None, at=now)
    _let_go(endpoint, at=now)


def _arrived(endpoint: Endpoint, dispatch: Dispatch, *, at: datetime) -> None:
    endpoint.failures, endpoint.rests_until, endpoint.succeeded_at = 0, None, at
    _end(dispatch, Dispatch.Status.DELIVERED, at=at)


def _failed(endpoint: Endpoint, dispatch: Dispatch, answer: Answer, *, at: datetime) -> None:
    endpoint.failures += 1
    endpoint.failed_at = at
    if answer.status == GONE:
        _end(dispatch, Dispatch.Status.DEAD, at=at)
        switch_off(endpoint, reason=Endpoint.Reason.GONE, at=at)
        _tell(endpoint, "webhook.gone", at=at)
        return
    asked = schedule.asked_wait(answer.retry_after, now=at) if answer.status in ASK_FOR_TIME else None
    _plan_again(dispatch, asked=asked, at=at)
    rests = [each for each in (asked, schedule.rest_after(endpoint.failures)) if each]
    endpoint.rests_until = at + max(rests) if rests else None
    if schedule.is_to_be_paused(endpoint.failures) and endpoint.state == Endpoint.State.ACTIVE:
        endpoint.state, endpoint.reason = Endpoint.State.PAUSED, Endpoint.Reason.FAILING
        _tell(endpoint, "webhook.paused", at=at)


def _plan_again(dispatch: Dispatch, *, asked: timedelta | None, at: datetime) -> None:
    wait = schedule.wait_before(dispatch.attempts + 1, message_id=dispatch.message.public_id, asked=asked)
    if wait is None:
        _end(dispatch, Dispatch.Status.DEAD, at=at)
        return
    dispatch.due_at = at + wait
    dispatch.save(update_fields=["attempts", "tried_at", "due_at", "answer", "last_error"])


def _end(dispatch: Dispatch, status: str, *, at: datetime) -> None:
    dispatch.status, dispatch.finished_at, dispatch.due_at = status, at, None
    dispatch.save(update_fields=["status", "finished_at", "due_at", "attempts", "tried_at", "answer", "last_error"])


@transaction_required
def switch_off(endpoint: Endpoint, *, reason: str, at: datetime) -> None:
    """Tell a locked endpoint nothing more; what was on its way is given up, and can be sent again later."""
    endpoint.state, endpoint.reason, endpoint.due_at, endpoint.rests_until = Endpoint.State.DISABLED, reason, None, None
    waiting: QuerySet[Dispatch] = endpoint.dispatches.filter(status=Dispatch.Status.PENDING)
    waiting.update(status=Dispatch.Status.DEAD, finished_at=at, due_at=None, last_error="switched_off")


def _let_go(endpoint: Endpoint, *, at: datetime) -> None:
    """Free a locked endpoint until its next message is due."""
    is_active = endpoint.state == Endpoint.State.ACTIVE
    endpoint.held_until = None
    endpoint.due_at = queries.next_due(endpoint.pk) if is_active else None
    endpoint.save()


def _tell(endpoint: Endpoint, kind: str, *, at: datetime) -> None:
    logger.warning("%s: endpoint %s after %s failures", kind, endpoint.pk, endpoint.failures)
    telling.queue(
        merchant_id=endpoint.merchant_id,
        kind=kind,
        at=at,
        params={"name": endpoint.name, "failures": endpoint.failures},
        path=f"/m/webhooks/{endpoint.pk}/",
        subject_id=endpoint.pk,
        urgency=Notice.Urgency.CRITICAL,
    )
