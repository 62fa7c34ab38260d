"""One incident: what happened, which orders it touches, and what a person answers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import keyset, polling
from merchant_protection.foundation.errors import Refusal
from pricing_guard import policies
from pricing_guard.models import AffectedOrder, ApprovedWindow, Incident, IncidentStep
from pricing_guard.queries import hand_overs, jobs
from pricing_guard.queries import incidents as queries
from pricing_guard.rules import amounts, projection
from pricing_guard.services.incidents import answering, answering_many, choosing, naming
from pricing_guard.views import bands

ORDERS = 25
MOST = Decimal(10) ** 10
SOON = 120  # seconds after which it was a person, a promotion or the clock, and the time from the price says nothing
UNDOABLE = ("trip", "mean")
DONE = {
    "trip": gettext_lazy("Stopped. No new order goes through at this price."),
    "mean": gettext_lazy("It is meant: it sells on, and orders that waited go their way."),
    "restore": gettext_lazy("It sells again."),
    "take_back": gettext_lazy("Taken back. The incident waits for an answer."),
}


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one incident: why, what was done, which orders it touches, what may be answered now."""
    incident = get_object_or_404(mine(request), pk=pk)
    if is_live := bool(request.GET.get("live")):
        request.GET = polling.asked_for(request)
    may = policies.can_answer(request.actor, incident.merchant_id)
    now = timezone.now()
    choice = request.GET.get("orders", "")
    rows = queries.orders_of(incident)
    if choice in AffectedOrder.Choice.values:
        rows = rows.filter(choice=choice)
    page = keyset.page(
        rows, by=["-id"], size=ORDERS, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    orders, units, exposed = queries.exposure_of(incident)
    void_by = choosing.must_void_by(incident)
    context = {
        "incident": incident,
        **_said(incident),
        "findings": incident.findings,
        "chart": bands.around(incident),
        "history": queries.history_of(incident).order_by("-pk"),
        "steps": _alike(queries.steps_of(incident)),
        "page": page,
        "choice": choice,
        "choices": AffectedOrder.Choice.choices,
        "figures": {"orders": orders, "units": units, "exposed": exposed, "undecided": queries.undecided_of(incident)},
        "ledger": queries.totals(queries.ledger_of(incident)),
        "projected": _projected(incident, exposed),
        "projected_hours": int(projection.UNNOTICED.total_seconds() // 3600),
        "void_by": void_by,
        "void_days": max((void_by - now).days, 0),
        "packs": jobs.packs_visible_to(request.actor).filter(incident=incident).order_by("-pk")[:10],
        "handed": hand_overs.state_of(incident),
        "moves": _moves(incident) if may else [],
        "is_good_known": _is_good_known(incident, now=now) if may else False,
        "may": may,
        "reasons": ApprovedWindow.Reason.choices,
        "usual_until": timezone.localtime(now + answering.USUAL_QUIET),
    }
    if is_live:
        pulse = queries.pulse(incident)
        return polling.answer(request, pulse, lambda: render(request, "pricing_guard/incident/live.html", context))
    return render(request, "pricing_guard/incident.html", context)


def _alike(steps: Iterable[IncidentStep]) -> list[list[IncidentStep]]:
    """Put steps together that differ in nothing but the order or listing they are about."""
    groups: dict[tuple[str, ...], list[IncidentStep]] = {}
    for step in steps:
        came_to = step.action.status if step.action else ""
        groups.setdefault((step.rung, step.status, came_to, step.note), []).append(step)
    return list(groups.values())


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop, mean, restore, close, or take an answer back: by the page's button, or by the word "undo" on its note."""
    incident = get_object_or_404(mine(request), pk=pk)
    name = request.POST.get("move") or request.GET.get("move", "")
    command = answering_many.ANSWERS.get(name)
    if command is None:
        return redirect("price_incident", pk)
    more: dict[str, Any] = {"note": request.POST.get("note", "")[:300]}
    if command is answering.mean:
        more |= {"reason": request.POST.get("reason", ""), "until": _moment(request.POST.get("until", ""))}
    if command is answering.restore:
        more |= _wanted(request.POST)
    try:
        answered = command(incident_id=incident.pk, actor=request.actor, at=timezone.now(), **more)
    except Refusal as refusal:
        messages.error(request, told(refusal))
    else:
        waits = _("It sells again once the platform has set the good price.")
        undo = f"undo:{reverse('price_incident_answer', args=[pk])}?move=take_back" if name in UNDOABLE else ""
        messages.success(request, waits if answered.sale_asked_at else str(DONE.get(name, _("Done."))), extra_tags=undo)
    return redirect("price_incident", pk)


def told(refusal: Refusal) -> str:
    """Return why a command refused, in one line."""
    return answering_many.why(refusal) or _("This is not possible now.")


def mine(request: HttpRequest) -> QuerySet[Incident]:
    """Return the incidents of the shop that is being looked at."""
    return queries.visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _moves(incident: Incident) -> list[str]:
    legal = [name for name in queries.moves_of(incident) if name in answering_many.ANSWERS]
    return [*legal, "mean"] if incident.status == Incident.Status.TRIPPED else legal


def _is_good_known(incident: Incident, *, now: datetime) -> bool:
    """Say whether a stopped product has a price to sell at: one to go back to, or the present one, out of doubt."""
    if incident.status != Incident.Status.TRIPPED or incident.revert_price is not None:
        return True
    return naming.stands(incident, at=now)


def _wanted(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return at which price it is to be sold; who typed one means it, whatever was chosen beside it before."""
    price, text = typed.get("price", "good"), typed.get("amount", "").strip()
    return {"price": "named" if price == "good" and text else price, "amount": _amount(text)}


def _amount(text: str) -> Decimal | None:
    """Return the price a person typed; None where it is none."""
    found = amounts.read(text)
    return found if isinstance(found, Decimal) and abs(found) < MOST else None


def _said(incident: Incident) -> dict[str, Any]:
    """Return what the top of the page says: what was asked and how soon, what it costs, how long checks stay quiet."""
    steps = queries.steps_of(incident).filter(status=IncidentStep.Status.ASKED)
    took = (incident.tripped_at - incident.since).total_seconds() if incident.tripped_at else None
    return {
        "asked": list(dict.fromkeys(steps.values_list("rung", flat=True))),
        "stopped_after": took if took is not None and 0 <= took < SOON else None,
        "costs": queries.costs_of(incident),
        "quiet_until": max((said.until for said in queries.meant_by(incident)), default=None),
    }


def _moment(text: str) -> datetime | None:
    """Return the moment a person chose, in the shop's zone; None where none was."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _projected(incident: Incident, exposed: Decimal) -> Decimal | None:
    """Return the estimate of what the stop spared, for an incident that was stopped."""
    if incident.tripped_at is None or exposed <= 0 or queries.meant_by(incident):
        return None
    return projection.spared(exposed, sold_for=incident.tripped_at - incident.since)
