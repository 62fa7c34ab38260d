"""Every read of warnings, clusters and outcomes."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Sum

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import ActionTarget
from merchant_protection.risk.lifecycle import (
    IN_FORCE,
    UNANSWERED,
    AppealStatus,
    BulkStatus,
    RestrictionStatus,
    WarningStatus,
)
from merchant_protection.risk.models import (
    Appeal,
    BulkAnswer,
    BuyerCluster,
    BuyerSignal,
    ClusterMember,
    Label,
    Outcome,
    Relief,
    Restriction,
    RestrictionMove,
    SignalDispute,
    Snooze,
    Violation,
    Warning,
    WarningLimits,
    WarningMove,
)

LEAST_SHOPS = 3  # from where on a count over shops may be shown at all
FADED = 0.5  # a weight below this is as good as forgotten
URGENT = ["rank", "-raised_at", "-id"]


def visible_to(actor: Actor) -> QuerySet[Warning]:
    """Return the warnings of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    warnings = Warning.objects.select_related("order", "buyer")
    return warnings if actor.is_staff or actor.is_system else warnings.filter(merchant_id__in=_shops(actor))


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


def bulk_visible_to(actor: Actor) -> QuerySet[BulkAnswer]:
    """Return the answers to many warnings of the actor's shops."""
    tenancy.require_scope()
    rows = BulkAnswer.objects.all()
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_shops(actor))


def bulk_due() -> QuerySet[BulkAnswer]:
    """Return the answers to many warnings that are still to be worked off."""
    tenancy.require_scope()
    return BulkAnswer.objects.filter(due_at__isnull=False, status=BulkStatus.RUNNING)


def lock_bulk(bulk_id: int) -> BulkAnswer:
    """Return an answer to many warnings, locked; a stranger's is not found."""
    found = BulkAnswer.objects.select_for_update().filter(pk=bulk_id).first()
    if found is None:
        raise NotFound
    return found


def clusters_visible_to(actor: Actor) -> QuerySet[BuyerCluster]:
    """Return the buyer clusters of the actor's shops."""
    tenancy.require_scope()
    clusters = BuyerCluster.objects.all()
    return clusters if actor.is_staff or actor.is_system else clusters.filter(merchant_id__in=_shops(actor))


def cluster_of(*, merchant_id: int, buyer_id: int) -> BuyerCluster | None:
    """Return the cluster a buyer belongs to in a shop, if any."""
    member = ClusterMember.objects.filter(merchant_id=merchant_id, buyer_id=buyer_id).select_related("cluster").first()
    return member.cluster if member else None


def cluster_among(*, merchant_id: int, buyer_ids: Collection[int]) -> BuyerCluster | None:
    """Return the oldest cluster that one of these buyers belongs to, if any."""
    of_buyers = ClusterMember.objects.filter(merchant_id=merchant_id, buyer_id__in=buyer_ids)
    return (
        BuyerCluster.objects.filter(merchant_id=merchant_id, pk__in=of_buyers.values("cluster")).order_by("pk").first()
    )


def members_of(cluster: BuyerCluster) -> dict[int, list[str]]:
    """Return the buyers of a cluster, each with the signals that tie it."""
    rows = ClusterMember.objects.filter(merchant_id=cluster.merchant_id, cluster_id=cluster.pk)
    return dict(rows.values_list("buyer_id", "signals"))


def restrictions_visible_to(actor: Actor) -> QuerySet[Restriction]:
    """Return the restrictions of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return _of_shops(Restriction.objects.select_related("buyer", "merchant"), actor)


def in_force(restrictions: QuerySet[Restriction]) -> QuerySet[Restriction]:
    """Return those of the restrictions that hold now."""
    return restrictions.filter(status__in=IN_FORCE)


def restriction_in_force(merchant_id: int, buyer_id: int) -> Restriction | None:
    """Return what a buyer is restricted in, in a shop, if anything; order decisions ask this too."""
    rows = Restriction.objects.filter(merchant_id=merchant_id, buyer_id=buyer_id, status__in=IN_FORCE)
    return rows.select_related("buyer").first()


def lock_restriction(restriction_id: int) -> Restriction:
    """Return a restriction, locked; a stranger's is not found."""
    found = Restriction.objects.select_for_update().filter(pk=restriction_id).first()
    if found is None:
        raise NotFound
    return found


