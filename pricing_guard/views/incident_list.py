"""The list of incidents: looked through, narrowed, taken away, and answered together."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import keyset, tables
from pricing_guard import policies
from pricing_guard.lifecycle import OPEN_INCIDENTS, IncidentStatus
from pricing_guard.models import ApprovedWindow, Incident
from pricing_guard.queries import hand_overs
from pricing_guard.queries import incidents as queries
from pricing_guard.rules.findings import KINDS
from pricing_guard.services.incidents import answering_many
from pricing_guard.templatetags.price_words import finding_in_words
from pricing_guard.views.incidents import UNDOABLE

PAGE = 25
NEWEST = ("-id",)
VIEWS: dict[str, tuple[str, ...]] = {
    "open": OPEN_INCIDENTS,
    "stopped": (IncidentStatus.TRIPPED,),
    "orders": (IncidentStatus.RESTORED,),
    "all": (),
}
KIND_WORDS = {
    "limits": gettext_lazy("Beyond a limit you set"),
    "moves": gettext_lazy("Large drop or rise"),
    "slips": gettext_lazy("Typing slip"),
    "promotions": gettext_lazy("Promotion"),
    "orders": gettext_lazy("Orders"),
}
# What may be answered to several at once in each view; answers that need a look at each alone are not among them.
TOGETHER = {
    "open": ("trip", "mean"),
    "stopped": ("restore", "mean"),
    "orders": ("close", "hand_over"),
    "all": ("hand_over",),
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the shop's incidents: those that wait, those that were stopped, those with orders to decide, or all."""
    view, actor = _view(request.GET), request.actor
    rows = _rows(actor, request.GET)
    page = keyset.page(
        rows, by=NEWEST, size=PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    answers = TOGETHER[view] if policies.can_answer(actor, actor.merchant_id) else ()
    labels = {"open": _("Open"), "stopped": _("Stopped"), "orders": _("Orders to decide"), "all": _("All")}
    counts = {"open": queries.open_count(actor.merchant_id)}
    states = hand_overs.states(actor.merchant_id or 0, [row.pk for row in page.rows])
    context = {
        "page": page,
        "handed": states,
        "rows_empty": not page.rows,
        "view": view,
        "views": [{"key": key, "label": labels[key], "count": counts.get(key)} for key in VIEWS],
        "kinds": KIND_WORDS.items(),
        "filtered": any(request.GET.get(name) for name in ("q", "kind", "cause")),
        "cause": request.GET.get("cause", ""),
        "answers": answers,
        "reasons": ApprovedWindow.Reason.choices,
        "bulk_url": f"{reverse('price_incidents_bulk')}?{request.GET.urlencode()}" if answers else "",
        "total": rows[: answering_many.AT_ONCE].count() if answers else None,
        "most": answering_many.AT_ONCE,
    }
    return render(request, "pricing_guard/incidents.html", context)


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Answer the incidents that were picked, or all that the filter shows; an answer taken back comes by its note."""
    name, now = request.POST.get("move") or request.GET.get("move", ""), timezone.now()
    back = reverse("price_incidents")
    if name != "take_back":
        back = f"{back}?{request.GET.urlencode()}"
    ids = _picked(request)
    if name not in answering_many.ANSWERS or not ids:
        return redirect(back)
    more: dict[str, Any] = {"reason": request.POST.get("reason", "")} if name == "mean" else {}
    report = answering_many.answer(name, incident_ids=ids, actor=request.actor, at=now, **more)
    count = len(report.done)
    if count:
        words = ngettext("%(n)s incident answered.", "%(n)s incidents answered.", count) % {"n": count}
        messages.success(request, words, extra_tags=_undo(name, report.done))
    if report.left:
        why = " ".join(sorted({each for each in report.left.values() if each})) or _("This is not possible now.")
        messages.warning(request, _("%(n)s left: %(why)s") % {"n": len(report.left), "why": why})
    return redirect(back)


def _undo(name: str, ids: Sequence[int]) -> str:
    """Where a POST takes the answers back that were just given; nowhere for those that nothing takes back."""
    if name not in UNDOABLE:
        return ""
    query = urlencode({"view": "all", "move": "take_back", "pick": ids}, doseq=True)
    return f"undo:{reverse('price_incidents_bulk')}?{query}"


def table(actor: Actor, asked: Mapping[str, str]) -> tables.Table:
    """Return what the filter shows as a table to take away."""
    heads = [
        *(_("Incident"), _("SKU"), _("Title"), _("Why"), _("Status"), _("Price"), _("Reference"), _("Currency")),
        *(_("Found"), _("Stopped"), _("Answered"), _("Answered by")),
    ]
    return tables.Table(_rows(actor, asked).order_by(*NEWEST), heads, _cells)


def _cells(incident: Incident) -> list[object]:
    why = finding_in_words(incident.findings[0]) if incident.findings else ""
    listing, price = incident.listing, [incident.price, incident.reference_price, incident.currency]
    moments = [incident.opened_at, incident.tripped_at, incident.answered_at]
    told = [timezone.localtime(each).strftime("%Y-%m-%d %H:%M") if each else None for each in moments]
    return [
        *(incident.pk, listing.sku, listing.title, why, incident.get_status_display(), *price, *told),
        incident.answered_by,
    ]


def _rows(actor: Actor, asked: Mapping[str, Any]) -> QuerySet[Incident]:
    rows = queries.visible_to(actor).filter(merchant_id=actor.merchant_id)
    if statuses := VIEWS[_view(asked)]:
        rows = rows.filter(status__in=statuses)
    if cause := asked.get("cause", "").replace("\x00", "")[:120]:
        rows = rows.filter(cause=cause)
    if checks := KINDS.get(asked.get("kind", "")):
        rows = rows.filter(check_name__in=checks)
    if text := asked.get("q", "").replace("\x00", "").strip()[:80]:
        rows = rows.filter(Q(listing__sku__istartswith=text) | Q(listing__title__icontains=text))
    return rows


def _picked(request: HttpRequest) -> list[int]:
    """The rows that were picked, or all of the filter in the address; each of the shop that is looked at."""
    rows = _rows(request.actor, request.GET).order_by(*NEWEST)
    if not request.POST.get("every"):
        given = request.POST.getlist("pick") or request.GET.getlist("pick")
        picked = [int(each) for each in given if each.isdecimal() and len(each) < 19]
        rows = rows.filter(pk__in=picked[: answering_many.AT_ONCE])
    return list(rows.values_list("pk", flat=True)[: answering_many.AT_ONCE])


def _view(asked: Mapping[str, Any]) -> str:
    view = asked.get("view", "open")
    return view if view in VIEWS else "open"
