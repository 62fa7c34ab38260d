"""Pages that span features: the overview, search, help, and what keeps an open page up to date."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from merchant_protection.foundation import keyset, polling
from merchant_protection.home import queries
from merchant_protection.marketplace.queries import listings, orders
from merchant_protection.notices import queries as notices
from merchant_protection.risk import queries as risk
from pricing_guard.queries import incidents

PERIODS = (7, 30, 90)
STALE = timedelta(days=2)


@require_GET
def root(request: HttpRequest) -> HttpResponse:
    """Send people where they work: merchants to their shop, staff to the console."""
    actor = request.actor
    if actor.merchant_id is not None:
        return redirect("overview")
    return redirect("admin:index" if actor.is_staff else "account_login")


@require_GET
@cache_control(public=True, max_age=86_400)
def icon(request: HttpRequest) -> HttpResponse:
    """Lead browsers to the site's icon where nothing names it: beside a PDF, or an answer of the API."""
    return redirect(static("portal/favicon.svg"))


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show what needs the merchant today, and what the last days brought."""
    return render(request, "home/overview.html", _overview(request))


@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """Answer what changed on an open page since it last asked, or that nothing did."""
    actor = request.actor
    waiting = queries.counts(actor, actor.merchant_id)

    def draw() -> HttpResponse:
        shown = _overview(request) if request.GET.get("page") == "overview" else {}
        return render(request, "home/live.html", {"counts": waiting, **shown})

    return polling.answer(request, queries.pulse(actor, actor.merchant_id, waiting), draw)


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find orders and products by one word; a whole order number or SKU leads straight there."""
    actor, text = request.actor, request.GET.get("q", "").replace("\x00", "").strip()[:80]
    found_orders = orders.search(orders.visible_to(actor).filter(merchant_id=actor.merchant_id), text)
    found_listings = listings.search(listings.visible_to(actor).filter(merchant_id=actor.merchant_id), text)
    if text:
        if order := found_orders.filter(number__iexact=text).first():
            return redirect("order", order.pk)
        if listing := found_listings.filter(sku__iexact=text).first():
            return redirect("listing", listing.pk)
    context = {
        "text": text,
        "orders": found_orders.order_by(*orders.RECENT)[:10] if text else [],
        "listings": found_listings.order_by(*listings.RECENT)[:10] if text else [],
    }
    return render(request, "home/search.html", context)


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer the questions that come up first."""
    return render(request, "home/help.html")


@require_GET
def outcomes(request: HttpRequest) -> HttpResponse:
    """Show what incidents, complaints and decisions cost, spared or brought back, newest first."""
    actor = request.actor
    rows = risk.outcomes_visible_to(actor).filter(merchant_id=actor.merchant_id)
    page = keyset.page(
        rows, by=["-at", "-id"], size=25, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    return render(request, "home/outcomes.html", {"page": page, "rows_empty": not page.rows})


def _overview(request: HttpRequest) -> dict[str, Any]:
    actor = request.actor
    wanted = request.GET.get("days", "")
    days = next((days for days in PERIODS if wanted == str(days)), 30)
    shop = orders.visible_to(actor).filter(merchant_id=actor.merchant_id)
    until = _until(orders.newest_at(actor.merchant_id))
    figures = queries.figures_of(actor, actor.merchant_id, days=days, until=until)
    since = until - timedelta(days=days)
    oldest = orders.oldest_at(actor.merchant_id)
    comparable = oldest is not None and oldest <= since - timedelta(days=days)
    by_day = orders.by_day(shop.filter(placed_at__lte=until), since=since, zone=timezone.get_current_timezone())
    inbox = notices.visible_to(actor).filter(merchant_id=actor.merchant_id, archived_at=None)
    urgent = inbox.filter(urgency="CRITICAL", is_read=False).order_by("-pk").first()
    return {
        "days": days,
        "periods": [(each, _("%(days)d days") % {"days": each}) for each in PERIODS],
        "until": until,
        "is_past": timezone.now() - until > STALE,
        "figures": figures,
        "guard": {
            "open": incidents.open_count(actor.merchant_id),
            "ledger": incidents.ledger_since(actor.merchant_id, since=timezone.now() - timedelta(days=days)),
        },
        "orders_change": _change(figures.orders, figures.orders_before) if comparable else "",
        "prevented_change": _change(figures.prevented, figures.prevented_before) if comparable else "",
        "chart": _chart(by_day) if by_day else None,
        "urgent": urgent,
        "notices": inbox.order_by("-pk")[:5],
        "newest": shop.order_by(*orders.RECENT)[:8],
        "live_path": f"?page=overview&days={days}",
    }


def _until(newest: datetime | None) -> datetime:
    """Figures end now; of a shop whose history is old they end with it, or they would all be zero."""
    now = timezone.now()
    return newest if newest is not None and now - newest > timedelta(days=30) else now


def _change(now: Decimal | int, before: Decimal | int) -> str:
    if not before:
        return ""
    percent = round((now - before) * 100 / before)
    return f"{percent:+d}%".replace("-", "−")


def _chart(by_day: list[dict[str, Any]]) -> dict[str, Any]:
    counts = {row["day"]: row["orders"] for row in by_day}
    first, last = min(counts), max(counts)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]  # a day without orders counts too
    return {
        "x": [day.isoformat() for day in days],
        "series": [{"name": _("Orders"), "data": [counts.get(day, 0) for day in days]}],
    }
