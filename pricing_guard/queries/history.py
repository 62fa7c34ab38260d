"""A shop's past as the guard's events, oldest first: prices, promotions and what was ordered."""

import heapq
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from merchant_protection.marketplace.models import Listing, Order, OrderLine, PricePoint, Promotion
from pricing_guard.queries.listings import promotion_in, tidy
from pricing_guard.rules import replay
from pricing_guard.rules.memory import PastPrice
from pricing_guard.rules.orders import Sold

CHUNK = 5_000


def counted(merchant_id: int, *, since: datetime | None, until: datetime) -> int:
    """Return how many events of the past there are to go through."""
    prices = _points(merchant_id, since, until).count()
    return prices + _lines(merchant_id, since, until).count()


def has_prices(merchant_id: int) -> bool:
    """Say whether the platform told prices; where only orders were loaded, what buyers were asked stands for them."""
    return PricePoint.objects.filter(merchant_id=merchant_id).exists()


def events(merchant_id: int, *, since: datetime | None, until: datetime) -> Iterator[replay.Event]:
    """Return a shop's past, oldest first; of equals prices come before orders."""
    sources = [_promotions(merchant_id, since, until), _orders(merchant_id, since, until)]
    if has_prices(merchant_id):
        sources.insert(0, _prices(merchant_id, since, until))
    else:
        sources[1] = _orders_with_prices(merchant_id, since, until)
    for _at, _place, event in heapq.merge(*sources, key=lambda one: one[:2]):
        yield event


def series(merchant_id: int, *, since: datetime | None, until: datetime) -> dict[str, list[PastPrice]]:
    """Return every listing's prices, oldest first, each change once; lines at price zero left out."""
    found: dict[str, list[PastPrice]] = {}
    for event in events(merchant_id, since=since, until=until):
        if isinstance(event, replay.PriceSet) and event.price > 0:
            past = found.setdefault(event.sku, [])
            if not past or past[-1].price != event.price:
                past.append(PastPrice(event.price, event.at))
    return found


def sold(merchant_id: int, *, since: datetime | None, until: datetime) -> dict[str, list[Sold]]:
    """Return what was ordered of every listing."""
    found: dict[str, list[Sold]] = {}
    for _at, _place, event in _orders(merchant_id, since, until):
        if isinstance(event, replay.Ordered):
            found.setdefault(event.sku, []).append(event.sold)
    return found


type Placed = tuple[datetime, int, replay.Event]
type Line = tuple[datetime, str, Sold, Decimal, str]


def _prices(merchant_id: int, since: datetime | None, until: datetime) -> Iterator[Placed]:
    categories = dict(Listing.objects.filter(merchant_id=merchant_id).values_list("sku", "category"))
    rows = _points(merchant_id, since, until).order_by("occurred_at", "id")
    names = ("listing__sku", "occurred_at", "price", "currency", "version", "list_price", "cost")
    for sku, at, price, currency, version, list_price, cost in rows.values_list(*names).iterator(CHUNK):
        event = replay.PriceSet(
            sku, at, tidy(price, currency), currency, version, categories.get(sku, ""), list_price, cost
        )
        yield at, 0, event


def _orders(merchant_id: int, since: datetime | None, until: datetime) -> Iterator[Placed]:
    for at, sku, line, _price, _currency in _sold_lines(merchant_id, since, until):
        yield at, 2, replay.Ordered(sku, at, line)


def _orders_with_prices(merchant_id: int, since: datetime | None, until: datetime) -> Iterator[Placed]:
    """What a buyer was asked for each unit stands for the price, where it differs from what was asked before."""
    asked: dict[str, object] = {}
    for at, sku, line, price, currency in _sold_lines(merchant_id, since, until):
        if asked.get(sku) != price:
            asked[sku] = price
            yield at, 0, replay.PriceSet(sku, at, tidy(price, currency), currency)
        yield at, 2, replay.Ordered(sku, at, line)


def _sold_lines(merchant_id: int, since: datetime | None, until: datetime) -> Iterator[Line]:
    rows = _lines(merchant_id, since, until).order_by("at", "id")
    names = ("sku", "at", "order__number", "buyer_id", "quantity", "paid", "unit_price", "order__currency")
    for sku, at, number, buyer, quantity, paid, price, currency in rows.values_list(*names).iterator(CHUNK):
        each = (paid / quantity).quantize(price) if quantity else price
        # Orders of the past are settled: they count as orders, and are at stake no longer.
        yield at, sku, Sold(number, str(buyer or number), quantity, each, at, settled=True), price, currency


def _promotions(merchant_id: int, since: datetime | None, until: datetime) -> Iterator[Placed]:
    rows = Promotion.objects.filter(merchant_id=merchant_id, starts_at__lt=until).exclude(status="CANCELLED")
    rows = rows.filter(ends_at__gte=since) if since else rows
    for row in rows.order_by("starts_at", "id"):
        yield row.starts_at, 1, replay.PromotionSet(promotion_in(row), row.starts_at)


def _points(merchant_id: int, since: datetime | None, until: datetime) -> QuerySet[PricePoint]:
    rows = PricePoint.objects.filter(merchant_id=merchant_id, occurred_at__lt=until)
    return rows.filter(occurred_at__gte=since) if since else rows


def _lines(merchant_id: int, since: datetime | None, until: datetime) -> QuerySet[OrderLine]:
    rows = OrderLine.objects.filter(merchant_id=merchant_id, at__lt=until, quantity__gt=0, order__kind=Order.Kind.SALE)
    rows = rows.exclude(flags__contains=["NOT_A_PRODUCT"])
    return rows.filter(at__gte=since) if since else rows
