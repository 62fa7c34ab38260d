"""Send what is due: claim, look once more, call with no transaction open, and write down what became of it."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import crypto, leases
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.lifecycle import ActionStatus
from merchant_protection.marketplace.models import Platform, PlatformAction
from merchant_protection.marketplace.outside.adapters import signed_webhook
from merchant_protection.marketplace.outside.adapters.base import Adapter, Request
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.rules import breaking, gate
from merchant_protection.marketplace.rules.gate import Asked, Gates, Verdict
from merchant_protection.marketplace.rules.wishes import VERBS, Purse
from merchant_protection.marketplace.services import breaker
from merchant_protection.marketplace.services.actions import asking, moving
from merchant_protection.notices.models import Notice

logger = logging.getLogger(__name__)
ACTOR = Actor.clock("actions")
HOLD_LEASE = timedelta(seconds=15)
WHILE_STOPPED = timedelta(seconds=5)
FOR_ANOTHER_WORKER = timedelta(seconds=30)
Review = PlatformAction.Review


@dataclass(frozen=True)
class Errand:
    """A claimed action on its way out: ask for the state, or first look whether it is so already."""

    action: PlatformAction
    request: Request
    is_look: bool


@transaction
def claim(*, platform_id: int, now: datetime, limit: int) -> list[PlatformAction]:
    """Take up to `limit` due actions of a platform, as many as its breaker lets out.

    Safe for any number of drains at once: rows in other hands are skipped. An order's hold is
    lent for 15 seconds, all else for 60.
    """
    found = guards.breaker(platform_id)
    if found is None or breaker.health_of(found).is_plain:
        return _take(platform_id, now=now, limit=limit)
    found = breaker.locked(platform_id, at=now)
    allowed, health = breaking.allowance(breaker.health_of(found), now=now, wanted=limit)
    taken = _take(platform_id, now=now, limit=allowed) if allowed else []
    breaker.keep(found, breaking.handed_back(health, unused=allowed - len(taken)), at=now)
    return taken


@transaction
def prepare(*, action: PlatformAction, now: datetime, gates: Gates) -> Errand | None:
    """Look once more just before a claimed action leaves: the last gate. None when it does not leave.

    What may have been sent already is looked up on the platform first, never blindly repeated.
    """
    fresh = queries.lock_claimed(action)
    if fresh is None:
        return None
    if fresh.attempts > leases.MAX_ATTEMPTS:
        give_up(fresh, at=now, why="claimed five times, never finished")
        return None
    if fresh.status == ActionStatus.UNKNOWN or fresh.sent_at is not None:
        return Errand(fresh, _request(fresh), is_look=True)
    verdict, was_stale = _verdict(fresh, now=now, gates=gates)
    if verdict != Verdict.SEND:
        _hold_back(fresh, verdict, at=now)
        return None
    fresh.sent_at = now
    fresh.judged_at = now if was_stale else fresh.judged_at
    fresh.save(update_fields=["sent_at", "judged_at"])
    return Errand(fresh, _request(fresh), is_look=False)


@transaction
def stumbled(*, action: PlatformAction, error: str, at: datetime) -> None:
    """Note that a claimed action could not even be prepared: it is tried again, and parked after five tries."""
    fresh = queries.lock_claimed(action)
    if fresh is None:
        return
    if fresh.attempts >= leases.MAX_ATTEMPTS:
        give_up(fresh, at=at, why=error)
    else:
        put_off(fresh, until=at + leases.retry_delay(fresh.attempts), error=error, counts=True)


def adapter_of(platform: Platform) -> Adapter:
    """Return the adapter that speaks with a platform."""
    make = signed_webhook.ADAPTERS[platform.adapter]
    return make(platform.base_url, crypto.unseal(platform.secret_sealed))


def give_up(action: PlatformAction, *, at: datetime, why: str) -> None:
    """Leave a locked action that did not succeed to a person, and tell the shop."""
    moving.move(
        action, "send_to_review", actor=ACTOR, at=at, text=why, review_reason=Review.TRIES, last_error=why[:500]
    )
    logger.error("Action %s given up", action.pk, extra={"verb": action.verb, "why": why})
    moving.tell(action, "action.failed", at=at, urgency=Notice.Urgency.CRITICAL)


def _take(platform_id: int, *, now: datetime, limit: int) -> list[PlatformAction]:
    due = queries.due(platform_id).filter(due_at__lte=now).order_by("due_at", "pk")
    rows = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
    for row in rows:
        row.generation += 1
        row.attempts += 1
        row.due_at = now + (HOLD_LEASE if VERBS[row.verb].purse == Purse.ORDER_HOLDS else leases.LEASE)
    PlatformAction.objects.bulk_update(rows, ["generation", "attempts", "due_at"])
    return rows


def _verdict(action: PlatformAction, *, now: datetime, gates: Gates) -> tuple[Verdict, bool]:
    names = asking.switch_names(action.feature, action.rule, action.verb)
    is_rules_own = action.is_automatic and not action.approved_by and not VERBS[action.verb].is_release
    stale = is_rules_own and now - action.judged_at > gate.STALE_AFTER
    judge_again = gates.get(action.feature) if is_rules_own else None
    verdict = gate.judge(
        is_stopped=guards.stopped_by(action.merchant_id, rules=names) is not None,
        expires_at=action.expires_at,
        stale=stale,
        answer=judge_again(_asked(action, stale=stale)) if judge_again else None,
        now=now,
    )
    return verdict, stale


def _hold_back(action: PlatformAction, verdict: Verdict, *, at: datetime) -> None:
    if verdict == Verdict.WAIT:
        put_off(action, until=at + WHILE_STOPPED)
    elif verdict == Verdict.VERSION_UNKNOWN:
        logger.error("Version %s of rule %s is not known here", action.rule_version, action.rule)
        put_off(action, until=at + FOR_ANOTHER_WORKER)
        moving.tell(action, "action.version_unknown", at=at)
    elif verdict == Verdict.REVIEW_STALE:
        moving.move(action, "send_to_review", actor=ACTOR, at=at, review_reason=Review.STALE)
        moving.tell(action, "action.review", at=at)
    else:
        moving.move(action, "expire" if verdict == Verdict.EXPIRE else "withdraw", actor=ACTOR, at=at)
        target = action.target
        target.desired, target.is_latched, target.release_at = target.actual, False, None
        target.save(update_fields=["desired", "is_latched", "release_at"])


def put_off(action: PlatformAction, *, until: datetime, error: str = "", counts: bool = False) -> None:
    """Give a locked action back untouched, to be taken again later; unless it counts, the try is not used up."""
    action.due_at = until
    action.attempts = action.attempts if counts else max(0, action.attempts - 1)
    action.last_error = error[:500]
    action.save(update_fields=["due_at", "attempts", "last_error", "sent_at"])


def _asked(action: PlatformAction, *, stale: bool) -> Asked:
    target = action.target
    return Asked(
        action_id=action.pk,
        merchant_id=action.merchant_id,
        feature=action.feature,
        rule=action.rule,
        rule_version=action.rule_version,
        cause=action.cause,
        kind=target.kind,
        ref=target.ref,
        aspect=target.aspect,
        verb=action.verb,
        value=action.value,
        decided_at=action.decided_at,
        judged_at=action.judged_at,
        is_stale=stale,
    )


def _request(action: PlatformAction) -> Request:
    target = action.target
    return Request(
        action_id=action.pk,
        merchant=queries.merchant(action.merchant_id).code,
        kind=target.kind,
        ref=target.ref,
        aspect=target.aspect,
        value=action.value,
        verb=action.verb,
        generation=action.desired_generation,
        reason=action.reason,
        issued_at=action.decided_at,
        idempotency_key=action.idempotency_key,
    )
