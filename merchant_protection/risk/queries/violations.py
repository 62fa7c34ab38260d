"""Violations and their points."""

from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.risk.models import Relief, Violation
from merchant_protection.risk.queries.shops import of_shops


def violations_visible_to(actor: Actor) -> QuerySet[Violation]:
    """Return the violations of the actor's shops; staff and the marketplace's programs see all."""
    tenancy.require_scope()
    return of_shops(Violation.objects.prefetch_related("merchant", "reliefs"), actor)


def counting_at(violations: QuerySet[Violation], at: datetime) -> QuerySet[Violation]:
    """Return the violations whose points count at a moment: neither withdrawn nor over."""
    return violations.filter(Q(ends_at=None) | Q(ends_at__gt=at), withdrawn_at=None)


def points_of(merchant_id: int, *, at: datetime) -> int:
    """Return how many penalty points a shop has."""
    rows = counting_at(Violation.objects.filter(merchant_id=merchant_id), at)
    return int(rows.aggregate(points=Sum(F("points") - F("relieved")))["points"] or 0)


def kinds_with_points(merchant_id: int, *, at: datetime) -> list[str]:
    """Return the kinds of violations of which a shop has points left."""
    rows = counting_at(Violation.objects.filter(merchant_id=merchant_id, relieved__lt=F("points")), at)
    return list(rows.values_list("kind", flat=True).distinct().order_by("kind"))


def lock_points(merchant_id: int, *, kind: str, at: datetime) -> list[Violation]:
    """Return a shop's violations with points left, the oldest first, locked."""
    rows = counting_at(Violation.objects.filter(merchant_id=merchant_id, relieved__lt=F("points")), at)
    rows = rows.filter(kind=kind) if kind else rows
    return list(rows.order_by("happened_at", "pk").select_for_update())


def lock_violation(violation_id: int) -> Violation:
    """Return a violation, locked; a stranger's is not found."""
    found = Violation.objects.select_for_update().filter(pk=violation_id).first()
    if found is None:
        raise NotFound
    return found


def was_relieved_for(merchant_id: int, *, policy: str, subject: str) -> bool:
    """Whether a policy took points off for this already."""
    return Relief.objects.filter(merchant_id=merchant_id, policy=policy, subject=subject).exists()


def points_relieved_by(merchant_id: int, *, policy: str, since: datetime) -> int:
    """Return how many points a policy took off a shop since a moment."""
    rows = Relief.objects.filter(merchant_id=merchant_id, policy=policy, at__gt=since)
    return int(rows.aggregate(points=Sum("points"))["points"] or 0)
