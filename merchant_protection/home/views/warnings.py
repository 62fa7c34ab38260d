"""The shop's risk warnings: what waits, why it warns, and what to do about it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import keyset, masking, row_numbers, tables
from merchant_protection.foundation.errors import Conflict, Invalid
from merchant_protection.foundation.htmx import refusals_told
from merchant_protection.home import queries as home
from merchant_protection.home.forms.warnings import SNOOZES, AnswerForm
from merchant_protection.home.services import answers
from merchant_protection.marketplace.queries import orders
from merchant_protection.risk import policies, queries, wording
from merchant_protection.risk.models import BulkAnswer, Warning
from merchant_protection.risk.services.warnings import UNSHIPPED
from scalper_policies.queries import signals

PAGE = 25
VIEWS = {
    "open": gettext_lazy("To handle"),
    "high": gettext_lazy("High"),
    "acknowledged": gettext_lazy("Acknowledged"),
    "all": gettext_lazy("All"),
}
CHOICES = {"view": VIEWS, "kind": wording.KINDS}
FILTERS = ("q", "kind", "ring")
GROUPED = ("open", "high")  # where each ring of accounts is one row, unless something is looked for
UNDONE_BY = {"acknowledge": "reopen", "hold_shipment": "release_shipment"}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the warnings that wait for an answer, by level and kind; those of one ring of accounts as one row."""
    view = _view(request.GET)
    rows, is_grouped = _rows(request.actor, request.GET), _is_grouped(request.GET)
    page = keyset.page(
        home.led(rows, view) if is_grouped else rows,
        by=queries.URGENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    actor = request.actor
    counts = queries.counts_by_level(actor.merchant_id)
    may_answer = policies.can_answer(actor, actor.merchant_id)
    tied = {each.cluster_id for each in page.rows if each.cluster_id} if is_grouped else set()
    rings = home.rings(rows, tied)
    context = {
        "page": page,
        "rows": [{"warning": each, "ring": rings.get(each.cluster_id)} for each in page.rows],
        "ring": _ring(request.GET),
        "rows_empty": not page.rows,
        "view": view,
        "views": [
            {"key": key, "label": label, "count": (key == "high" and counts.get("HIGH")) or None}
            for key, label in VIEWS.items()
        ],
        "kinds": sorted(wording.KINDS.items(), key=lambda pair: str(pair[1])),
        "filtered": any(request.GET.get(name) for name in FILTERS),
        "may_answer": may_answer,
        "bulk_url": f"{reverse('warnings_bulk')}?{request.GET.urlencode()}" if may_answer else "",
        "total": rows[: answers.MOST].count() if may_answer else None,
        "most": answers.MOST,
        "may_tune": policies.can_tune(actor, actor.merchant_id),
    }
    return render(request, "home/warnings.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one warning: what was seen against which limits, the orders it is about, and what may be done."""
    warning = get_object_or_404(_mine(request), pk=pk)
    signal = signals.of_warning(warning, zone=timezone.get_current_timezone())
    context = {
        **(_chart(signal) if signal else {}),
        "snoozes": SNOOZES,
        "warning": warning,
        "checks": wording.checks(warning),
        "history": queries.history_of(warning),
        "lines": orders.lines_of(warning.order)[:100] if warning.order else [],
        "affected": _affected(request, warning),
        "may_answer": policies.can_answer(request.actor, warning.merchant_id) and warning.is_unanswered,
        "can_hold": warning.order is not None and warning.order.status in UNSHIPPED,
        "is_held": queries.is_shipment_held(warning),
    }
    return render(request, "home/warning.html", context)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge a warning, take it up again, say that nothing is wrong, or hold the shipment."""
    warning = get_object_or_404(_mine(request), pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose an answer, and a date within the next 180 days."))
        return redirect("warning", pk)
    told = form.told(timezone.now())
    try:
        answers.answer(warning_id=warning.pk, actor=request.actor, at=timezone.now(), **told)
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.message or next(iter(refusal.fields.values()))[0])
        return redirect("warning", pk)
    _say(request, told["name"], 1, undo=_undo_of(told["name"], pk))
    return redirect(_after(told["name"], warning))


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Answer the rows that were picked, or all that the filter shows; more than 200 in the background."""
    form = AnswerForm(request.POST)
    back = f"{reverse('warnings')}?{request.GET.urlencode()}"
    ids = _picked(request)
    if not form.is_valid() or not ids:
        return redirect(back)
    now = timezone.now()
    actor = request.actor
    job = answers.answer_many(merchant_id=actor.merchant_id, warning_ids=ids, actor=actor, at=now, **form.told(now))
    if job.refused or job.status == BulkAnswer.Status.RUNNING:
        return redirect("warnings_job", job.pk)
    undo = reverse("warnings_undo", args=[job.pk]) if job.answer in UNDONE_BY else ""
    _say(request, job.answer, job.answered, undo=undo)
    return redirect(back)


@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what became of each row of an answer to many warnings."""
    found = get_object_or_404(_jobs(request), pk=pk)
    left = {int(each): why for each, why in found.refusals.items()}
    rows = [(row, left[row.pk]) for row in _mine(request).filter(pk__in=list(left)[:500]).order_by("pk")]
    context = {
        "job": found,
        "rows": rows,
        "total": len(found.warning_ids),
        "is_running": found.status == BulkAnswer.Status.RUNNING,
        "can_undo": found.answer in UNDONE_BY and found.answered,
    }
    return render(request, "home/warnings_job.html", context)


@require_POST
def cancel_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an answer to many warnings."""
    found = get_object_or_404(_jobs(request), pk=pk)
    with refusals_told(request):
        answers.cancel(bulk_id=found.pk, actor=request.actor, at=timezone.now())
    return redirect("warnings_job", pk)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an answer to several warnings back."""
    found = get_object_or_404(_jobs(request), pk=pk)
    name = UNDONE_BY.get(found.answer)
    done = [each for each in found.warning_ids if str(each) not in found.refusals]
    if name and done:
        actor = request.actor
        answers.answer_many(name, merchant_id=actor.merchant_id, warning_ids=done, actor=actor, at=timezone.now())
        messages.success(request, _("Taken back."))
    return redirect("warnings")


@require_POST
def undo_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the answer to one warning back: the acknowledgement or the hold, whichever was last."""
    warning = get_object_or_404(_mine(request), pk=pk)
    last = queries.history_of(warning).first()
    name = UNDONE_BY.get(last.move) if last else None
    if name:
        with refusals_told(request):
            answers.answer(name, warning_id=warning.pk, actor=request.actor, at=timezone.now())
    return redirect("warning", pk)


def table(actor: Actor, asked: Mapping[str, str]) -> tables.Table:
    """Return what the filter shows as a table to take away; buyers stay masked."""
    heads = [
        *(_("Warning"), _("Kind"), _("Level"), _("Status"), _("Order number"), _("Buyer"), _("What was seen")),
        *(_("Amount"), _("Currency"), _("Raised"), _("Ends"), _("Answered"), _("Answered by"), _("Note")),
    ]
    return tables.Table(_rows(actor, asked).order_by(*queries.URGENT), heads, _cells)


def _of_shop(actor: Any) -> QuerySet[Warning]:
    return queries.visible_to(actor).filter(merchant_id=actor.merchant_id)


def _mine(request: HttpRequest) -> QuerySet[Warning]:
    return _of_shop(request.actor)


def _view(asked: Mapping[str, str]) -> str:
    view = asked.get("view", "open")
    return view if view in VIEWS else "open"


def _rows(actor: Any, asked: Mapping[str, str]) -> QuerySet[Warning]:
    rows = queries.in_view(_of_shop(actor), _view(asked))
    if kind := asked.get("kind", "").replace("\x00", "")[:40]:
        rows = rows.filter(kind=kind)
    if ring := _ring(asked):
        rows = rows.filter(cluster_id=ring)
    return queries.search(rows, asked.get("q", "").replace("\x00", "").strip()[:80])


def _is_grouped(asked: Mapping[str, str]) -> bool:
    return _view(asked) in GROUPED and not any(asked.get(name) for name in FILTERS)


def _ring(asked: Mapping[str, str]) -> int:
    return row_numbers.read(asked.get("ring", "")) or 0


def _chart(signal: signals.Curve) -> dict[str, Any]:
    titles = {
        "unpaid_units": _("Units in unpaid orders, by hour"),
        "sold_units": _("Units ordered, by hour"),
        "link_orders": _("Orders of only this link, by hour"),
        "claims": _("Claims for money, by day"),
        "returns": _("Returns, by day"),
        "price": _("Price of the product, by day"),
    }
    title = titles[signal.name]
    chart: dict[str, Any] = {"x": signal.labels, "series": [{"name": title, "data": signal.values}]}
    chart |= {"unit": "¥", "step": True} if signal.name == "price" else {"kind": "bar"}
    if signal.limit is not None:
        chart["threshold"] = {"value": signal.limit, "beyond": "below"}
    return {"chart": chart, "chart_title": title, "chart_column": _("Hour") if signal.by == "hour" else _("Day")}


def _affected(request: HttpRequest, warning: Warning) -> list[Any]:
    """The other orders of the buyer and of the accounts tied to it, which the warning may be about too."""
    if warning.buyer_id is None:
        return []
    buyers = {warning.buyer_id}
    if warning.cluster is not None:
        buyers |= set(queries.members_of(warning.cluster))
    theirs = orders.visible_to(request.actor).filter(merchant_id=warning.merchant_id, buyer_id__in=buyers)
    return list(theirs.exclude(pk=warning.order_id or 0).order_by(*orders.RECENT)[:20])


def _jobs(request: HttpRequest) -> QuerySet[BulkAnswer]:
    return queries.bulk_visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _picked(request: HttpRequest) -> list[int]:
    """The rows that were picked on the page, or all of the filter in the address."""
    if request.POST.get("every"):
        return list(
            _rows(request.actor, request.GET).order_by(*queries.URGENT).values_list("pk", flat=True)[: answers.MOST]
        )
    picked = request.POST.getlist("pick")
    named = row_numbers.read_all(picked)
    rings = [_ring({"ring": each.removeprefix("ring-")}) for each in picked if each.startswith("ring-")]
    found = list(_mine(request).filter(pk__in=named[: answers.AT_ONCE]).values_list("pk", flat=True))
    if rings:
        tied = _rows(request.actor, request.GET).filter(cluster_id__in=rings[: answers.AT_ONCE])
        found += list(tied.order_by(*queries.URGENT).values_list("pk", flat=True)[: answers.MOST])
    return list(dict.fromkeys(found))


def _after(name: str, warning: Warning) -> str:
    """Where one goes on: a reported warning leads to the complaint that was begun."""
    if name == "report" and (step := queries.history_of(warning).first()) is not None:
        try:
            return reverse("claim_edit", args=[int(step.note)])
        except NoReverseMatch:
            pass  # the pages of complaints are not part of this site
    return reverse("warning", args=[warning.pk])


def _undo_of(name: str, pk: int) -> str:
    return reverse("warning_undo", args=[pk]) if name in UNDONE_BY else ""


def _say(request: HttpRequest, name: str, count: int, *, undo: str) -> None:
    words = {
        "acknowledge": ngettext("%(count)s warning acknowledged", "%(count)s warnings acknowledged", count),
        "reopen": ngettext("%(count)s warning taken up again", "%(count)s warnings taken up again", count),
        "mark_normal": ngettext("%(count)s warning verified as normal", "%(count)s warnings verified as normal", count),
        "report": ngettext(
            "%(count)s complaint is begun; complete it and hand it in",
            "%(count)s complaints are begun; complete them and hand them in",
            count,
        ),
        "hold_shipment": ngettext("%(count)s shipment is being held", "%(count)s shipments are being held", count),
        "release_shipment": ngettext("%(count)s shipment is released", "%(count)s shipments are released", count),
    }
    text = words[name] % {"count": count}
    messages.success(request, text, extra_tags=f"undo:{undo}" if undo else "")


def _cells(warning: Warning) -> list[object]:
    return [
        *(warning.pk, wording.kind_name(warning.kind), warning.get_level_display(), warning.get_status_display()),
        warning.order.number if warning.order else "",
        masking.masked(warning.buyer.ref) if warning.buyer else "",
        *(wording.reason(warning), warning.amount, warning.currency),
        *(_time(warning.raised_at), _time(warning.expires_at), _time(warning.answered_at)),
        *(warning.answered_by, warning.answer_note),
    ]


def _time(at: Any) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""
