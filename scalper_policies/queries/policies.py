"""Every read of policies, their versions and what they are about."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Membership, Merchant, Role
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import Listing, Order
from scalper_policies.lifecycle import ENDED, LIVE, RunStatus, VersionStatus
from scalper_policies.models import BacktestRun, Policy, PolicyVersion, Queue, Reach, Snooze, VersionMove

RECENT = ["-changed_at", "-id"]


def visible_to(actor: Actor) -> QuerySet[Policy]:
    """Return the policies of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return of_shops(Policy.objects.filter(is_baseline=False).select_related("merchant"), actor)


def versions_visible_to(actor: Actor) -> QuerySet[PolicyVersion]:
    """Return the versions of the actor's shops' policies."""
    tenancy.require_scope()
    return of_shops(PolicyVersion.objects.select_related("policy", "merchant"), actor)


def search(policies: QuerySet[Policy], text: str) -> QuerySet[Policy]:
    """Return the policies whose name holds the words."""
    text = text.strip()
    return policies.filter(name__icontains=text) if text else policies


def no_policies() -> QuerySet[Policy]:
    """Return no policy at all: tells the API's description what kind of thing it lists."""
    return Policy.objects.none()


def no_versions() -> QuerySet[PolicyVersion]:
    """Return no version at all, for the same purpose."""
    return PolicyVersion.objects.none()


def snoozes_visible_to(actor: Actor) -> QuerySet[Snooze]:
    """Return the rules left aside for single buyers in the actor's shops."""
    tenancy.require_scope()
    return of_shops(Snooze.objects.all(), actor)


def no_snoozes() -> QuerySet[Snooze]:
    """Return no snooze at all, for the same purpose."""
    return Snooze.objects.none()


def with_versions(policies: QuerySet[Policy]) -> QuerySet[Policy]:
    """Bring every policy's versions along, newest first."""
    newest_first = PolicyVersion.objects.order_by("-number")
    return policies.prefetch_related(Prefetch("versions", queryset=newest_first, to_attr="newest_first"))


def versions_of(policy: Policy) -> QuerySet[PolicyVersion]:
    """Return the versions of a policy, newest first."""
    return PolicyVersion.objects.filter(merchant_id=policy.merchant_id, policy_id=policy.pk).order_by("-number")


def live_of(policy: Policy) -> QuerySet[PolicyVersion]:
    """Return the versions of a policy that act or watch, oldest first."""
    return versions_of(policy).filter(status__in=LIVE).order_by("number")


def names_of(policy_ids: Collection[int], *, merchant_id: int) -> dict[int, str]:
    """Return a shop's policies by name; what stands for the baseline rules has none."""
    rows = Policy.objects.filter(merchant_id=merchant_id, pk__in=policy_ids)
    return dict(rows.values_list("pk", "name"))


def history_of(policy: Policy) -> QuerySet[VersionMove]:
    """Return what became of a policy's versions, newest first."""
    rows = VersionMove.objects.filter(merchant_id=policy.merchant_id, version__policy_id=policy.pk)
    return rows.select_related("version").order_by("-pk")


def lock(policy_id: int) -> Policy:
    """Return the policy, locked; a stranger's is not found."""
    policy = Policy.objects.select_for_update().filter(pk=policy_id).first()
    if policy is None:
        raise NotFound
    return policy


def lock_version(version_id: int) -> PolicyVersion:
    """Return the version, locked after its policy; a stranger's is not found."""
    version = PolicyVersion.objects.filter(pk=version_id).first()
    if version is None:
        raise NotFound
    policy = lock(version.policy_id)
    version = PolicyVersion.objects.select_for_update().get(pk=version_id)
    version.policy = policy
    return version


def draft_of(policy: Policy) -> PolicyVersion | None:
    """Return the policy's version that may still be changed, locked."""
    rows = versions_of(policy).filter(status=VersionStatus.DRAFT)
    return rows.select_for_update().first()


def enforcing_of(policy: Policy) -> PolicyVersion | None:
    """Return the policy's version that is in force, locked."""
    return versions_of(policy).filter(status=VersionStatus.ENFORCING).select_for_update().first()


def candidate_of(policy: Policy) -> PolicyVersion | None:
    """Return the policy's version that is being tried, in shadow or on some buyers, locked."""
    tried = [VersionStatus.SHADOW, VersionStatus.CANARY]
    return versions_of(policy).filter(status__in=tried).select_for_update().first()


def last_number(policy: Policy) -> int:
    """Return the highest version number of a policy."""
    return versions_of(policy).aggregate(last=Max("number"))["last"] or 0


def ended(now: datetime) -> list[int]:
    """Return the versions whose launch is over."""
    tenancy.require_scope()
    rows = PolicyVersion.objects.filter(status__in=[VersionStatus.APPROVED, *LIVE], ends_at__lte=now)
    return list(rows.order_by("ends_at", "pk").values_list("pk", flat=True)[:500])


def deciders(merchant_id: int) -> int:
    """Return how many owners a shop has, who approve each other's policies."""
    members = Membership.objects.filter(merchant_id=merchant_id, is_active=True, user__is_active=True)
    return members.filter(role=Role.OWNER).count()


def last_backtest(version: PolicyVersion) -> BacktestRun | None:
    """Return the newest finished backtest of a version as it now reads."""
    runs = BacktestRun.objects.filter(merchant_id=version.merchant_id, version_id=version.pk)
    return runs.filter(revision=version.revision, status=RunStatus.DONE).order_by("-pk").first()


def has_orders(merchant_id: int) -> bool:
    """Whether a shop has any order to try a policy on."""
    return Order.objects.filter(merchant_id=merchant_id, kind=Order.Kind.SALE).exists()


def known_skus(merchant_id: int, skus: Collection[str]) -> set[str]:
    """Return those of the codes that are listings of the shop."""
    rows = Listing.objects.filter(merchant_id=merchant_id, sku__in=list(skus)[:5_000])
    return set(rows.values_list("sku", flat=True))


def calendar(actor: Actor, *, since: datetime, until: datetime) -> QuerySet[PolicyVersion]:
    """Return the versions whose launch touches a span of time, drafts and ended ones too."""
    rows = versions_visible_to(actor).filter(starts_at__isnull=False, starts_at__lt=until)
    return rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=since)).exclude(status=VersionStatus.RETIRED)


def counts_by_status(actor: Actor) -> dict[str, int]:
    """Return how many versions stand where, leaving out the ended ones."""
    rows: Any = versions_visible_to(actor).exclude(status__in=ENDED).order_by()
    return dict(rows.values_list("status").annotate(count=Count("pk")))


def reach_of(version: PolicyVersion) -> QuerySet[Reach]:
    """Return the listings a live version is found by."""
    return Reach.objects.filter(merchant_id=version.merchant_id, version_id=version.pk)


def queue_of(policy: Policy) -> Queue | None:
    """Return how far a policy's queue reaches; nothing before the first order took a place."""
    return Queue.objects.filter(merchant_id=policy.merchant_id, policy_id=policy.pk).first()


def snoozes_of(policy: Policy) -> QuerySet[Snooze]:
    """Return the rules of a policy that are left aside for single buyers."""
    return Snooze.objects.filter(merchant_id=policy.merchant_id, policy_id=policy.pk).order_by("-pk")


def zone_of(merchant_id: int) -> str:
    """Return a shop's time zone."""
    return Merchant.objects.values_list("time_zone", flat=True).get(pk=merchant_id)


def of_shops(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """Narrow rows to the actor's shops; staff and the system see all."""
    if actor.is_staff or actor.is_system:
        return rows
    return rows.filter(merchant_id__in={*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])})
