"""A shop's history as the warnings need it: read in a handful of queries, however many orders are looked at."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from merchant_protection.marketplace.models import AfterSale, Buyer, Listing, Order, OrderLine, PricePoint
from merchant_protection.risk import queries as risk
from scalper_policies.rules import order_history as rules
from scalper_policies.rules.policy import Dimension

KEYS = {
    "phone_key": Dimension.PHONE,
    "device_key": Dimension.DEVICE,
    "payment_key": Dimension.PAYMENT,
    "address_fuzzy": Dimension.ADDRESS,
}
MOST_TIED_ORDERS = 2000
MOST_ORDERS_OF_BUYERS = 5000
ORDER_FIELDS = ("pk", "buyer_id", "status", "placed_at", "paid_at", "shipped_at", *KEYS)


def orders_now(merchant_id: int, *, ids: Collection[int], buyers: Collection[int], at: datetime) -> list[Order]:
    """Return the sales that were named, and these buyers' sales of the last day that have not been shipped."""
    recent = Q(buyer_id__in=buyers, placed_at__gt=at - rules.LATELY, status__in=("PLACED", "PAID"))
    rows = Order.objects.filter(Q(pk__in=ids) | recent, merchant_id=merchant_id, kind=Order.Kind.SALE)
    return list(rows.order_by("pk"))


def claims_now(merchant_id: int, *, ids: Collection[int]) -> list[AfterSale]:
    """Return the after-sales that were named."""
    return list(AfterSale.objects.filter(merchant_id=merchant_id, pk__in=ids).order_by("pk"))


def around(merchant_id: int, *, orders: Collection[Order], buyers: Collection[int], at: datetime) -> rules.History:
    """Return what a shop's last days and months say about these orders and buyers, and about who is tied to them."""
    tied = _tied(merchant_id, buyers=buyers, at=at)
    everybody = {*buyers, *(row["buyer_id"] for row in tied)}
    known = Order.objects.filter(
        merchant_id=merchant_id, buyer_id__in=everybody, placed_at__gt=at - rules.ORDERS_WITHIN, kind=Order.Kind.SALE
    ).order_by("-placed_at")[:MOST_ORDERS_OF_BUYERS]
    rows = {row["pk"]: row for row in [*known.values(*ORDER_FIELDS), *tied]}
    rows |= {order.pk: {name: getattr(order, name) for name in ORDER_FIELDS} for order in orders}
    wanted = {order.pk for order in orders}
    lately = {pk for pk, row in rows.items() if row["placed_at"] > at - rules.LATELY}
    lines = _lines(merchant_id, order_ids=wanted | lately)
    skus = {line.sku for pk in wanted for line in lines[pk]} | {line.sku for pk in lately for line in lines[pk]}
    return rules.History(
        orders=[_order(row, lines[pk]) for pk, row in rows.items()],
        after_sales=after_sales(AfterSale.objects.filter(merchant_id=merchant_id, buyer_id__in=everybody), at=at),
        goods=goods(merchant_id, skus=skus, at=at),
        claim_shops=_claim_shops(merchant_id, buyers),
    )


def past(merchant_id: int, *, since: datetime, until: datetime, most: int) -> tuple[rules.History, list[int]]:
    """Return a shop's history for a trial, and which of its orders lie between two moments, at most `most`.

    The stock of those days is not kept, so nothing is hot and no share of the stock is known.
    """
    shop = Order.objects.filter(merchant_id=merchant_id, kind=Order.Kind.SALE)
    window = shop.filter(placed_at__gt=since, placed_at__lte=until).order_by("-placed_at", "-pk")
    tried = list(window.values_list("pk", flat=True)[:most])
    before = shop.filter(placed_at__gt=since - rules.ORDERS_WITHIN, placed_at__lte=until).order_by("-placed_at", "-pk")
    rows = {row["pk"]: row for row in before.values(*ORDER_FIELDS)[: most * 4]}
    lines = _lines(merchant_id, order_ids=set(tried))
    skus = {line.sku for found in lines.values() for line in found}
    listings = goods(merchant_id, skus=skus, at=until, days=(until - since) + rules.USUAL_WITHIN)
    history = rules.History(
        orders=[_order(row, lines[pk]) for pk, row in rows.items()],
        after_sales=after_sales(AfterSale.objects.filter(merchant_id=merchant_id), at=until),
        goods={sku: rules.Goods(sku, each.title, prices=each.prices) for sku, each in listings.items()},
        is_tying=False,
    )
    return history, tried


