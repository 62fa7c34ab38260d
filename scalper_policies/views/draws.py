"""Draws: committed, entered, drawn, recomputed by whoever doubts."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.foundation import tables
from merchant_protection.foundation.errors import Conflict, NotAllowed
from merchant_protection.foundation.htmx import attempt, status_of
from scalper_policies import forms, policies
from scalper_policies.lifecycle import DrawStatus
from scalper_policies.models import Draw
from scalper_policies.queries import draws as queries
from scalper_policies.rules import draw as rules
from scalper_policies.services import draws

SHOWN = 100
MOST_RECOMPUTED = 5_000  # entries that are drawn again for anybody who opens the page


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the shop's draws, newest first."""
    rows = list(_mine(request).order_by("-pk")[:100])
    context = {"rows": rows, "rows_empty": not rows, "page": None, "may": _may(request)}
    return render(request, "scalper_policies/draws.html", context)


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Commit to a seed, and say when entries open and close."""
    if not _may(request):
        raise NotAllowed
    of = queries.policies_of(request.actor.merchant_id).values_list("pk", "name")
    form = forms.DrawForm(request.POST or None, of=of, initial={"policy_id": request.GET.get("policy", "")})
    if request.method == "POST":
        given = form.cleaned_data if form.is_valid() else {}
        made = attempt(
            form,
            draws.commit,
            actor=request.actor,
            merchant_id=request.actor.merchant_id,
            at=timezone.now().replace(second=0, microsecond=0),
            **given,
        )
        if made:
            return redirect("scalper_draw", made.pk)
    return render(request, "scalper_policies/draw_new.html", {"form": form}, status=status_of(form))


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draw, and once it is drawn the winners, worked out afresh from what was published."""
    draw = get_object_or_404(_mine(request).select_related("policy"), pk=pk)
    entries = queries.entries_of(draw)
    context = {"draw": draw, "count": entries.count(), "may": _may(request), "winners": [], "is_right": True}
    if draw.status == DrawStatus.REVEALED:
        shown = dict(entries.values_list("entry", "shown"))
        seed = bytes.fromhex(draw.seed)
        drawn = rules.winners(seed, draw.name, shown, draw.places)
        context["winners"] = [(place, shown[entry], entry) for place, entry in enumerate(drawn[:SHOWN], 1)]
        context["is_right"] = rules.is_seed_of(seed, draw.commitment) and (
            rules.entries_digest(shown) == draw.entries_digest
        )
    return render(request, "scalper_policies/draw.html", context)


@require_GET
def entries_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the entries of a draw, by which anybody can recompute it."""
    draw = get_object_or_404(_mine(request), pk=pk)
    rows = queries.entries_of(draw).values_list("entry", "shown", "at")
    return tables.csv_response([("entry", _("Buyer"), _("Entered")), *rows], name=f"draw-{draw.pk}.csv")


@require_GET
def published(request: HttpRequest, commitment: str) -> HttpResponse:
    """Show anybody what a draw published, and what it said to one entry; buyers are not named."""
    draw = queries.published(commitment)
    if draw is None:
        raise Http404
    entries = queries.entries_of(draw).values_list("entry", flat=True)
    asked, count = request.GET.get("entry", "").strip().lower()[:64], entries.count()
    context = {"draw": draw, "count": count, "asked": asked, "winners": [], "is_right": True}
    if draw.status == DrawStatus.REVEALED:
        seed = bytes.fromhex(draw.seed)
        context["is_right"] = rules.is_seed_of(seed, draw.commitment)
        if count <= MOST_RECOMPUTED:
            every = list(entries)
            context["winners"] = rules.winners(seed, draw.name, every, draw.places)[:SHOWN]
            context["is_right"] = context["is_right"] and rules.entries_digest(every) == draw.entries_digest
    if asked:
        context["said"] = _said_to(draw, asked)
    return render(request, "scalper_policies/draw_published.html", context)


@require_GET
def published_entries(request: HttpRequest, commitment: str) -> StreamingHttpResponse:
    """Send anybody the entries of a draw, without who they are."""
    draw = queries.published(commitment)
    if draw is None:
        raise Http404
    rows = queries.entries_of(draw).values_list("entry", "at")
    return tables.csv_response([("entry", _("Entered")), *rows], name=f"draw-{draw.commitment[:12]}.csv")


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a draw off."""
    draw = get_object_or_404(_mine(request), pk=pk)
    try:
        draws.cancel(actor=request.actor, draw_id=draw.pk, at=timezone.now())
    except Conflict as refusal:
        messages.error(request, refusal.message)
    return redirect("scalper_draw", pk)


def _said_to(draw: Draw, entry: str) -> str:
    """What a draw said to an entry: that it is none of this draw, that it waits, or whether it was chosen."""
    entries = queries.entries_of(draw)
    if not entries.filter(entry=entry).exists():
        return "UNKNOWN"
    if draw.status != DrawStatus.REVEALED:
        return "ENTERED"
    seed = bytes.fromhex(draw.seed)
    every = entries.values_list("entry", flat=True)
    last = draw.last_ticket or rules.last_ticket(seed, draw.name, every, draw.places)
    return "WON" if rules.has_won(seed, draw.name, entry, last=last) else "NOT_WON"


def _mine(request: HttpRequest) -> QuerySet[Draw]:
    return queries.visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _may(request: HttpRequest) -> bool:
    return policies.can_write(request.actor, request.actor.merchant_id)
