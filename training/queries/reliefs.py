"""Every read of what completing a course takes off."""

from collections.abc import Iterable

from django.db.models import QuerySet

from merchant_protection.foundation.errors import NotFound
from training.models import ReliefPolicy

PREFIX = "training"  # of the policy's name in the ledger of points


def policies() -> QuerySet[ReliefPolicy]:
    """Return the policies of relief; everybody may know them."""
    return ReliefPolicy.objects.select_related("course")


def of_course(course_id: int) -> QuerySet[ReliefPolicy]:
    """Return what completing a course takes off now."""
    return policies().filter(course_id=course_id, is_active=True).order_by("pk")


def for_kinds(kinds: Iterable[str]) -> QuerySet[ReliefPolicy]:
    """Return what takes off points of these kinds of violations now."""
    rows = policies().filter(is_active=True, course__published__isnull=False, kind__in=["", *kinds])
    return rows.order_by("-points", "pk")


def lock(policy_id: int) -> ReliefPolicy:
    """Return a policy of relief, locked."""
    rows = ReliefPolicy.objects.select_for_update(of=("self",)).select_related("course")
    found = rows.filter(pk=policy_id).first()
    if found is None:
        raise NotFound
    return found