def after_sales(rows: QuerySet[AfterSale], *, at: datetime) -> list[rules.AfterSale]:
    """Return after-sales as the rules take them."""
    found = rows.filter(opened_at__gt=at - rules.CLAIMS_WITHIN)
    return [rules.AfterSale(*row) for row in found.values_list("buyer_id", "kind", "status", "opened_at", "wording")]


def goods(
    merchant_id: int, *, skus: Collection[str], at: datetime, days: timedelta = rules.USUAL_WITHIN
) -> dict[str, rules.Goods]:
    """Return the listings with their stock, what was sold of them in a day, and the prices that held meanwhile."""
    listings = list(Listing.objects.filter(merchant_id=merchant_id, sku__in=skus))
    sold = _sold_lately(merchant_id, skus=skus, at=at)
    prices = _prices(merchant_id, listings=listings, since=at - days)
    return {
        each.sku: rules.Goods(
            each.sku, each.title, stock=each.stock, sold_lately=sold.get(each.sku, 0), prices=tuple(prices[each.pk])
        )
        for each in listings
    }


def _claim_shops(merchant_id: int, buyers: Collection[int]) -> dict[int, int]:
    """In how many shops these buyers lately claimed, where that may be known."""
    keys = dict(Buyer.objects.filter(merchant_id=merchant_id, pk__in=buyers).values_list("pk", "key"))
    shops = risk.shops_claimed_against(list(keys.values()))
    return {buyer_id: shops[key] for buyer_id, key in keys.items() if key in shops}


def _tied(merchant_id: int, *, buyers: Collection[int], at: datetime) -> list[dict[str, Any]]:
    """Orders of the last days that share a key with one of these buyers' orders of the same days."""
    recent = Order.objects.filter(merchant_id=merchant_id, placed_at__gt=at - rules.TIED_WITHIN, placed_at__lte=at)
    mine = list(recent.filter(buyer_id__in=buyers).values(*KEYS))
    shared = Q()
    for name in KEYS:
        if values := {row[name] for row in mine} - {""}:
            shared |= Q(**{f"{name}__in": values})
    if not shared:
        return []
    rows = recent.filter(shared, buyer_id__isnull=False, kind=Order.Kind.SALE).order_by("-placed_at", "-pk")
    return list(rows.values(*ORDER_FIELDS)[:MOST_TIED_ORDERS])


def _lines(merchant_id: int, *, order_ids: Collection[int]) -> dict[int, list[rules.Line]]:
    found: dict[int, list[rules.Line]] = defaultdict(list)
    rows = OrderLine.objects.filter(merchant_id=merchant_id, order_id__in=order_ids, quantity__gt=0)
    for order_id, sku, units, paid in rows.order_by("order_id", "ordinal").values_list(
        "order_id", "sku", "quantity", "paid"
    ):
        found[order_id].append(rules.Line(sku, units, paid))
    return found


def _sold_lately(merchant_id: int, *, skus: Collection[str], at: datetime) -> dict[str, int]:
    """What was sold and paid for: unpaid orders show no demand."""
    rows = OrderLine.objects.filter(merchant_id=merchant_id, sku__in=skus, at__gt=at - rules.LATELY, at__lte=at)
    rows = rows.filter(order__status__in=("PAID", "SHIPPED", "DELIVERED"))
    return dict(rows.filter(quantity__gt=0).values_list("sku").annotate(units=Sum("quantity")))


def _prices(merchant_id: int, *, listings: Iterable[Listing], since: datetime) -> dict[int, list[rules.Asked]]:
    """The prices since a moment, led by the one that held then."""
    ids = [each.pk for each in listings]
    points = PricePoint.objects.filter(merchant_id=merchant_id, listing_id__in=ids)
    opening = points.filter(occurred_at__lte=since).order_by("listing_id", "-occurred_at", "-version")
    rows: list[tuple[int, datetime, Decimal]] = list(
        opening.distinct("listing_id").values_list("listing_id", "occurred_at", "price")
    )
    later = points.filter(occurred_at__gt=since).order_by("occurred_at", "version")
    rows += list(later.values_list("listing_id", "occurred_at", "price"))
    found: dict[int, list[rules.Asked]] = defaultdict(list)
    for listing_id, at, price in rows:
        found[listing_id].append(rules.Asked(at, price))
    return found


def _order(row: dict[str, Any], lines: list[rules.Line]) -> rules.Order:
    return rules.Order(
        pk=row["pk"],
        buyer=row["buyer_id"],
        status=row["status"],
        placed_at=row["placed_at"],
        paid_at=row["paid_at"],
        shipped_at=row["shipped_at"],
        lines=tuple(lines),
        keys=tuple((dimension, row[name]) for name, dimension in KEYS.items()),
    )
