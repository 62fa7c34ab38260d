"""Compare what we want with what the platform shows; a difference becomes a new decision, never a blind repeat."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.lifecycle import SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import ActionTarget, Change, PlatformAction
from merchant_protection.marketplace.outside.adapters.base import Outcome, Request, Seen
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.rules import wishes
from merchant_protection.marketplace.rules.wishes import VERBS, Wish
from merchant_protection.marketplace.services import breaker
from merchant_protection.marketplace.services.actions import asking, moving
from merchant_protection.marketplace.services.actions.asking import RECONCILE_EVERY

ACTOR = Actor.clock("reconciliation")
DRIFTED = "action.drifted"


@dataclass(frozen=True)
class Comparison:
    """A target that is to be looked up, and how far we had got with it."""

    target_id: int
    desired_generation: int
    request: Request


@transaction
def take(*, platform_id: int, now: datetime, limit: int) -> list[Comparison]:
    """Take the targets whose time has come; each is looked at again in five minutes whatever becomes of it."""
    found = guards.breaker(platform_id)
    if found is not None and not breaker.health_of(found).is_plain:
        return []  # what sends has precedence with a platform that is in trouble
    targets = queries.to_reconcile(platform_id, now, limit=limit)
    for target in targets:
        target.reconcile_at = now + RECONCILE_EVERY
    ActionTarget.objects.bulk_update(targets, ["reconcile_at"])
    return [Comparison(target.pk, target.desired_generation, _request(target, now)) for target in targets]


@transaction
def compare(*, comparison: Comparison, seen: Seen, at: datetime) -> bool:
    """Note what the platform shows; True when it is not what we want and nobody had noticed."""
    target = queries.lock_target(comparison.target_id)
    if seen.outcome not in (Outcome.DONE, Outcome.REFUSED):
        breaker.failed(target.platform_id, at=at)
        return False
    open_now = queries.open_of(target)
    has_moved = target.desired_generation != comparison.desired_generation
    if has_moved or any(action.status in SENDING_ACTIONS for action in open_now):
        return False
    target.actual, target.actual_at = seen.state, at
    is_recent = at - target.updated_at < queries.RECENT
    target.reconcile_at = at + RECONCILE_EVERY if is_recent else None
    target.save(update_fields=["actual", "actual_at", "reconcile_at"])
    is_as_wanted = target.desired is None or wishes.same_state(target.desired, seen.state)
    if is_as_wanted or any(action.status == ActionStatus.NEEDS_REVIEW for action in open_now):
        return False
    return _decide_anew(target, at=at)


def _decide_anew(target: ActionTarget, *, at: datetime) -> bool:
    latest = queries.latest_wanted(target)
    if latest is None:
        return False
    if DRIFTED in settings.CHANGE_CONSUMERS.get(latest.feature, ()):
        return _owe(latest.feature, target, at=at)
    verb = wishes.verb_for(target.kind, target.aspect, target.desired)
    wish = Wish(
        merchant_id=target.merchant_id,
        verb=verb,
        ref=target.ref,
        feature=latest.feature,
        rule=latest.rule,
        rule_version=latest.rule_version,
        cause=latest.cause,
        reason=f"the platform shows {target.actual!r}"[:300],
        value=target.desired if VERBS[verb].value is None else None,
        undo=target.actual,
        is_latched=target.is_latched,
        release_after=latest.release_after,
    )
    action = asking.write(wish, target, review=PlatformAction.Review.DRIFT, is_automatic=True, actor=ACTOR, at=at)
    moving.tell(action, "action.review", at=at)
    return True


def _owe(feature: str, target: ActionTarget, *, at: datetime) -> bool:
    """Leave the decision to the feature that wanted the state, once for each generation."""
    change = Change(
        merchant_id=target.merchant_id,
        consumer=feature,
        kind=DRIFTED,
        subject_id=target.pk,
        version=target.desired_generation,
        occurred_at=at,
        created_at=at,
        due_at=at,
    )
    before = Change.objects.filter(
        merchant_id=target.merchant_id, consumer=feature, kind=DRIFTED, subject_id=target.pk, version=change.version
    )
    if before.exists():
        return False
    change.save(force_insert=True)
    return True


def _request(target: ActionTarget, now: datetime) -> Request:
    return Request(
        action_id=0,
        merchant=queries.merchant(target.merchant_id).code,
        kind=target.kind,
        ref=target.ref,
        aspect=target.aspect,
        value=target.desired,
        verb="",
        generation=target.desired_generation,
        reason="",
        issued_at=now,
        idempotency_key=f"look_{target.pk}_{target.desired_generation}",
    )
