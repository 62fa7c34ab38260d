"""Every read of the platform's baseline rules."""

from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from scalper_policies.lifecycle import BASELINE_LIVE, BaselineStatus, RunStatus
from scalper_policies.models import BaselineMove, BaselineTrial, BaselineVersion, OrderDecision, Policy

RECENT = ["-number"]
MONTH = timedelta(days=30)


def visible_to(actor: Actor) -> QuerySet[BaselineVersion]:
    """Return the versions: staff and the system see all, a shop those that watch, act or acted on its orders."""
    if actor.is_staff or actor.is_system:
        return BaselineVersion.objects.all()
    return BaselineVersion.objects.filter(watched_since__isnull=False)


def no_versions() -> QuerySet[BaselineVersion]:
    """Return no version at all: tells the API's description what kind of thing it lists."""
    return BaselineVersion.objects.none()


def in_force() -> BaselineVersion | None:
    """Return the version that acts in every shop."""
    return BaselineVersion.objects.filter(status=BaselineStatus.ENFORCING).first()


def live() -> QuerySet[BaselineVersion]:
    """Return the version that acts in every shop, and the one that watches."""
    return BaselineVersion.objects.filter(status__in=BASELINE_LIVE).order_by("number")


def before(version: BaselineVersion) -> BaselineVersion | None:
    """Return the version that acted last before this one, which is what it would change."""
    acted = BaselineVersion.objects.filter(acts_since__isnull=False, number__lt=version.number)
    return acted.order_by("-number").first()


def lock(version_id: int) -> BaselineVersion:
    """Return a version, locked together with the ones it may replace."""
    every = {each.pk: each for each in BaselineVersion.objects.select_for_update().order_by("pk")}
    if version_id not in every:
        raise NotFound
    return every[version_id]


def draft() -> BaselineVersion | None:
    """Return the version that may still be changed, or that waits for a second person, locked."""
    open_ones = BaselineVersion.objects.filter(status__in=[BaselineStatus.DRAFT, BaselineStatus.SUBMITTED])
    return open_ones.select_for_update().order_by("-number").first()


def last_number() -> int:
    """Return the highest number of a version."""
    return BaselineVersion.objects.aggregate(last=Max("number"))["last"] or 0


def history_of(version: BaselineVersion) -> QuerySet[BaselineMove]:
    """Return what became of a version, newest first."""
    return BaselineMove.objects.filter(version=version).order_by("-pk")


def last_trial(version: BaselineVersion, *, is_done: bool = True) -> BaselineTrial | None:
    """Return the newest trial of a version as it now reads; the newest finished one unless told otherwise."""
    trials = BaselineTrial.objects.filter(version=version, revision=version.revision)
    return (trials.filter(status=RunStatus.DONE) if is_done else trials).order_by("-pk").first()


def trials_visible_to(actor: Actor) -> QuerySet[BaselineTrial]:
    """Return the trials, which only staff see: they tell of every shop."""
    return BaselineTrial.objects.select_related("version") if actor.is_staff else BaselineTrial.objects.none()


def due_trials() -> QuerySet[BaselineTrial]:
    """Return the trials that wait, or whose worker went away."""
    return BaselineTrial.objects.filter(due_at__isnull=False)


def next_shops(after: int, *, most: int) -> list[tuple[int, str]]:
    """Return the next shops a trial looks at, by id."""
    tenancy.require_scope()
    shops = Merchant.objects.filter(is_active=True, pk__gt=after).order_by("pk")
    return list(shops.values_list("pk", "code")[:most])


def holder_of(merchant_id: int) -> Policy | None:
    """Return the policy that stands for the baseline rules in a shop, where any order was looked at by them."""
    return Policy.objects.filter(merchant_id=merchant_id, is_baseline=True).first()


def figures_of(merchant_id: int, *, policy_id: int, since: datetime) -> dict[str, int]:
    """Return how many of a shop's orders the baseline rules saw lately, and how many of those were stopped."""
    seen = OrderDecision.objects.filter(merchant_id=merchant_id, policies__contains=[policy_id], decided_at__gte=since)
    return seen.aggregate(seen=Count("pk"), stopped=Count("pk", filter=Q(verdict__in=["HOLD", "REVIEW", "REJECT"])))
