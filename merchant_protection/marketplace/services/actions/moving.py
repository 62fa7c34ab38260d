"""The steps that all commands on actions share: a move with its line of history, and its shop being told."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import waking
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.masking import masked
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.lifecycle import ACTION_MOVES, SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import ActionEvent, ActionTarget, PlatformAction
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.services import changes as owed
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import telling, webhooks

HOUR = timedelta(hours=1)
TOLD_OUTSIDE = {
    ActionStatus.NEEDS_REVIEW: "action.waiting",
    ActionStatus.CONFIRMED: "action.confirmed",
    ActionStatus.FAILED: "action.failed",
}


@transaction_required
def note(
    action: PlatformAction, move: str, *, actor: Actor, at: datetime, before: str = "", text: str = ""
) -> ActionEvent:
    """Write one line of an action's history; the shop's own systems hear of what matters to them."""
    publish(action, at=at)
    return ActionEvent.objects.create(**line(action, move, actor=actor, at=at, before=before, text=text))


def line(
    action: PlatformAction, move: str, *, actor: Actor, at: datetime, before: str = "", text: str = ""
) -> dict[str, Any]:
    """Return a line of history to be written, alone or with many others."""
    return {
        "merchant_id": action.merchant_id,
        "action": action,
        "at": at,
        "move": move,
        "from_status": before,
        "to_status": action.status,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name[:200],
        "note": text[:300],
    }


@transaction_required
def move(
    action: PlatformAction, name: str, *, actor: Actor, at: datetime, text: str = "", **changes: Any
) -> PlatformAction:
    """Move a locked action along its life cycle and write down that it moved.

    Its generation rises, so that a drain that still holds it can no longer write to it.
    """
    before = action.status
    action.status = target_of(ACTION_MOVES, name, before)
    changes = {"due_at": None, "generation": action.generation + 1} | changes
    if action.status not in SENDING_ACTIONS and action.status != ActionStatus.NEEDS_REVIEW:
        changes.setdefault("finished_at", at)
    for field, value in changes.items():
        setattr(action, field, value)
    action.save(update_fields=["status", *changes])
    note(action, name, actor=actor, at=at, before=before, text=text)
    if action.status not in SENDING_ACTIONS:
        _owe(action, at=at)
    return action


@transaction_required
def publish(action: PlatformAction, *, at: datetime) -> None:
    """Promise the shop's own systems the news that an action waits for a person, was done, or failed."""
    kind = TOLD_OUTSIDE.get(action.status)
    if kind is None:
        return
    ref = action.target.ref
    webhooks.promise(
        merchant_id=action.merchant_id,
        kind=kind,
        at=at,
        subject_id=action.pk,
        params={
            "verb": action.verb,
            "target_kind": action.target.kind,
            "target": masked(ref) if action.target.kind == ActionTarget.Kind.BUYER else ref,
            "value": action.value,
            "feature": action.feature,
            "status": action.status,
        },
        dedupe_key=f"{action.pk}-{action.generation}",
    )


@transaction_required
def tell(action: PlatformAction, kind: str, *, at: datetime, urgency: str = Notice.Urgency.NORMAL) -> None:
    """Tell the shop about an action, once for each kind, cause and rule.

    That a rule was paused because it used its budget up is told already, and covers what it holds back in that hour.
    """
    if action.review_reason == PlatformAction.Review.PAUSE and guards.has_just_paused(
        action.merchant_id, feature=action.feature, rule=action.rule, since=at - HOUR
    ):
        return
    about = action.cause or f"action-{action.pk}"
    telling.queue(
        merchant_id=action.merchant_id,
        kind=kind,
        at=at,
        params={
            "verb": action.verb,
            "ref": action.target.ref,
            "feature": action.feature,
            "rule": action.rule,
            "reason": action.review_reason,
        },
        path=f"/m/actions/{action.pk}/",
        subject_id=action.pk,
        urgency=urgency,
        dedupe_key=f"{action.rule}|{about}|{action.review_reason}"[:160],
    )


@transaction_required
def _owe(action: PlatformAction, *, at: datetime) -> None:
    """Promise the feature that asked a look at what became of it, where it waits for this kind of action."""
    kind = f"{action.verb}.ended"
    if kind not in settings.CHANGE_CONSUMERS.get(action.feature, ()):
        return
    owed.look_again(
        action.feature,
        merchant_id=action.merchant_id,
        kind=kind,
        subject_id=action.pk,
        version=action.generation,
        due_at=at,
        at=at,
    )
    waking.wake()
