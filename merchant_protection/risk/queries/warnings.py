"""Warnings, what was answered, and what keeps them quiet."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import ActionTarget
from merchant_protection.risk.lifecycle import UNANSWERED, WarningStatus
from merchant_protection.risk.models import Label, Snooze, Warning, WarningLimits, WarningMove
from merchant_protection.risk.queries.shops import shops

URGENT = ["rank", "-raised_at", "-id"]


def visible_to(actor: Actor) -> QuerySet[Warning]:
    """Return the warnings of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    warnings = Warning.objects.select_related("order", "buyer")
    return warnings if actor.is_staff or actor.is_system else warnings.filter(merchant_id__in=shops(actor))


def in_view(warnings: QuerySet[Warning], view: str) -> QuerySet[Warning]:
    """Return the warnings of a view of the list: "open", "high", "acknowledged" or all of them."""
    if view == "open":
        return warnings.filter(status=WarningStatus.OPEN)
    if view == "high":
        return warnings.filter(status__in=UNANSWERED, level=Warning.Level.HIGH)
    if view == "acknowledged":
        return warnings.filter(status=WarningStatus.ACKNOWLEDGED)
    return warnings


def search(warnings: QuerySet[Warning], text: str) -> QuerySet[Warning]:
    """Return the warnings that a word means: the order's number, whole or begun, or the buyer's reference."""
    if not text:
        return warnings
    return warnings.filter(Q(order__number__istartswith=text) | Q(buyer__ref__iexact=text))


def unanswered(merchant_id: int) -> QuerySet[Warning]:
    """Return a shop's warnings that wait for an answer, most urgent first by the caller's order."""
    return Warning.objects.filter(merchant_id=merchant_id, status__in=UNANSWERED)


def open_count(actor: Actor, merchant_id: int) -> int:
    """Return how many warnings of a shop nobody has looked at, counted up to a hundred."""
    return unanswered(merchant_id).filter(status=WarningStatus.OPEN)[:100].count()


def history_of(warning: Warning) -> QuerySet[WarningMove]:
    """Return what became of a warning, newest first."""
    return WarningMove.objects.filter(merchant_id=warning.merchant_id, warning_id=warning.pk).order_by("-pk")


def open_twin(*, merchant_id: int, kind: str, dedupe_key: str) -> Warning | None:
    """Return the unanswered warning of the same kind about the same thing, locked, if there is one."""
    same = unanswered(merchant_id).filter(kind=kind, dedupe_key=dedupe_key)
    return same.select_for_update().first()


def lock_unanswered_about(*, merchant_id: int, source: str, dedupe_keys: Collection[str]) -> list[Warning]:
    """Return the unanswered warnings of a feature about these things, locked."""
    about = unanswered(merchant_id).filter(source=source, dedupe_key__in=dedupe_keys)
    return list(about.order_by("pk").select_for_update())


def lock(warning_id: int) -> Warning:
    """Return the warning, locked; a stranger's is not found."""
    warning = Warning.objects.select_for_update().filter(pk=warning_id).first()
    if warning is None:
        raise NotFound
    return warning


def find(warning_id: int) -> Warning:
    """Return the warning; a stranger's is not found."""
    warning = Warning.objects.filter(pk=warning_id).first()
    if warning is None:
        raise NotFound
    return warning


def was_moved_since(warning_id: int, name: str, *, merchant_id: int, since: datetime) -> bool:
    """Whether a warning has made this move since a moment."""
    return WarningMove.objects.filter(merchant_id=merchant_id, warning_id=warning_id, move=name, at__gte=since).exists()


def is_shipment_held(warning: Warning) -> bool:
    """Whether the platform was asked to keep the warned order from being shipped."""
    if warning.order is None:
        return False
    target = ActionTarget.objects.filter(
        merchant_id=warning.merchant_id, kind="ORDER", ref=warning.order.number, aspect="shipment"
    )
    return target.filter(desired="HELD").exists()


def expired(now: datetime) -> QuerySet[Warning]:
    """Return the unanswered warnings whose clock has run out."""
    tenancy.require_scope()
    return Warning.objects.filter(status__in=UNANSWERED, expires_at__lte=now).order_by("expires_at", "pk")


def limits_of(merchant_id: int) -> WarningLimits | None:
    """Return from where on each kind warns in a shop, if it set anything itself."""
    return WarningLimits.objects.filter(merchant_id=merchant_id).first()


def lock_limits(merchant_id: int) -> WarningLimits | None:
    """Return the same, locked."""
    return WarningLimits.objects.select_for_update().filter(merchant_id=merchant_id).first()


def snoozed(merchant_id: int, *, buyer_ids: Collection[int], at: datetime) -> set[tuple[int, str]]:
    """Return which kinds say nothing about which buyers at a moment."""
    rows = Snooze.objects.filter(merchant_id=merchant_id, buyer_id__in=buyer_ids, until__gt=at)
    return set(rows.values_list("buyer_id", "kind"))


def snoozes_of(merchant_id: int, buyer_id: int, *, at: datetime) -> QuerySet[Snooze]:
    """Return the snoozes of a buyer that hold at a moment."""
    return Snooze.objects.filter(merchant_id=merchant_id, buyer_id=buyer_id, until__gt=at).order_by("until")


def labels_of(merchant_id: int, *, order_ids: Collection[int]) -> dict[int, str]:
    """Return what people found these orders to be, the newest label of each."""
    rows = Label.objects.filter(merchant_id=merchant_id, order_id__in=order_ids).order_by("order_id", "-pk")
    return dict(rows.distinct("order_id").values_list("order_id", "value"))


def counts_by_level(merchant_id: int) -> dict[str, int]:
    """Return how many warnings wait for an answer in a shop, by level."""
    rows: Any = unanswered(merchant_id).values_list("level").annotate(count=Count("pk"))
    return dict(rows)
