"""What is known about an order that a complaint is filed about."""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from claims import lifecycle
from claims.models import Claim, JoinedOrder
from claims.rules.kinds import Basis
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import AfterSale, Order
from merchant_protection.marketplace.queries import orders
from merchant_protection.risk.models import Warning

SUSPICIOUS_FOR = timedelta(days=90)


def moments_of(claim: Claim) -> dict[Basis, datetime]:
    """Return what is known to have happened to the order of a complaint, and when.

    What the merchant does not date is taken to have happened by the time it was written down.
    """
    found = {Basis.HAPPENED: claim.happened_at or claim.created_at}
    if claim.order is not None:
        found |= _of_order(claim.order)
    after_sale = claim.after_sale or (latest_after_sale(claim.order) if claim.order else None)
    if after_sale is not None:
        found[Basis.AFTER_SALE_OPENED] = after_sale.opened_at
        if after_sale.status == AfterSale.Status.REFUNDED:
            found.setdefault(Basis.REFUNDED, after_sale.updated_at)
    return found


def latest_after_sale(order: Order) -> AfterSale | None:
    """Return the after-sale that was opened last about an order."""
    return AfterSale.objects.filter(merchant_id=order.merchant_id, order_id=order.pk).order_by("-opened_at").first()


def draft_about(order_id: int) -> Claim | None:
    """Return the draft about an order that was begun last, to go on with."""
    return Claim.objects.filter(order_id=order_id, status=lifecycle.DRAFT).order_by("-pk").first()


def from_warning(warning_id: int) -> Claim | None:
    """Return the complaint that was begun from a warning."""
    return Claim.objects.filter(warning_id=warning_id).exclude(status=lifecycle.WITHDRAWN).order_by("-pk").first()


def kinds_standing(order_id: int) -> set[str]:
    """Return the kinds of the complaints that stand about an order."""
    standing = Claim.objects.filter(order_id=order_id).exclude(status__in=[lifecycle.WITHDRAWN, lifecycle.EXPIRED])
    return set(standing.values_list("kind_code", flat=True))


def suspicious(shop_orders: QuerySet[Order], *, now: datetime) -> QuerySet[Order]:
    """Return the orders of the last 90 days that somebody warned of or wants money back for, worst first."""
    tenancy.require_scope()
    open_warning = Warning.objects.filter(order_id=OuterRef("pk"), status__in=["OPEN", "ACKNOWLEDGED"])
    open_case = AfterSale.objects.filter(order_id=OuterRef("pk"), status__in=["OPEN", "AGREED", "RETURNED"])
    recent = shop_orders.filter(placed_at__gte=now - SUSPICIOUS_FOR)
    marked = recent.annotate(has_warning=Exists(open_warning), has_after_sale=Exists(open_case))
    return marked.filter(Q(has_warning=True) | Q(has_after_sale=True)).order_by("-has_warning", "-placed_at", "-id")


def counts_of_buyer(claim: Claim) -> dict[str, int]:
    """Return how often this shop complained about the same buyer, and how many of those were upheld."""
    if claim.buyer_id is None:
        return {"others": 0, "upheld": 0}
    others = Claim.objects.filter(merchant_id=claim.merchant_id, buyer_id=claim.buyer_id).exclude(pk=claim.pk)
    won = Q(status__in=[lifecycle.UPHELD, lifecycle.PARTLY_UPHELD])
    return others.aggregate(others=Count("pk"), upheld=Count("pk", filter=won))


def orders_of_buyer(claim: Claim) -> QuerySet[Order]:
    """Return the other orders that the buyer of a complaint placed in the same shop, newest first."""
    if claim.buyer_id is None:
        return Order.objects.none()
    same = Order.objects.filter(merchant_id=claim.merchant_id, buyer_id=claim.buyer_id).exclude(pk=claim.order_id)
    return same.order_by("-placed_at", "-pk")


def joined_to(claim: Claim) -> QuerySet[JoinedOrder]:
    """Return the further orders that a complaint tells of, in the order they were placed."""
    mine = JoinedOrder.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk)
    return mine.select_related("order").order_by("order__placed_at", "order_id")


def _of_order(order: Order) -> dict[Basis, datetime]:
    found = {Basis.ORDER_PLACED: order.placed_at}
    if order.shipped_at:
        found[Basis.SHIPPED] = order.shipped_at
    for step in orders.history_of(order).order_by("version"):
        basis = {"DELIVERED": Basis.DELIVERED, "REFUNDED": Basis.REFUNDED, "SHIPPED": Basis.SHIPPED}.get(step.status)
        if basis is not None:
            found.setdefault(basis, step.occurred_at)
    return found
