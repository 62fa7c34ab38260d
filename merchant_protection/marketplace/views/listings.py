"""The shop's listings and their prices."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import keyset, money, tables
from merchant_protection.marketplace.forms import ListingFilter
from merchant_protection.marketplace.models import Listing
from merchant_protection.marketplace.queries import listings as queries

PAGE = 25
CHOICES = {"status": dict(Listing.Status.choices)}
PERIODS = {"30": 30, "90": 90, "365": 365, "all": None}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the listings, last changed first."""
    page = keyset.page(
        _rows(request.actor, request.GET),
        by=queries.RECENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "page": page,
        "rows_empty": not page.rows,
        "filtered": any(request.GET.get(name) for name in ("q", "category", "status")),
        "categories": queries.categories_of(request.actor.merchant_id),
        "statuses": Listing.Status.choices,
    }
    return render(request, "marketplace/listings.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one listing: what it asks and asked, what buyers paid, which promotions touch it."""
    actor = request.actor
    listing = get_object_or_404(queries.visible_to(actor).filter(merchant_id=actor.merchant_id), pk=pk)
    period = request.GET.get("period", "90")
    days = PERIODS.get(period, 90)
    paid = queries.paid_by_day(
        listing,
        since=timezone.now() - timedelta(days=days) if days else None,
        zone=timezone.get_current_timezone(),
    )
    if not paid and "period" not in request.GET:  # a shop whose history is old should not open on an empty chart
        period, paid = "all", queries.paid_by_day(listing, since=None, zone=timezone.get_current_timezone())
    context = {
        "listing": listing,
        "prices": queries.prices_of(listing)[:50],
        "promotions": queries.promotions_on(listing, at=timezone.now())[:20],
        "period": period,
        "periods": [("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("all", _("All"))],
        "chart": _chart(listing, paid) if paid else None,
        "units": sum((day["units"] for day in paid), 0),
        "common": _most_common([day["high"] for day in paid]),
    }
    return render(request, "marketplace/listing.html", context)


def table(actor: Actor, asked: Mapping[str, str]) -> tables.Table:
    """Return what the filter shows as a table to take away."""
    heads = [
        *(_("SKU"), _("Title"), _("Category"), _("Status"), _("Price"), _("List price"), _("Currency")),
        *(_("Stock"), _("Price changed")),
    ]
    return tables.Table(_rows(actor, asked).order_by(*queries.RECENT), heads, _cells)


def _cells(listing: Listing) -> list[object]:
    changed = listing.price_changed_at
    return [
        *(listing.sku, listing.title, listing.category, listing.get_status_display()),
        *(listing.price, listing.list_price, listing.currency, listing.stock),
        timezone.localtime(changed).isoformat(timespec="seconds") if changed else "",
    ]


def _rows(actor: Actor, asked: Mapping[str, str]) -> QuerySet[Listing]:
    wishes = ListingFilter(asked)
    wishes.is_valid()
    rows = queries.visible_to(actor).filter(merchant_id=actor.merchant_id)
    rows = queries.search(rows, wishes.cleaned_data.get("q", ""))
    for name in ("category", "status"):
        if value := wishes.cleaned_data.get(name):
            rows = rows.filter(**{name: value})
    return rows


def _chart(listing: Listing, paid: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "x": [_day(row["day"]) for row in paid],
        "unit": money.sign(listing.currency),
        "time": True,
        "series": [
            {"name": _("Highest price paid"), "data": [float(row["high"]) for row in paid]},
            {"name": _("Lowest price paid"), "data": [float(row["low"]) for row in paid]},
        ],
    }


def _day(day: date) -> str:
    return day.isoformat()


def _most_common(prices: list[Any]) -> Any:
    return Counter(prices).most_common(1)[0][0] if prices else None
