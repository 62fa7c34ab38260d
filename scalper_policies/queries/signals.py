"""The signal behind a warning over time, for its small chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncHour

from merchant_protection.marketplace.models import AfterSale, Listing, Order, OrderLine, PricePoint
from merchant_protection.risk import queries as risk
from merchant_protection.risk.models import Warning

LATELY = timedelta(hours=24)
LONG = timedelta(days=90)
PRICES = timedelta(days=30)
UNPAID = ("PLACED", "EXPIRED")


@dataclass(frozen=True)
class Curve:
    """Values by hour or by day, and the limit where the chart has one."""

    name: str
    by: str
    labels: list[str]
    values: list[float]
    limit: float | None = None


def of_warning(warning: Warning, *, zone: tzinfo) -> Curve | None:
    """Return the signal up to the moment a warning was raised; none where there is nothing to draw."""
    drawn = {
        "HOARDING": _unpaid_units,
        "ARBITRAGE": _prices,
        "EXTORTION": _claims,
        "RETURN_ABUSE": _returns,
        "SCALPER_ON_HOT_SKU": _sold_units,
        "ONLY_PRICE_DIFFERENCE": _link_orders,
    }
    draw = drawn.get(warning.kind)
    return draw(warning, zone) if draw else None


def _unpaid_units(warning: Warning, zone: tzinfo) -> Curve | None:
    lines = _lines_of_sku(warning).filter(order__status__in=UNPAID, order__paid_at=None)
    return _by_hour("unpaid_units", lines, "at", Sum("quantity"), warning, zone)


def _sold_units(warning: Warning, zone: tzinfo) -> Curve | None:
    return _by_hour("sold_units", _lines_of_sku(warning), "at", Sum("quantity"), warning, zone)


def _link_orders(warning: Warning, zone: tzinfo) -> Curve | None:
    lines = _lines_of_sku(warning).filter(buyer_id=warning.buyer_id)
    return _by_hour("link_orders", lines, "at", Count("order", distinct=True), warning, zone)


def _claims(warning: Warning, zone: tzinfo) -> Curve | None:
    return _by_day("claims", _after_sales(warning).filter(kind="REFUND_ONLY"), warning, zone)


def _returns(warning: Warning, zone: tzinfo) -> Curve | None:
    return _by_day("returns", _after_sales(warning).filter(kind="RETURN"), warning, zone)


def _prices(warning: Warning, zone: tzinfo) -> Curve | None:
    """The asking price day by day, beside what counts as far below."""
    facts: Mapping[str, Any] = warning.facts
    listing = Listing.objects.filter(merchant_id=warning.merchant_id, sku=facts.get("sku", "")).first()
    if listing is None or "usual" not in facts:
        return None
    points = PricePoint.objects.filter(merchant_id=warning.merchant_id, listing_id=listing.pk)
    rows = list(
        points.filter(occurred_at__lte=warning.raised_at)
        .order_by("occurred_at", "version")
        .values_list("occurred_at", "price")
    )
    if not rows:
        return None
    labels, values = [], []
    for day in range(PRICES.days, -1, -1):
        at = warning.raised_at - timedelta(days=day)
        known = [price for moment, price in rows if moment <= at]
        if known:
            labels.append(at.astimezone(zone).date().isoformat())
            values.append(float(known[-1]))
    share = Decimal(facts.get("limits", {}).get("far_below", 50)) / 100
    return Curve("price", "day", labels, values, limit=float(Decimal(facts["usual"]) * share))


def _lines_of_sku(warning: Warning) -> QuerySet[OrderLine]:
    rows = OrderLine.objects.filter(merchant_id=warning.merchant_id, sku=warning.facts.get("sku", ""))
    return rows.filter(at__gt=warning.raised_at - LATELY, at__lte=warning.raised_at, order__kind=Order.Kind.SALE)


def _after_sales(warning: Warning) -> QuerySet[AfterSale]:
    buyers = {warning.buyer_id}
    if warning.cluster is not None:
        buyers |= set(risk.members_of(warning.cluster))
    rows = AfterSale.objects.filter(merchant_id=warning.merchant_id, buyer_id__in=buyers - {None})
    return rows.filter(opened_at__gt=warning.raised_at - LONG)


def _by_hour(name: str, rows: QuerySet[Any], field: str, count: Any, warning: Warning, zone: tzinfo) -> Curve | None:
    found = dict(rows.annotate(hour=TruncHour(field, tzinfo=zone)).values_list("hour").annotate(n=count))
    if not found:
        return None
    last = warning.raised_at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=n) for n in range(23, -1, -1)]
    return Curve(name, "hour", [f"{hour:%H:00}" for hour in hours], [float(found.get(hour, 0)) for hour in hours])


def _by_day(name: str, rows: QuerySet[AfterSale], warning: Warning, zone: tzinfo) -> Curve | None:
    found = dict(rows.annotate(day=TruncDate("opened_at", tzinfo=zone)).values_list("day").annotate(n=Count("pk")))
    if not found:
        return None
    first, last = min(found), max(max(found), warning.raised_at.astimezone(zone).date())
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return Curve(name, "day", [day.isoformat() for day in days], [float(found.get(day, 0)) for day in days])
