"""Every read of versions that could not answer."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from merchant_protection.foundation import tenancy
from scalper_policies.models import PolicyVersion, VersionFailure

QUIET = timedelta(hours=1)  # a version that goes on failing is told of once in this time


def untold(now: datetime) -> QuerySet[PolicyVersion]:
    """Return the versions that failed and of which the shop was not told within the last hour."""
    tenancy.require_scope()
    mine = VersionFailure.objects.filter(merchant_id=OuterRef("merchant_id"), version_id=OuterRef("pk"))
    failed = PolicyVersion.objects.filter(Exists(mine.filter(told_at__isnull=True)))
    return failed.exclude(Exists(mine.filter(told_at__gt=now - QUIET))).order_by("pk")


def lock_untold_of(version: PolicyVersion) -> list[VersionFailure]:
    """Return what is still to be told of a version, locked; what another worker has in hand is left to it."""
    rows = VersionFailure.objects.filter(merchant_id=version.merchant_id, version_id=version.pk, told_at__isnull=True)
    return list(rows.select_for_update(skip_locked=True).order_by("pk"))


def number_since(policy_id: int, *, merchant_id: int, since: datetime) -> int:
    """Return how many orders the versions of a policy could not answer since a moment."""
    rows = VersionFailure.objects.filter(merchant_id=merchant_id, version__policy_id=policy_id, at__gte=since)
    return rows.count()
