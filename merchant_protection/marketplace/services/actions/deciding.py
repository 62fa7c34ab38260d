"""What a person does with an action that waits for them, or that failed."""

from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import waking
from merchant_protection.foundation.errors import Conflict, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.lifecycle import ACTION_MOVES, SENDING_ACTIONS
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.services.actions import asking, moving


@transaction
def approve(*, action_id: int, actor: Actor, at: datetime, note: str = "") -> PlatformAction:
    """Let an action that waits be sent: a person answers for it, so no budget counts."""
    action = queries.lock(action_id)
    require(policies.can_decide(actor, action.merchant_id))
    target_of(ACTION_MOVES, "approve", action.status)
    _require_sendable(action, at=at)
    for earlier in queries.open_of(action.target):
        if earlier.status in SENDING_ACTIONS:
            moving.move(earlier, "supersede", actor=actor, at=at)
    return _send(action, "approve", actor=actor, at=at, note=note)


@transaction
def retry(*, action_id: int, actor: Actor, at: datetime, note: str = "") -> PlatformAction:
    """Try a failed action again, unless something newer was asked of its target since."""
    action = queries.lock(action_id)
    require(policies.can_decide(actor, action.merchant_id))
    target_of(ACTION_MOVES, "retry", action.status)
    _require_sendable(action, at=at)
    if action.target.desired_generation != action.desired_generation:
        raise Conflict(_("Something newer was asked since."))
    return _send(action, "retry", actor=actor, at=at, note=note)


@transaction
def decline(*, action_id: int, actor: Actor, at: datetime, note: str = "") -> PlatformAction:
    """Do not send an action that waits; what the platform shows is then what is wanted."""
    action = queries.lock(action_id)
    require(policies.can_decide(actor, action.merchant_id))
    moving.move(action, "decline", actor=actor, at=at, text=note)
    target = action.target
    is_drift = action.review_reason == PlatformAction.Review.DRIFT
    if is_drift or (target.desired_generation == action.desired_generation and target.desired == action.value):
        target.desired, target.is_latched, target.release_at = target.actual, False, None
        target.updated_at = at
        target.save(update_fields=["desired", "is_latched", "release_at", "updated_at"])
    _record(action, "action.declined", actor=actor, at=at, note=note)
    return action


def _send(action: PlatformAction, name: str, *, actor: Actor, at: datetime, note: str) -> PlatformAction:
    moving.move(
        action,
        name,
        actor=actor,
        at=at,
        text=note,
        due_at=at,
        judged_at=at,
        attempts=0,
        approved_by=actor.name[:200],
        finished_at=None,
    )
    target = action.target
    asking.want(target, action, at=at)
    target.updated_at = at
    target.save(update_fields=["desired", "is_latched", "release_at", "reconcile_at", "updated_at"])
    _record(action, f"action.{name}", actor=actor, at=at, note=note)
    waking.wake()
    return action


def _require_sendable(action: PlatformAction, *, at: datetime) -> None:
    if action.expires_at is not None and action.expires_at <= at:
        raise Conflict(_("This action has expired."))
    names = asking.switch_names(action.feature, action.rule, action.verb)
    switch = guards.stopped_by(action.merchant_id, rules=names)
    if switch is not None:
        raise Conflict(_("A kill switch is on: %(reason)s") % {"reason": switch.reason})


def _record(action: PlatformAction, name: str, *, actor: Actor, at: datetime, note: str) -> None:
    audit.record(
        actor=actor,
        action=name,
        at=at,
        merchant_id=action.merchant_id,
        subject_kind="action",
        subject_id=action.pk,
        after={"status": action.status, "verb": action.verb, "ref": action.target.ref},
        reason=note,
    )