def restrictions_over(now: datetime) -> QuerySet[Restriction]:
    """Return the restrictions whose time is over, or that nobody reviewed in time."""
    tenancy.require_scope()
    unreviewed = Q(status=RestrictionStatus.IN_REVIEW, review_due_at__lte=now)
    return Restriction.objects.filter(unreviewed | Q(status__in=IN_FORCE, ends_at__lte=now)).order_by("pk")


def restriction_history(restriction: Restriction) -> QuerySet[RestrictionMove]:
    """Return what became of a restriction, newest first."""
    rows = RestrictionMove.objects.filter(merchant_id=restriction.merchant_id, restriction_id=restriction.pk)
    return rows.order_by("-pk")


def appeals_visible_to(actor: Actor) -> QuerySet[Appeal]:
    """Return the mis-hit appeals of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return _of_shops(Appeal.objects.select_related("buyer", "merchant", "order", "restriction"), actor)


def lock_appeal(appeal_id: int) -> Appeal:
    """Return an appeal, locked; a stranger's is not found."""
    found = Appeal.objects.select_for_update().filter(pk=appeal_id).first()
    if found is None:
        raise NotFound
    return found


def appeal_of(merchant_id: int, reference: str) -> Appeal | None:
    """Return the appeal a shop or the platform numbered so."""
    return Appeal.objects.filter(merchant_id=merchant_id, reference=reference).first()


def releases_of(merchant_id: int, number: str) -> list[str]:
    """Return what must be asked of the platform so that an order that is held goes on its way."""
    held = ActionTarget.objects.filter(merchant_id=merchant_id, kind="ORDER", ref=number, desired="HELD")
    verbs = {"fulfilment": "release_order", "shipment": "release_shipment"}
    return sorted(verbs[aspect] for aspect in held.values_list("aspect", flat=True) if aspect in verbs)


def appeals_overdue(now: datetime) -> QuerySet[Appeal]:
    """Return the appeals nobody answered in time, of which the shop was not told yet."""
    tenancy.require_scope()
    return Appeal.objects.filter(status=AppealStatus.OPEN, due_at__lte=now, overdue_told_at=None).order_by("due_at")


def counted(key: str, kind: str) -> BuyerSignal | None:
    """Return what is counted of a buyer over shops, for the reviewer of a dispute."""
    return BuyerSignal.objects.filter(key=key, kind=kind).first()


def shown_signal(key: str) -> BuyerSignal | None:
    """Return a buyer's count over shops if it may be shown: enough shops, not faded, and not disputed."""
    disputed = SignalDispute.objects.filter(key=OuterRef("key"), kind=OuterRef("kind")).exclude(
        status=AppealStatus.DISMISSED
    )
    rows = BuyerSignal.objects.filter(key=key, shops__gte=LEAST_SHOPS, weight__gte=FADED)
    return rows.exclude(Exists(disputed)).first()


def shops_claimed_against(keys: Collection[str]) -> dict[str, int]:
    """Return in how many shops each of these buyers claimed lately, where that may be known."""
    disputed = SignalDispute.objects.filter(key=OuterRef("key"), kind=OuterRef("kind")).exclude(
        status=AppealStatus.DISMISSED
    )
    rows = BuyerSignal.objects.filter(key__in=keys, shops__gte=LEAST_SHOPS, weight__gte=FADED)
    return dict(rows.exclude(Exists(disputed)).values_list("key", "shops"))


def disputes_visible_to(actor: Actor) -> QuerySet[SignalDispute]:
    """Return the disputes of counts: to reviewers, and to the platform that opened them."""
    rows = SignalDispute.objects.all()
    return rows if actor.is_staff or actor.is_system else rows.none()


def lock_dispute(dispute_id: int) -> SignalDispute:
    """Return a dispute, locked."""
    found = SignalDispute.objects.select_for_update().filter(pk=dispute_id).first()
    if found is None:
        raise NotFound
    return found


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


def violations_visible_to(actor: Actor) -> QuerySet[Violation]:
    """Return the violations of the actor's shops; staff and the marketplace's programs see all."""
    tenancy.require_scope()
    return _of_shops(Violation.objects.prefetch_related("merchant", "reliefs"), actor)


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


def _of_shops[M: Model](rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_shops(actor))


def _shops(actor: Actor) -> set[int]:
    return {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
