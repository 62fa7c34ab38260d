"""The past prices of one listing with the band that thresholds leave it: the page moves the band as one types."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from merchant_protection.foundation import money
from merchant_protection.marketplace.models import Listing
from pricing_guard.models import Incident
from pricing_guard.queries import editing, listings
from pricing_guard.rules import stored
from pricing_guard.rules.words import COUNTED

DROPS = {
    "max_drop_last": "last",
    "max_drop_low_7": "low_7",
    "max_drop_low_30": "low_30",
    "max_drop_low_90": "low_90",
    "max_drop_median": "median",
    "max_drop_list": "list",
}
RISES = {"max_rise_last": "last", "max_rise_median": "median", "max_rise_list": "list"}


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Show the past of another listing in the editor."""
    return render(request, "pricing_guard/parts_bands.html", {"bands": of(request, request.GET.get("sku", ""))})


def of(request: HttpRequest, sku: str) -> dict[str, Any] | None:
    """Return a listing's past prices as a chart, and what each threshold is held against."""
    listing = editing.listing_of(request.actor, sku.replace("\x00", "").strip()[:80])
    if listing is None:
        return None
    past = editing.past_of(listing)
    chart = {
        "x": [timezone.localtime(at).isoformat(timespec="seconds") for at, _price in past],
        "unit": money.sign(listing.currency),
        "time": True,
        "step": True,
        "from": "auto",
        "series": [{"name": _("Price asked"), "data": [float(price) for _at, price in past]}],
    }
    return {
        "listing": listing,
        "chart": chart if past else None,
        "count": len(past),
        "rules": {"drops": DROPS, "rises": RISES, "references": _references(listing)},
    }


def around(incident: Incident) -> dict[str, Any] | None:
    """Return the prices around an incident as a chart, with the limit that was crossed and the price we believe in."""
    past = editing.past_of(incident.listing)
    if not past:
        return None
    series = [{"name": _("Price asked"), "data": [float(price) for _at, price in past]}]
    if incident.reference_price is not None:
        series.append({"name": _("Reference"), "data": [float(incident.reference_price)] * len(past)})
    chart: dict[str, Any] = {
        "x": [timezone.localtime(at).isoformat(timespec="seconds") for at, _price in past],
        "unit": money.sign(incident.currency),
        "time": True,
        "step": True,
        "series": series,
    }
    limit = _limit_of(incident)
    if limit is not None:
        below = float(incident.price) < limit
        chart["threshold"] = {"value": limit, "beyond": "below" if below else "above"}
    return {"chart": chart, "count": len(past), "listing": incident.listing}


def _limit_of(incident: Incident) -> float | None:
    """Return the limit in money that the price itself crossed; counts of orders and slips have none."""
    for finding in incident.findings:
        params = finding.get("reason", {}).get("params", {})
        if finding.get("check") not in COUNTED and params.get("limit"):
            return float(params["limit"])
    return None


def _references(listing: Listing) -> dict[str, float]:
    now = timezone.now()
    guard = listings.guards(listing.merchant_id, [listing.pk]).get(listing.pk)
    memory = stored.memory_in(guard.memory if guard else {}, currency=listing.currency)
    known = {
        "last": memory.last.price if memory.last else listing.price,
        "median": memory.median() or listing.price,
        "list": listing.list_price,
        "cost": listing.cost,
        **{f"low_{days}": memory.low(days=days, at=now) for days in (7, 30, 90)},
    }
    return {name: float(value) for name, value in known.items() if value is not None}
