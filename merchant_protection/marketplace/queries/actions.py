"""Every read of desired states and of the actions that carry them out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.lifecycle import SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import ActionEvent, ActionTarget, Platform, PlatformAction
from merchant_protection.marketplace.rules import wishes

RECENT = timedelta(hours=24)


def visible_to(actor: Actor) -> QuerySet[PlatformAction]:
    """Return the actions of the actor's shops; marketplace staff and the system see all."""
    tenancy.require_scope()
    return _of_shops(PlatformAction.objects.select_related("target", "merchant"), actor)


def waiting_count(actor: Actor, merchant_id: int) -> int:
    """Return how many of a shop's actions wait for a person, counted up to a hundred."""
    mine = visible_to(actor).filter(merchant_id=merchant_id, status=ActionStatus.NEEDS_REVIEW)
    return mine[:100].count()


def targets_visible_to(actor: Actor) -> QuerySet[ActionTarget]:
    """Return what is wanted of the platform for the actor's shops."""
    tenancy.require_scope()
    return _of_shops(ActionTarget.objects.select_related("merchant"), actor)


def no_actions() -> QuerySet[PlatformAction]:
    """Return no action at all: tells the API's description what kind of thing it lists."""
    return PlatformAction.objects.none()


def no_targets() -> QuerySet[ActionTarget]:
    """Return no target at all, for the same purpose."""
    return ActionTarget.objects.none()


def history_of(action: PlatformAction) -> QuerySet[ActionEvent]:
    """Return what happened to an action, oldest first."""
    return ActionEvent.objects.filter(merchant_id=action.merchant_id, action_id=action.pk).order_by("pk")


def merchant(merchant_id: int) -> Merchant:
    """Return the shop."""
    return Merchant.objects.get(pk=merchant_id)


def find(action_id: int) -> PlatformAction:
    """Return an action with its target; a stranger's is not found."""
    action = PlatformAction.objects.select_related("target").filter(pk=action_id).first()
    if action is None:
        raise NotFound
    return action


def lock_target(target_id: int) -> ActionTarget:
    """Return a target, locked: always before its actions, so that nobody waits in a circle."""
    return ActionTarget.objects.select_for_update().get(pk=target_id)


def lock(action_id: int) -> PlatformAction:
    """Return an action, locked after its target; a stranger's is not found."""
    target = lock_target(find(action_id).target_id)
    action = PlatformAction.objects.select_for_update().get(pk=action_id)
    action.target = target
    return action


def lock_claimed(action: PlatformAction) -> PlatformAction | None:
    """Return a claimed action, locked after its target, or None when it is no longer the claimant's."""
    fresh = lock(action.pk)
    is_mine = fresh.generation == action.generation and fresh.status in SENDING_ACTIONS
    return fresh if is_mine else None


def open_of(target: ActionTarget) -> list[PlatformAction]:
    """Return the actions of a target that are being sent or wait for a person, locked."""
    rows = PlatformAction.objects.select_for_update().filter(merchant_id=target.merchant_id, target_id=target.pk)
    return list(rows.filter(status__in=[*SENDING_ACTIONS, ActionStatus.NEEDS_REVIEW]).order_by("pk"))


def open_among(merchant_id: int, targets: Iterable[ActionTarget]) -> dict[int, list[PlatformAction]]:
    """Return the same for many targets of a shop, by target."""
    found: dict[int, list[PlatformAction]] = {target.pk: [] for target in targets}
    rows = PlatformAction.objects.select_for_update().filter(merchant_id=merchant_id, target_id__in=list(found))
    for row in rows.filter(status__in=[*SENDING_ACTIONS, ActionStatus.NEEDS_REVIEW]).order_by("pk"):
        found[row.target_id].append(row)
    return found


def latest_of(target: ActionTarget) -> PlatformAction | None:
    """Return the newest action of a target that was more than a shadow."""
    rows = PlatformAction.objects.filter(merchant_id=target.merchant_id, target_id=target.pk)
    return rows.exclude(status=ActionStatus.SHADOW).order_by("-desired_generation", "-pk").first()


