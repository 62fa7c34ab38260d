"""What a call to the platform came to, written down only by whoever still holds the action."""

from datetime import datetime, timedelta
from typing import Any

from merchant_protection.foundation import leases
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.lifecycle import ActionStatus
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.outside.adapters.base import Answer, Outcome, Seen
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.rules import wishes
from merchant_protection.marketplace.services import breaker
from merchant_protection.marketplace.services.actions import moving
from merchant_protection.marketplace.services.actions.asking import RECONCILE_EVERY
from merchant_protection.marketplace.services.actions.sending import ACTOR, Errand, give_up, put_off
from merchant_protection.notices.models import Notice


@transaction
def performed(*, errand: Errand, answer: Answer, at: datetime) -> bool:
    """Note what the platform said to a request; False when somebody else holds the action by now."""
    action = queries.lock_claimed(errand.action)
    if action is None:
        return False
    platform_id = action.target.platform_id
    if answer.outcome == Outcome.DONE and wishes.same_state(answer.state, action.value):
        _confirm(action, actual=action.value, at=at, text=answer.note)
    elif answer.outcome == Outcome.SUPERSEDED:
        _supersede(action, at=at, text=answer.note)
    elif answer.outcome == Outcome.REFUSED:
        _refused(action, at=at, text=answer.note)
    elif answer.outcome in (Outcome.DONE, Outcome.NO_ANSWER):
        _lost(action, at=at, text=answer.note)
        breaker.failed(platform_id, at=at)
        return True
    else:
        _not_sent(action, outcome=answer.outcome, retry_after=answer.retry_after, at=at, text=answer.note)
        return True
    breaker.succeeded(platform_id, at=at)
    return True


@transaction
def looked(*, errand: Errand, seen: Seen, at: datetime) -> bool:
    """Note what a look at the platform showed of an action whose answer was lost: done, or to be sent again."""
    action = queries.lock_claimed(errand.action)
    if action is None:
        return False
    if seen.outcome not in (Outcome.DONE, Outcome.REFUSED):
        _look_again(action, seen, at=at)
        return True
    if seen.outcome == Outcome.DONE and seen.generation > action.desired_generation:
        _supersede(action, at=at, text="the platform holds something newer")
    elif seen.outcome == Outcome.DONE and _is_done(action, seen):
        _confirm(action, actual=seen.state, at=at, text="found done")
    elif action.attempts >= leases.MAX_ATTEMPTS:
        give_up(action, at=at, why=f"not done after {action.attempts} tries: {seen.note}")
    else:
        moving.move(action, "try_again", actor=ACTOR, at=at, text="found not done", due_at=at, sent_at=None)
    breaker.succeeded(action.target.platform_id, at=at)
    return True


def _is_done(action: PlatformAction, seen: Seen) -> bool:
    return seen.generation == action.desired_generation or wishes.same_state(seen.state, action.value)


def _confirm(action: PlatformAction, *, actual: Any, at: datetime, text: str) -> None:
    moving.move(action, "confirm", actor=ACTOR, at=at, text=text, last_error="")
    target = action.target
    target.actual, target.actual_at, target.updated_at = actual, at, at
    target.reconcile_at = at + RECONCILE_EVERY
    target.save(update_fields=["actual", "actual_at", "updated_at", "reconcile_at"])


def _supersede(action: PlatformAction, *, at: datetime, text: str) -> None:
    moving.move(action, "supersede", actor=ACTOR, at=at, text=text)
    target = action.target
    target.reconcile_at = at
    target.save(update_fields=["reconcile_at"])


def _refused(action: PlatformAction, *, at: datetime, text: str) -> None:
    moving.move(action, "fail", actor=ACTOR, at=at, text=text, last_error=text)
    target = action.target
    target.release_at = None
    target.reconcile_at = None  # a difference is known already, and was told
    target.save(update_fields=["release_at", "reconcile_at"])
    moving.tell(action, "action.failed", at=at, urgency=Notice.Urgency.CRITICAL)


def _lost(action: PlatformAction, *, at: datetime, text: str) -> None:
    """The platform may or may not have done it: look before anything else."""
    due_at = at + leases.retry_delay(action.attempts)
    if action.status == ActionStatus.UNKNOWN:
        put_off(action, until=due_at, error=text, counts=True)
    else:
        moving.move(action, "lose_answer", actor=ACTOR, at=at, text=text, due_at=due_at, last_error=text)


def _not_sent(action: PlatformAction, *, outcome: Outcome, retry_after: float, at: datetime, text: str) -> None:
    """Nothing was done, by the platform's word or since it was not reached: no try is used up."""
    action.sent_at = None
    wait = timedelta(seconds=1) if outcome == Outcome.TOO_LATE else leases.retry_delay(min(action.attempts, 4))
    put_off(action, until=at + max(wait, timedelta(seconds=retry_after)), error=text)
    _tell_breaker(action, outcome=outcome, retry_after=retry_after, at=at)


def _look_again(action: PlatformAction, seen: Seen, *, at: datetime) -> None:
    wait = max(leases.retry_delay(min(action.attempts, 4)), timedelta(seconds=seen.retry_after))
    put_off(action, until=at + wait, error=seen.note)
    _tell_breaker(action, outcome=seen.outcome, retry_after=seen.retry_after, at=at)


def _tell_breaker(action: PlatformAction, *, outcome: Outcome, retry_after: float, at: datetime) -> None:
    platform_id = action.target.platform_id
    if outcome == Outcome.BUSY and retry_after:
        breaker.asked_to_wait(platform_id, at=at, seconds=retry_after)
    elif outcome != Outcome.TOO_LATE:
        breaker.failed(platform_id, at=at)
