"""Every read of policies, their versions, windows and answers."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from pricing_guard.models import ApprovedWindow, Backtest, GuardPolicy, GuardShop, PolicyVersion, Suspension
from pricing_guard.queries.asking import SeenWindow
from pricing_guard.rules import facts
from pricing_guard.rules.findings import Check


def visible_to(actor: Actor) -> QuerySet[GuardPolicy]:
    """Return the policies of the actor's shops that are in use; staff and the system see all."""
    tenancy.require_scope()
    rows = GuardPolicy.objects.filter(is_retired=False)
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_mine(actor))


def windows_visible_to(actor: Actor) -> QuerySet[ApprovedWindow]:
    """Return the windows of meant prices of the actor's shops."""
    tenancy.require_scope()
    rows = ApprovedWindow.objects.all()
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_mine(actor))


def lock(policy_id: int) -> GuardPolicy:
    """Return a policy, locked; a stranger's is not found."""
    policy = GuardPolicy.objects.select_for_update().filter(pk=policy_id, is_retired=False).first()
    if policy is None:
        raise NotFound
    return policy


def lock_window(window_id: int) -> ApprovedWindow:
    """Return a window, locked; a stranger's is not found."""
    window = ApprovedWindow.objects.select_for_update().filter(pk=window_id).first()
    if window is None:
        raise NotFound
    return window


def versions_of(policy: GuardPolicy) -> QuerySet[PolicyVersion]:
    """Return the versions of a policy, newest first."""
    return PolicyVersion.objects.filter(merchant_id=policy.merchant_id, policy=policy).order_by("-number")


def version(policy: GuardPolicy, number: int) -> PolicyVersion:
    """Return one version of a policy."""
    found = versions_of(policy).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def live_version(policy: GuardPolicy) -> PolicyVersion | None:
    """Return the version that holds now, if one was published."""
    return versions_of(policy).filter(number=policy.live_number).first() if policy.live_number else None


def live_in(merchant_id: int) -> list[tuple[GuardPolicy, PolicyVersion]]:
    """Return every published policy of a shop with its live version, unless it is off."""
    rows = GuardPolicy.objects.filter(merchant_id=merchant_id, is_retired=False, live_number__isnull=False)
    policies = {one.pk: one for one in rows.exclude(mode=GuardPolicy.Mode.OFF)}
    wanted = Q()
    for policy in policies.values():
        wanted |= Q(policy_id=policy.pk, number=policy.live_number)
    if not policies:
        return []
    versions = PolicyVersion.objects.filter(wanted, merchant_id=merchant_id)
    return [(policies[row.policy_id], row) for row in versions.order_by("policy_id")]


def stamp_of(merchant_id: int) -> int:
    """Return the stamp of a shop: two looks under the same stamp see the same policies."""
    row = GuardShop.objects.filter(merchant_id=merchant_id).values_list("stamp", flat=True).first()
    return row or 0


def shop(merchant_id: int) -> GuardShop | None:
    """Return the guard's own settings of a shop, if any were made."""
    return GuardShop.objects.filter(merchant_id=merchant_id).first()


def open_windows(merchant_id: int, *, at: datetime) -> tuple[facts.Window, ...]:
    """Return the approved windows of a shop that have not ended, as the rules know them."""
    rows = ApprovedWindow.objects.filter(
        merchant_id=merchant_id, status=ApprovedWindow.Status.APPROVED, ends_at__gt=at
    ).order_by("pk")
    return tuple(window_in(row) for row in rows)


def window_in(row: ApprovedWindow | SeenWindow) -> facts.Window:
    """Return an approved window as the rules know it."""
    return facts.Window(
        reason=facts.Meaning(row.reason),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        skus=frozenset(row.skus),
        categories=frozenset(row.categories),
        lowest_price=row.lowest_price,
    )


def suspensions_of(
    merchant_id: int, listing_ids: Collection[int], *, at: datetime
) -> dict[int, tuple[facts.Suspension, ...]]:
    """Return for each listing the answers that still hold, as the rules know them."""
    rows = Suspension.objects.filter(merchant_id=merchant_id, listing_id__in=list(listing_ids), until__gt=at)
    found: dict[int, tuple[facts.Suspension, ...]] = {}
    for listing_id, sku, checks, until in rows.order_by("pk").values_list(
        "listing_id", "listing__sku", "checks", "until"
    ):
        quiet = facts.Suspension(sku, frozenset(Check(one) for one in checks), until)
        found[listing_id] = (*found.get(listing_id, ()), quiet)
    return found


def windows_of(merchant_id: int, *, at: datetime) -> QuerySet[ApprovedWindow]:
    """Return the windows of a shop that run or are to come, the next to end first."""
    return ApprovedWindow.objects.filter(merchant_id=merchant_id, ends_at__gt=at).order_by("ends_at", "pk")


def _mine(actor: Actor) -> list[int]:
    return [*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])]


def version_of(merchant_id: int, policy_id: int, number: int) -> PolicyVersion | None:
    """Return one version by its numbers, or None when it does not exist."""
    return PolicyVersion.objects.filter(merchant_id=merchant_id, policy_id=policy_id, number=number).first()


def has_backtest(policy: GuardPolicy, thresholds: dict[str, object]) -> bool:
    """Say whether a finished backtest tried exactly these values on the shop's past."""
    rows = Backtest.objects.filter(merchant_id=policy.merchant_id, status=Backtest.Status.DONE)
    return rows.filter(thresholds=thresholds).exists()
