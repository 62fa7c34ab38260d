"""Incidents: what is open, what happened in each, and what a person answers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import keyset, lifecycle
from merchant_protection.foundation.errors import Refusal
from pricing_guard import policies
from pricing_guard.lifecycle import INCIDENT_MOVES, OPEN_INCIDENTS
from pricing_guard.models import ApprovedWindow, Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.services.incidents import answering

PAGE = 25
ANSWERS: dict[str, Callable[..., Incident]] = {
    "trip": answering.stop,
    "mean": answering.mean,
    "restore": answering.restore,
    "close": answering.close,
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the shop's incidents: those that are open, or all."""
    view = request.GET.get("view", "open")
    rows = _mine(request)
    if view == "open":
        rows = rows.filter(status__in=OPEN_INCIDENTS)
    if cause := request.GET.get("cause"):
        rows = rows.filter(cause=cause)
    page = keyset.page(
        rows, by=["-id"], size=PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    count = queries.open_count(request.actor.merchant_id)
    views = [
        {"key": "open", "label": _("Open"), "count": count},
        {"key": "all", "label": _("All"), "count": None},
    ]
    context = {"page": page, "rows_empty": not page.rows, "view": view, "views": views}
    return render(request, "pricing_guard/incidents.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one incident: why, what was done, which orders it touches, what may be answered now."""
    incident = get_object_or_404(_mine(request), pk=pk)
    may = policies.can_answer(request.actor, incident.merchant_id)
    orders, units, exposed = queries.exposure_of(incident)
    context = {
        "incident": incident,
        "history": queries.history_of(incident).order_by("-pk"),
        "steps": queries.steps_of(incident),
        "orders": queries.orders_of(incident)[:50],
        "figures": {"orders": orders, "units": units, "exposed": exposed},
        "moves": _moves(incident) if may else [],
        "reasons": ApprovedWindow.Reason.choices,
    }
    return render(request, "pricing_guard/incident.html", context)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop, mean, restore or close."""
    incident = get_object_or_404(_mine(request), pk=pk)
    command = ANSWERS.get(request.POST.get("move", ""))
    if command is None:
        return redirect("price_incident", pk)
    more: dict[str, Any] = {"note": request.POST.get("note", "")[:300]}
    if command is answering.mean:
        more["reason"] = request.POST.get("reason", "")
    try:
        command(incident_id=incident.pk, actor=request.actor, at=timezone.now(), **more)
    except Refusal as refusal:
        reasons = [reason for each in getattr(refusal, "fields", {}).values() for reason in each]
        messages.error(request, " ".join([refusal.message, *reasons]).strip() or _("This is not possible now."))
    else:
        messages.success(request, _("Done."))
    return redirect("price_incident", pk)


def _mine(request: HttpRequest) -> QuerySet[Incident]:
    return queries.visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _moves(incident: Incident) -> list[str]:
    legal = [name for name in lifecycle.moves_from(INCIDENT_MOVES, incident.status) if name in ANSWERS]
    return [*legal, "mean"] if incident.status == Incident.Status.TRIPPED else legal
