"""Draws: committed, entered, drawn, recomputed by whoever doubts."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.foundation import keyset, tables
from merchant_protection.foundation.errors import NotAllowed
from merchant_protection.foundation.htmx import attempt, refusals_told, status_of
from scalper_policies import forms, policies
from scalper_policies.models import Draw
from scalper_policies.queries import draws as queries
from scalper_policies.rules import draw as rules
from scalper_policies.services import draws

PAGE = 25


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the shop's draws, newest first."""
    page = keyset.page(
        _mine(request),
        by=["-id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {"rows": page.rows, "rows_empty": not page.rows, "page": page, "may": _may(request)}
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
    """Show a draw, and once it is drawn the winners as they were worked out from what was published."""
    draw = get_object_or_404(_mine(request).select_related("policy"), pk=pk)
    winners = [(place, shown, entry) for place, (entry, shown) in enumerate(draw.winners, 1)]
    context = {"draw": draw, "count": _number(draw), "may": _may(request), "winners": winners}
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
    asked = request.GET.get("entry", "").strip().lower()[:64]
    winners = [entry for entry, _shown in draw.winners]
    context = {"draw": draw, "count": _number(draw), "asked": asked, "winners": winners}
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
def recompute(request: HttpRequest, pk: int) -> HttpResponse:
    """Work a draw out once more from what was published."""
    draw = get_object_or_404(_mine(request), pk=pk)
    with refusals_told(request):
        draws.recompute(actor=request.actor, draw_id=draw.pk, at=timezone.now())
    return redirect("scalper_draw", pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a draw off."""
    draw = get_object_or_404(_mine(request), pk=pk)
    with refusals_told(request):
        draws.cancel(actor=request.actor, draw_id=draw.pk, at=timezone.now())
    return redirect("scalper_draw", pk)


def _said_to(draw: Draw, entry: str) -> str:
    """What a draw said to an entry: that it is none of this draw, that it waits, or whether it was chosen."""
    if not queries.entries_of(draw).filter(entry=entry).exists():
        return "UNKNOWN"
    if draw.checked_at is None:
        return "ENTERED"
    is_chosen = rules.has_won(bytes.fromhex(draw.seed), draw.name, entry, last=draw.last_ticket)
    return "WON" if is_chosen else "NOT_WON"


def _number(draw: Draw) -> int:
    """How many entered: counted while entries are open, kept afterwards."""
    return queries.entries_of(draw).count() if draw.entries_count is None else draw.entries_count


def _mine(request: HttpRequest) -> QuerySet[Draw]:
    return queries.visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _may(request: HttpRequest) -> bool:
    return policies.can_write(request.actor, request.actor.merchant_id)
