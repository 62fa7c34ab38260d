"""Every read of orders, buyers and after-sales for people and programs."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import AfterSale, Buyer, Order, OrderLine, OrderStatusChange

RECENT = ["-placed_at", "-id"]


def visible_to(actor: Actor) -> QuerySet[Order]:
    """Return the orders of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return _of_shops(Order.objects.select_related("buyer"), actor)


def buyers_visible_to(actor: Actor) -> QuerySet[Buyer]:
    """Return the buyers of the actor's shops."""
    tenancy.require_scope()
    return _of_shops(Buyer.objects.all(), actor)


def after_sales_visible_to(actor: Actor) -> QuerySet[AfterSale]:
    """Return the after-sales of the actor's shops."""
    tenancy.require_scope()
    return _of_shops(AfterSale.objects.select_related("order", "buyer"), actor)


def lines_of(order: Order) -> QuerySet[OrderLine]:
    """Return the lines of an order, in their order."""
    return (
        OrderLine.objects.filter(merchant_id=order.merchant_id, order_id=order.pk)
        .select_related("listing")
        .order_by("ordinal")
    )


def history_of(order: Order) -> QuerySet[OrderStatusChange]:
    """Return the steps of an order as the platform told them, newest first."""
    return OrderStatusChange.objects.filter(merchant_id=order.merchant_id, order_id=order.pk).order_by("-version")


def search(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Return the orders that a word means: an order number, a buyer's reference, or a SKU, each whole or begun."""
    text = text.strip()
    if not text:
        return orders
    by_buyer = Q(buyer__ref__iexact=text) | Q(buyer__ref__startswith=text)
    by_sku = Q(skus__contains=[text]) | Q(skus__contains=[text.upper()])
    return orders.filter(Q(number__istartswith=text) | by_buyer | by_sku)


def with_open_after_sale(orders: QuerySet[Order], merchant_id: int) -> QuerySet[Order]:
    """Return the orders of a shop whose buyers wait for an answer about a return or a refund."""
    waiting = AfterSale.objects.filter(merchant_id=merchant_id, status=AfterSale.Status.OPEN, order__isnull=False)
    return orders.filter(pk__in=waiting.values("order_id"))


def by_day(orders: QuerySet[Order], *, since: datetime, zone: tzinfo) -> list[Mapping[str, object]]:
    """Return orders and money per day since a moment, in the shop's zone."""
    return list(
        orders.filter(placed_at__gte=since, kind=Order.Kind.SALE)
        .annotate(day=TruncDate("placed_at", tzinfo=zone))
        .values("day")
        .annotate(orders=Count("pk"), total=Sum("total"))
        .order_by("day")
    )


def totals(orders: QuerySet[Order], *, since: datetime, until: datetime) -> dict[str, Any]:
    """Return how many orders and how much money came between two moments."""
    window = orders.filter(placed_at__gt=since, placed_at__lte=until, kind=Order.Kind.SALE)
    return window.aggregate(orders=Count("pk"), total=Sum("total"), buyers=Count("buyer", distinct=True))


def newest_at(merchant_id: int) -> datetime | None:
    """Return when the shop's newest order was placed."""
    return (
        Order.objects.filter(merchant_id=merchant_id).order_by("-placed_at").values_list("placed_at", flat=True).first()
    )


def oldest_at(merchant_id: int) -> datetime | None:
    """Return when the shop's oldest order was placed."""
    return (
        Order.objects.filter(merchant_id=merchant_id).order_by("placed_at").values_list("placed_at", flat=True).first()
    )


def _of_shops[M: (Order, Buyer, AfterSale)](rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    if actor.is_staff or actor.is_system:
        return rows
    mine = {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
    return rows.filter(merchant_id__in=mine)