def held_skus(merchant_id: int) -> set[str]:
    """Return the listings of a shop whose new orders are held now, or are about to be."""
    rows = ActionTarget.objects.filter(merchant_id=merchant_id, kind="SHOP", aspect="new_orders")
    return wishes.held_skus(rows.values_list("desired", flat=True).first())


def lock_held_skus(merchant_id: int) -> set[str]:
    """Return the same with the shop's target locked, so that nobody adds to them meanwhile."""
    rows = ActionTarget.objects.filter(merchant_id=merchant_id, kind="SHOP", aspect="new_orders")
    return wishes.held_skus(rows.select_for_update().values_list("desired", flat=True).first())


def shadow(merchant_id: int, key: str) -> PlatformAction | None:
    """Return the shadow action that was noted under a key."""
    return PlatformAction.objects.filter(merchant_id=merchant_id, idempotency_key=key).first()


def due(platform_id: int, *, verbs: Iterable[str] | None = None) -> QuerySet[PlatformAction]:
    """Return the actions that a platform should be asked for."""
    tenancy.require_scope()
    rows = PlatformAction.objects.filter(
        due_at__isnull=False, status__in=SENDING_ACTIONS, target__platform_id=platform_id
    )
    return rows if verbs is None else rows.filter(verb__in=list(verbs))


def platforms_with_due(now: datetime) -> list[Platform]:
    """Return the platforms that have something to be asked for now."""
    tenancy.require_scope()
    waiting = PlatformAction.objects.filter(due_at__lte=now).values("target__platform_id").distinct()
    return list(Platform.objects.filter(pk__in=waiting, is_active=True).order_by("pk"))


def latest_wanted(target: ActionTarget) -> PlatformAction | None:
    """Return the newest action of a target that was sent or is on its way."""
    rows = PlatformAction.objects.filter(merchant_id=target.merchant_id, target_id=target.pk)
    rows = rows.filter(status__in=[*SENDING_ACTIONS, ActionStatus.CONFIRMED])
    return rows.order_by("-desired_generation", "-pk").first()


def of_rule_since(merchant_id: int, *, feature: str, rule: str, since: datetime) -> list[tuple[int, int]]:
    """Return target and action for all that a rule brought about in a shop since a moment, newest first each."""
    rows = PlatformAction.objects.filter(merchant_id=merchant_id, feature=feature, rule=rule, decided_at__gte=since)
    lasting = [*SENDING_ACTIONS, ActionStatus.NEEDS_REVIEW, ActionStatus.CONFIRMED]
    rows = rows.filter(is_automatic=True, status__in=lasting).order_by("target_id", "-pk")
    return list(rows.values_list("target_id", "pk"))


def to_release(now: datetime) -> list[int]:
    """Return the targets whose hold has run out."""
    tenancy.require_scope()
    rows = ActionTarget.objects.filter(release_at__lte=now).order_by("release_at", "pk")
    return list(rows.values_list("pk", flat=True)[:500])


def waiting_too_long(now: datetime) -> list[int]:
    """Return the actions that wait for a person past the moment they expire."""
    tenancy.require_scope()
    rows = PlatformAction.objects.filter(status=ActionStatus.NEEDS_REVIEW, expires_at__lte=now)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:500])


def to_reconcile(platform_id: int, now: datetime, *, limit: int) -> list[ActionTarget]:
    """Return targets to be compared with the platform, locked, leaving out those somebody else holds."""
    rows = ActionTarget.objects.filter(platform_id=platform_id, reconcile_at__lte=now).order_by("reconcile_at", "pk")
    return list(rows.select_for_update(skip_locked=True)[:limit])


def _of_shops(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    if actor.is_staff or actor.is_system:
        return rows
    mine = {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
    return rows.filter(merchant_id__in=mine)
