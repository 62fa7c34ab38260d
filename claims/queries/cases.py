"""What stands around a case: its timeline, what the buyer did in all shops as numbers, and cases like it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from claims import lifecycle
from claims.models import Claim, InternalNote, Recognition, Viewer
from claims.queries import claims as queries
from claims.queries import evidence
from claims.rules import wording
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import AfterSale, Order
from merchant_protection.risk.models import ClusterMember, Warning

LOOKING = timedelta(seconds=75)
LATELY = timedelta(days=180)
AT_MOST = 8
ALIKE = 0.5


@dataclass(frozen=True)
class BuyerFigures:
    """What a buyer did in all shops together; never which shops."""

    orders: int
    spent: Decimal
    after_sales: int
    refund_only: int
    complaints: int
    upheld: int
    shops: int
    cluster_size: int


@dataclass(frozen=True)
class Event:
    """One line of a case's timeline."""

    at: datetime
    what: str
    row: Any
    files: Sequence[Mapping[str, Any]] = ()


def buyer_figures(claim: Claim, *, now: datetime, untold: QuerySet[Claim]) -> BuyerFigures | None:
    """Return what the buyer did in all shops in half a year, as numbers only; asked in the platform's scope.

    What was decided about `untold` cases does not show in them.
    """
    if not claim.buyer_key:
        return None
    since = now - LATELY
    orders = Order.objects.filter(buyer__key=claim.buyer_key, placed_at__gte=since).aggregate(
        count=Count("pk"), spent=Sum("total"), shops=Count("merchant_id", distinct=True)
    )
    sales = AfterSale.objects.filter(buyer__key=claim.buyer_key, opened_at__gte=since).aggregate(
        count=Count("pk"), refund_only=Count("pk", filter=Q(kind=AfterSale.Kind.REFUND_ONLY))
    )
    named = Claim.objects.filter(buyer_key=claim.buyer_key, submitted_at__gte=since).aggregate(
        count=Count("pk"),
        upheld=Count(
            "pk",
            filter=Q(status__in=[lifecycle.UPHELD, lifecycle.PARTLY_UPHELD])
            & ~Q(pk__in=untold.order_by().values("pk")),
        ),
    )
    member = ClusterMember.objects.filter(merchant_id=claim.merchant_id, buyer_id=claim.buyer_id)
    cluster = member.select_related("cluster").first()
    return BuyerFigures(
        orders=orders["count"],
        spent=orders["spent"] or Decimal(0),
        after_sales=sales["count"],
        refund_only=sales["refund_only"],
        complaints=named["count"],
        upheld=named["upheld"],
        shops=orders["shops"],
        cluster_size=cluster.cluster.size if cluster else 0,
    )


def similar(claim: Claim) -> list[tuple[Claim, list[str]]]:
    """Return cases about the same buyer or cluster, or in the same words, with why each is alike; at most eight."""
    found: dict[int, tuple[Claim, list[str]]] = {}
    for other, why in _alike(claim):
        found.setdefault(other.pk, (other, []))[1].append(why)
    return sorted(found.values(), key=lambda pair: (-len(pair[1]), -pair[0].pk))[:AT_MOST]


def _alike(claim: Claim) -> Iterator[tuple[Claim, str]]:
    others = Claim.objects.exclude(pk=claim.pk).exclude(status=lifecycle.DRAFT).select_related("kind")
    if claim.buyer_key:
        yield from ((other, "BUYER") for other in others.filter(buyer_key=claim.buyer_key).order_by("-pk")[:AT_MOST])
    cluster = ClusterMember.objects.filter(merchant_id=claim.merchant_id, buyer_id=claim.buyer_id).values("cluster_id")
    tied = ClusterMember.objects.filter(cluster_id__in=cluster).values("buyer_id")
    if claim.buyer_id:
        same_shop = others.filter(merchant_id=claim.merchant_id, buyer_id__in=tied).exclude(buyer_id=claim.buyer_id)
        yield from ((other, "CLUSTER") for other in same_shop.order_by("-pk")[:AT_MOST])
    pictured = evidence.claims_with_same_picture(claim)
    yield from ((other, "PICTURE") for other in others.filter(pk__in=pictured).order_by("-pk")[:AT_MOST])
    recent = others.filter(merchant_id=claim.merchant_id, kind_code=claim.kind_code).order_by("-created_at", "-pk")
    for other in recent[:50]:
        if wording.similarity(other.story, claim.story) >= ALIKE:
            yield other, "WORDING"


def timeline(claim: Claim, attached: Mapping[int, Sequence[Mapping[str, Any]]]) -> list[Event]:
    """Return all that happened to a case, newest first: moves, messages with their files, decisions, appeals, notes."""
    events = [Event(move.at, "move", move) for move in queries.history_of(claim)]
    events += [
        Event(message.at, "message", message, attached.get(message.pk, ())) for message in queries.messages_of(claim)
    ]
    events += [Event(decision.at, "decision", decision) for decision in queries.decisions_of(claim)]
    events += [Event(appeal.filed_at, "appeal", appeal) for appeal in queries.appeals_of(claim)]
    events += [Event(note.at, "note", note) for note in notes_of(claim)]
    return sorted(events, key=lambda event: (event.at, event.row.pk), reverse=True)


def notes_of(claim: Claim) -> QuerySet[InternalNote]:
    """Return what colleagues left on a case, newest first."""
    return InternalNote.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk).order_by("-pk")


def recognition_of(claim: Claim) -> Recognition | None:
    """Return what the system had recognised of the after-sale request behind a case."""
    about = Recognition.objects.filter(merchant_id=claim.merchant_id)
    if claim.after_sale_id:
        return about.filter(after_sale_id=claim.after_sale_id).first()
    if claim.order_id is None:
        return None
    return about.filter(after_sale__order_id=claim.order_id).order_by("-points").first()


def warnings_of(claim: Claim) -> QuerySet[Warning]:
    """Return the newest warnings about the order of a case."""
    about = Warning.objects.filter(merchant_id=claim.merchant_id, order_id=claim.order_id, order_id__isnull=False)
    return about.order_by("-raised_at")[:AT_MOST]


def viewers_of(claim: Claim, *, now: datetime, but: int | None) -> list[str]:
    """Return who else has a case open on the screen."""
    tenancy.require_scope()
    others = Viewer.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk, seen_at__gt=now - LOOKING)
    return [str(viewer.user) for viewer in others.exclude(user_id=but).select_related("user")]
