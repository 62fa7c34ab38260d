"""What recognition looks at: counts over all shops, the words of other requests; asked in the platform's scope."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from claims import lifecycle
from claims.models import Claim, Phrase, Recognition, WordingMark
from claims.rules import recognition as rules
from claims.rules import wording_marks
from claims.rules.wording import Phrase as PhraseRule
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import AfterSale, Order, OrderStatusChange
from merchant_protection.risk.models import ClusterMember

WITHIN = timedelta(days=180)
LATELY = timedelta(days=14)
MOST_ALIKE = 30
OPEN = (AfterSale.Status.OPEN, AfterSale.Status.AGREED)


def settings() -> rules.Settings:
    """Return the thresholds and the phrases in use."""
    phrases = tuple(PhraseRule(row.text, row.points) for row in Phrase.objects.filter(is_active=True).order_by("pk"))
    return rules.Settings(phrases=phrases)


def requests(ids: Iterable[int]) -> list[AfterSale]:
    """Return the after-sale requests that were named and are still open."""
    tenancy.require_scope()
    rows = AfterSale.objects.filter(pk__in=list(ids), status__in=OPEN).select_related("order__buyer", "buyer")
    return list(rows.order_by("pk"))


def facts_of(request: AfterSale, *, at: datetime) -> rules.Facts:
    """Return an after-sale request as the rules see it, with what its buyer and cluster did in all shops."""
    buyer = request.buyer
    keys = [buyer.key] if buyer and buyer.key else []
    tied = _tied_keys(request)
    return rules.Facts(
        order=request.order_number,
        amount=request.amount,
        opened_at=request.opened_at,
        delivered_at=_delivered_at(request),
        text=f"{request.reason} {request.wording}".strip(),
        buyer=_counts(keys, but=request.pk, at=at) if keys else rules.Counts(),
        cluster=_counts(tied, but=request.pk, at=at) if len(tied) > 1 else None,
        seen_wordings=_seen_wordings(request),
    )


def recognition_of(request: AfterSale) -> Recognition | None:
    """Return what was recognised of a request before, locked."""
    known = Recognition.objects.select_for_update().filter(merchant_id=request.merchant_id, after_sale_id=request.pk)
    return known.first()


def pauses_over(now: datetime) -> QuerySet[Recognition]:
    """Return the requests whose paused refund should go on."""
    tenancy.require_scope()
    return Recognition.objects.filter(pause_ends_at__lte=now).order_by("pause_ends_at", "pk")


def lock(recognition_id: int) -> Recognition | None:
    """Return what was recognised, locked, unless somebody else is at it just now."""
    rows = Recognition.objects.select_for_update(of=("self",), skip_locked=True)
    return rows.select_related("after_sale", "pause").filter(pk=recognition_id).first()


def stands_before_desk(request: AfterSale) -> bool:
    """Say whether a complaint about a request is open at the desk."""
    about = Q(after_sale_id=request.pk) | Q(order_id=request.order_id, order_id__isnull=False)
    waiting = sorted(lifecycle.UNDECIDED | lifecycle.UNDER_APPEAL)
    return Claim.objects.filter(about, merchant_id=request.merchant_id, status__in=waiting).exists()


def _counts(keys: Collection[str], *, but: int, at: datetime) -> rules.Counts:
    since = at - WITHIN
    orders = Order.objects.filter(buyer__key__in=keys, placed_at__gte=since, kind=Order.Kind.SALE).count()
    sales = AfterSale.objects.filter(buyer__key__in=keys, opened_at__gte=since).aggregate(
        count=Count("pk"),
        refund_only=Count("pk", filter=Q(kind=AfterSale.Kind.REFUND_ONLY)),
        shops=Count("merchant_id", distinct=True, filter=Q(opened_at__gte=at - LATELY)),
    )
    return rules.Counts(
        orders=orders,
        after_sales=sales["count"],
        refund_only=sales["refund_only"],
        claims=sales["count"],
        shops_claimed_lately=sales["shops"],
    )


def _tied_keys(request: AfterSale) -> list[str]:
    mine = ClusterMember.objects.filter(merchant_id=request.merchant_id, buyer_id=request.buyer_id).values("cluster_id")
    tied = ClusterMember.objects.filter(merchant_id=request.merchant_id, cluster_id__in=mine)
    return sorted({key for key in tied.values_list("buyer__key", flat=True) if key})


def _delivered_at(request: AfterSale) -> datetime | None:
    if request.order_id is None:
        return None
    steps = OrderStatusChange.objects.filter(
        merchant_id=request.merchant_id, order_id=request.order_id, status=Order.Status.DELIVERED
    )
    return steps.order_by("-version").values_list("occurred_at", flat=True).first()


def _seen_wordings(request: AfterSale) -> tuple[rules.SeenWording, ...]:
    found: dict[int, int] = {}
    for place, mark in enumerate(wording_marks.marks(request.wording)):
        rows = WordingMark.objects.filter(mark=mark, place=place).exclude(after_sale_id=request.pk)
        for other in rows.order_by("-at").values_list("after_sale_id", flat=True)[:MOST_ALIKE]:
            found[other] = found.get(other, 0) + 1
    nearest = sorted(found, key=lambda other: -found[other])[:MOST_ALIKE]
    texts = AfterSale.objects.filter(pk__in=nearest).exclude(order_number=request.order_number)
    return tuple(rules.SeenWording(text, f"{pk}") for pk, text in texts.values_list("pk", "wording"))
