"""The guard at a glance: what waits, what the ledger says, and every listing with the floor that holds for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import keyset, polling, tables
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.queries import listings as facts
from merchant_protection.marketplace.views import brakes
from pricing_guard.lifecycle import OPEN_INCIDENTS
from pricing_guard.models import Incident, ListingGuard
from pricing_guard.queries import incidents, overview
from pricing_guard.services.watching import loading

PAGE = 25
NEXT = 5
PERIODS = (7, 30, 90)
PAID_WITHIN = timedelta(days=7)
VIEWS = {
    "all": gettext_lazy("All"),
    "doubt": gettext_lazy("In doubt"),
    "own": gettext_lazy("Own floor"),
    "without": gettext_lazy("Without own floor"),
}
CHOICES = {"view": VIEWS}


@dataclass(frozen=True)
class Row:
    """One listing on the page: its guard, the floor that holds and whose it is, what buyers paid at the lowest."""

    guard: ListingGuard
    floor: Decimal | None
    floor_source: str
    policy: str
    mode: str
    lowest: Decimal | None

    @property
    def is_below(self) -> bool:
        """Whether somebody bought it below the floor."""
        return self.floor is not None and self.lowest is not None and self.lowest < self.floor


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show what waits for an answer first, then what the guard spared, then where it watches."""
    if cause := request.GET.get("cause", ""):
        return redirect(f"{reverse('price_incidents')}?view=all&cause={cause[:120]}")
    if is_live := bool(request.GET.get("live")):
        request.GET = polling.asked_for(request)
    actor = request.actor
    days = next((each for each in PERIODS if str(each) == request.GET.get("days")), 30)
    mine = incidents.visible_to(actor).filter(merchant_id=actor.merchant_id)
    waiting = list(mine.filter(status__in=OPEN_INCIDENTS).order_by("-severity", "-opened_at", "-pk")[: NEXT + 1])
    watched = overview.watched(actor, actor.merchant_id)
    orders, exposed = overview.at_stake(actor.merchant_id)
    context = {
        "days": days,
        "at_stake": {"orders": orders, "exposed": exposed},
        "periods": [(each, _("%(days)s days") % {"days": each}) for each in PERIODS],
        "ledger": incidents.ledger_since(actor.merchant_id, since=timezone.now() - timedelta(days=days)),
        "open_count": incidents.open_count(actor.merchant_id),
        "waiting": waiting[:NEXT],
        "pauses": _paused(request),
        "has_more": len(waiting) > NEXT,
        "rows": list(_rows(actor, watched.order_by(*overview.RECENT)[:NEXT])),
        "is_guarded": len(loading.published(actor.merchant_id).policy.acting) > 1,
    }
    if is_live:
        seen = [(each.pk, each.status, each.due_at, each.severity) for each in waiting]
        pulse = (seen, context["open_count"], context["at_stake"], context["ledger"])
        return polling.answer(request, pulse, lambda: render(request, "pricing_guard/overview_live.html", context))
    return render(request, "pricing_guard/overview.html", context)


@require_GET
def listings(request: HttpRequest) -> HttpResponse:
    """Show every listing the guard watches, last changed price first."""
    view = _view(request.GET)
    page = keyset.page(
        _asked(request.actor, request.GET),
        by=overview.RECENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "page": page,
        "rows": list(_rows(request.actor, page.rows)),
        "rows_empty": not page.rows,
        "view": view,
        "views": [{"key": key, "label": label, "count": None} for key, label in VIEWS.items()],
        "filtered": any(request.GET.get(name) for name in ("q", "category")) or view != "all",
        "categories": facts.categories_of(request.actor.merchant_id),
    }
    return render(request, "pricing_guard/listings.html", context)


def _paused(request: HttpRequest) -> list[dict[str, Any]]:
    """The rules of the guard that stand still in this shop."""
    mine = guards.open_pauses(request.actor).filter(merchant_id=request.actor.merchant_id, feature=incidents.FEATURE)
    return brakes.shown(request, mine[:NEXT])


def table(actor: Actor, asked: Mapping[str, str]) -> tables.Table:
    """Return the guarded listings as a table to take away, in the columns in which floors can be brought back."""
    heads = [_("SKU"), _("Title"), _("Category"), _("Price"), _("Currency"), _("Own floor price"), _("Status")]
    return tables.Table(_asked(actor, asked).order_by(*overview.RECENT), heads, _cells)


def _cells(guard: Any) -> list[object]:
    listing = guard.listing
    status = Incident.Status(guard.incident_status).label if guard.incident_status else ""
    price = [guard.price, listing.currency, guard.floor_price]
    return [listing.sku, listing.title, listing.category, *price, status]


def _view(asked: Mapping[str, str]) -> str:
    view = asked.get("view", "all")
    return view if view in VIEWS else "all"


def _asked(actor: Any, asked: Mapping[str, str]) -> QuerySet[ListingGuard]:
    rows = overview.watched(actor, actor.merchant_id)
    view = _view(asked)
    if view == "doubt":
        rows = overview.in_doubt(rows)
    elif view != "all":
        rows = overview.with_own_floor(rows, has_one=view == "own")
    if category := asked.get("category", "").replace("\x00", "")[:120]:
        rows = rows.filter(listing__category=category)
    text = asked.get("q", "").replace("\x00", "").strip()[:80]
    return overview.search(rows, text)


def _rows(actor: Any, guards: Sequence[ListingGuard]) -> Iterator[Row]:
    published = loading.published(actor.merchant_id)
    ids = [guard.listing_id for guard in guards]
    lowest = overview.lowest_paid(actor.merchant_id, ids, since=timezone.now() - PAID_WITHIN)
    for guard in guards:
        holds = published.policy.holding(sku=guard.listing.sku, category=guard.listing.category)
        source = holds.sources.get("floor_price")
        leading = holds.leading.policy_id if holds.leading else loading.BASELINE_ID
        own = guard.floor_price
        yield Row(
            guard=guard,
            floor=holds.thresholds.floor_price if own is None else own,
            floor_source=_("its own") if own is not None else source.name if source else "",
            policy=holds.leading.name if holds.leading and leading != loading.BASELINE_ID else "",
            mode=published.modes[leading],
            lowest=lowest.get(guard.listing_id),
        )
