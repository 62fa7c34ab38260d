"""Every read of warnings, clusters and outcomes."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.risk.lifecycle import UNANSWERED
from merchant_protection.risk.models import BuyerCluster, ClusterMember, Outcome, Warning, WarningMove


def visible_to(actor: Actor) -> QuerySet[Warning]:
    """Return the warnings of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    warnings = Warning.objects.select_related("order", "buyer")
    return warnings if actor.is_staff or actor.is_system else warnings.filter(merchant_id__in=_shops(actor))


def unanswered(merchant_id: int) -> QuerySet[Warning]:
    """Return a shop's warnings that wait for an answer, most urgent first by the caller's order."""
    return Warning.objects.filter(merchant_id=merchant_id, status__in=UNANSWERED)


def history_of(warning: Warning) -> QuerySet[WarningMove]:
    """Return what became of a warning, newest first."""
    return WarningMove.objects.filter(merchant_id=warning.merchant_id, warning_id=warning.pk).order_by("-pk")


def open_twin(*, merchant_id: int, kind: str, dedupe_key: str) -> Warning | None:
    """Return the unanswered warning of the same kind about the same thing, locked, if there is one."""
    same = unanswered(merchant_id).filter(kind=kind, dedupe_key=dedupe_key)
    return same.select_for_update().first()


def lock(warning_id: int) -> Warning:
    """Return the warning, locked; a stranger's is not found."""
    warning = Warning.objects.select_for_update().filter(pk=warning_id).first()
    if warning is None:
        raise NotFound
    return warning


def expired(now: datetime) -> QuerySet[Warning]:
    """Return the unanswered warnings whose clock has run out."""
    tenancy.require_scope()
    return Warning.objects.filter(status__in=UNANSWERED, expires_at__lte=now).order_by("expires_at", "pk")


def clusters_visible_to(actor: Actor) -> QuerySet[BuyerCluster]:
    """Return the buyer clusters of the actor's shops."""
    tenancy.require_scope()
    clusters = BuyerCluster.objects.all()
    return clusters if actor.is_staff or actor.is_system else clusters.filter(merchant_id__in=_shops(actor))


def cluster_of(*, merchant_id: int, buyer_id: int) -> BuyerCluster | None:
    """Return the cluster a buyer belongs to in a shop, if any."""
    member = ClusterMember.objects.filter(merchant_id=merchant_id, buyer_id=buyer_id).select_related("cluster").first()
    return member.cluster if member else None


def outcomes_visible_to(actor: Actor) -> QuerySet[Outcome]:
    """Return the outcomes of the actor's shops."""
    tenancy.require_scope()
    outcomes = Outcome.objects.all()
    return outcomes if actor.is_staff or actor.is_system else outcomes.filter(merchant_id__in=_shops(actor))


def totals_of(merchant_id: int, *, currency: str, since: datetime, until: datetime) -> dict[str, Decimal]:
    """Return what was exposed, prevented, recovered and lost in a shop between two moments, in one currency."""
    rows = Outcome.objects.filter(merchant_id=merchant_id, currency=currency, at__gte=since, at__lt=until)
    sums = rows.aggregate(**{name: Sum(name) for name in ("exposed", "prevented", "recovered", "lost")})
    return {name: value or Decimal(0) for name, value in sums.items()}


def counts_by_level(merchant_id: int) -> dict[str, int]:
    """Return how many warnings wait for an answer in a shop, by level."""
    rows: Any = unanswered(merchant_id).values_list("level").annotate(count=Count("pk"))
    return dict(rows)


def _shops(actor: Actor) -> set[int]:
    return {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
