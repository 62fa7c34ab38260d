"""The shop's risk warnings: what waits, why it warns, and what to do about it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import keyset, masking, tables
from merchant_protection.foundation.errors import Conflict
from merchant_protection.home.services import answers
from merchant_protection.marketplace.queries import orders
from merchant_protection.risk import policies, queries, wording
from merchant_protection.risk.models import Warning

PAGE = 25
VIEWS = ("open", "high", "acknowledged", "all")
FILTERS = ("q", "kind")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the warnings that wait for an answer, by level and kind."""
    view = _view(request)
    page = keyset.page(
        _rows(request),
        by=queries.URGENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    actor = request.actor
    counts = queries.counts_by_level(actor.merchant_id)
    may_answer = policies.can_answer(actor, actor.merchant_id)
    context = {
        "page": page,
        "rows_empty": not page.rows,
        "view": view,
        "views": [
            {"key": "open", "label": _("To handle"), "count": None},
            {"key": "high", "label": _("High"), "count": counts.get("HIGH") or None},
            {"key": "acknowledged", "label": _("Acknowledged"), "count": None},
            {"key": "all", "label": _("All"), "count": None},
        ],
        "kinds": sorted(wording.KINDS.items(), key=lambda pair: str(pair[1])),
        "filtered": any(request.GET.get(name) for name in FILTERS),
        "may_answer": may_answer,
        "bulk_url": reverse("warnings_bulk") if may_answer else "",
    }
    return render(request, "home/warnings.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one warning: what was seen against which limits, the orders it is about, and what may be done."""
    warning = get_object_or_404(_mine(request), pk=pk)
    context = {
        "warning": warning,
        "checks": wording.checks(warning),
        "history": queries.history_of(warning),
        "lines": orders.lines_of(warning.order)[:100] if warning.order else [],
        "affected": _affected(request, warning),
        "may_answer": policies.can_answer(request.actor, warning.merchant_id) and warning.is_unanswered,
    }
    return render(request, "home/warning.html", context)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge a warning, take it up again, or say that nothing is wrong."""
    warning = get_object_or_404(_mine(request), pk=pk)
    name = request.POST.get("answer", "")
    if name not in answers.ANSWERS:
        return redirect("warning", pk)
    note = request.POST.get("note", "")[:300]
    try:
        answers.answer(name, warning_id=warning.pk, actor=request.actor, at=timezone.now(), note=note)
    except Conflict as refusal:
        messages.error(request, refusal.message)
        return redirect("warning", pk)
    _say(request, name, [warning.pk])
    return redirect("warning", pk) if name != "reopen" else redirect("warnings")


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Answer the rows that were picked; tell how many were, and which were not."""
    name = request.POST.get("answer", "")
    if name not in answers.ANSWERS:
        return redirect("warnings")
    picked = [int(each) for each in request.POST.getlist("pick") if each.isdecimal() and len(each) < 19]
    ids = list(_mine(request).filter(pk__in=picked[:PAGE]).values_list("pk", flat=True))
    results = answers.answer_many(name, warning_ids=ids, actor=request.actor, at=timezone.now())
    _say(request, name, [each.warning_id for each in results if each.is_done])
    refused = [each for each in results if not each.is_done]
    if refused:
        count = len(refused)
        text = ngettext("%(count)s was left as it is: %(why)s", "%(count)s were left as they are: %(why)s", count)
        messages.error(request, text % {"count": count, "why": refused[0].refusal})
    return redirect("warnings")


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take acknowledgements back."""
    named = [each for each in request.GET.get("ids", "").split(",") if each.isdecimal() and len(each) < 19]
    ids = list(_mine(request).filter(pk__in=list(map(int, named[:PAGE]))).values_list("pk", flat=True))
    answers.answer_many("reopen", warning_ids=ids, actor=request.actor, at=timezone.now())
    return redirect("warnings")


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Send what the filter shows as CSV; buyers stay masked."""
    return tables.csv_response(_csv(_rows(request).order_by(*queries.URGENT)), name="warnings.csv")


def _mine(request: HttpRequest) -> QuerySet[Warning]:
    actor: Any = request.actor
    return queries.visible_to(actor).filter(merchant_id=actor.merchant_id)


def _view(request: HttpRequest) -> str:
    view = request.GET.get("view", "open")
    return view if view in VIEWS else "open"


def _rows(request: HttpRequest) -> QuerySet[Warning]:
    rows = queries.in_view(_mine(request), _view(request))
    if kind := request.GET.get("kind", "").replace("\x00", "")[:40]:
        rows = rows.filter(kind=kind)
    return queries.search(rows, request.GET.get("q", "").replace("\x00", "").strip()[:80])


def _affected(request: HttpRequest, warning: Warning) -> list[Any]:
    """The buyer's other orders of the last day, which the warning may be about too."""
    if warning.buyer_id is None:
        return []
    mine = orders.visible_to(request.actor).filter(merchant_id=warning.merchant_id, buyer_id=warning.buyer_id)
    return list(mine.exclude(pk=warning.order_id or 0).order_by(*orders.RECENT)[:10])


def _say(request: HttpRequest, name: str, ids: list[int]) -> None:
    if not ids:
        return
    count = len(ids)
    if name == "acknowledge":
        text = ngettext("%(count)s warning acknowledged", "%(count)s warnings acknowledged", count) % {"count": count}
        path = f"{reverse('warnings_undo')}?ids={','.join(map(str, ids))}"
        messages.success(request, text, extra_tags=f"undo:{path}")
    elif name == "mark_normal":
        text = ngettext("%(count)s warning verified as normal", "%(count)s warnings verified as normal", count)
        messages.success(request, text % {"count": count})


def _csv(rows: QuerySet[Warning]) -> Iterator[list[object]]:
    yield [
        *(_("Warning"), _("Kind"), _("Level"), _("Status"), _("Order number"), _("Buyer"), _("What was seen")),
        *(_("Amount"), _("Currency"), _("Raised"), _("Ends"), _("Answered"), _("Answered by"), _("Note")),
    ]
    for warning in rows.iterator(chunk_size=2000):
        yield [
            *(warning.pk, wording.kind_name(warning.kind), warning.get_level_display(), warning.get_status_display()),
            warning.order.number if warning.order else "",
            masking.masked(warning.buyer.ref) if warning.buyer else "",
            *(wording.reason(warning), warning.amount, warning.currency),
            *(_time(warning.raised_at), _time(warning.expires_at), _time(warning.answered_at)),
            *(warning.answered_by, warning.answer_note),
        ]


def _time(at: Any) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""
