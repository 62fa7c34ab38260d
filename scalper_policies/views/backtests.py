"""A policy tried on the shop's past orders: asked for, watched, read, compared."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import keyset, tables
from merchant_protection.foundation.errors import Conflict, Invalid
from merchant_protection.foundation.htmx import refusals_told, reload_when_over
from scalper_policies import policies, wording
from scalper_policies.models import BacktestHit, BacktestRun
from scalper_policies.queries import backtests as queries
from scalper_policies.queries import figures, past_orders
from scalper_policies.queries import policies as policy_queries
from scalper_policies.rules import terms
from scalper_policies.services import backtests

PAGE = 25
SPANS = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365)}
MOST_BARS = 120


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a backtest of a version in line."""
    version = get_object_or_404(
        policy_queries.versions_visible_to(request.actor).filter(merchant_id=request.actor.merchant_id), pk=pk
    )
    now, span = timezone.now(), SPANS.get(request.POST.get("span", ""))
    try:
        run = backtests.ask(
            actor=request.actor,
            version_id=version.pk,
            reading=request.POST.get("reading", "observed"),
            since=now - span if span else None,
            at=now,
        )
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.message or _("This is not possible."))
        return redirect("scalper_policy", version.policy_id)
    return redirect("scalper_backtest", run.pk)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a backtest got, and what it found."""
    run = get_object_or_404(_mine(request), pk=pk)
    report = run.report or {}
    page = keyset.page(
        past_orders.hits_of(run).order_by(),
        by=["ordinal", "id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "run": run,
        "report": report,
        "running": run.status in queries.WAITS,
        "page": page,
        "chart": _chart(report.get("days", [])),
        "findings": [wording.finding_text(each["code"], each["params"]) for each in report.get("findings", [])],
        "rules": _rules(report, wording.rules(run.version.terms)),
        "longest_wait": _("at most %(length)s") % {"length": wording.length(report.get("longest_wait", 0))},
        "share": _percent(report.get("ordinary_buyers_hurt"), report.get("ordinary_buyers")),
        "precision": _percent(report.get("precision"), 1),
        "recall": _percent(report.get("recall"), 1),
        "may": policies.can_write(request.actor, run.merchant_id),
        "other": queries.newest_done(run.version, reading=_other(run)),
    }
    template = "scalper_policies/backtest.html#progress" if request.htmx else "scalper_policies/backtest.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return reload_when_over(request, response, is_running=context["running"])


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a backtest."""
    run = get_object_or_404(_mine(request), pk=pk)
    with refusals_told(request):
        backtests.cancel(actor=request.actor, run_id=run.pk, at=timezone.now())
    return redirect("scalper_backtest", pk)


@require_GET
def hits_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the orders that a backtest found, each with its reasons."""
    run = get_object_or_404(_mine(request), pk=pk)
    return tables.csv_response(_lines(run), name=f"backtest-{run.pk}.csv")


@require_GET
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show two versions of a policy beside each other: what they say, and what each would have done."""
    actor = request.actor
    policy = get_object_or_404(policy_queries.visible_to(actor).filter(merchant_id=actor.merchant_id), pk=pk)
    every = list(policy_queries.versions_of(policy)[:50])
    numbers = {str(each.number): each for each in every}
    new = numbers.get(request.GET.get("new", "")) or every[0]
    old = numbers.get(request.GET.get("old", "")) or next((each for each in every if each.number < new.number), new)
    runs = [
        queries.newest_done(each, reading="enforced") or queries.newest_done(each, reading="observed")
        for each in (old, new)
    ]
    context = {
        "policy": policy,
        "versions": every,
        "old": old,
        "new": new,
        "changes": [wording.change(*each) for each in terms.changes(old.terms, new.terms)],
        "sides": [{"version": version, "run": run} for version, run in zip((old, new), runs, strict=True)],
        "summaries": [wording.summary(old.terms), wording.summary(new.terms)],
        "shadow": figures.shadow_against_live(policy.merchant_id, policy.pk, version_id=new.pk),
    }
    return render(request, "scalper_policies/compare.html", context)


def _mine(request: HttpRequest) -> QuerySet[BacktestRun]:
    return queries.visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)


def _other(run: BacktestRun) -> str:
    return "enforced" if run.reading == "observed" else "observed"


def _chart(days: list[list[Any]]) -> dict[str, Any] | None:
    shown = days[-MOST_BARS:]
    if not shown:
        return None
    series = [
        {"name": _("Units let pass"), "data": [passed for _day, passed, _stopped in shown]},
        {"name": _("Units stopped"), "data": [stopped for _day, _passed, stopped in shown]},
    ]
    return {"x": [day for day, _passed, _stopped in shown], "kind": "bar", "stacked": True, "series": series}


def _rules(report: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    overlap = report.get("overlap", [])
    return [
        {
            "rule": names.get(rule, rule),
            "hits": number,
            "alone": sum(count for rules, count in overlap if rules == [rule]),
        }
        for rule, number in sorted(report.get("hits_by_rule", {}).items(), key=lambda one: -one[1])
    ]


def _percent(part: float | None, whole: float | None) -> str:
    if part is None or not whole:
        return "–"
    return f"{100 * part / whole:.1f}%"


def _lines(run: BacktestRun) -> Iterator[list[object]]:
    yield [_("Order"), _("Placed at"), _("Buyer"), _("Our answer"), _("Units"), _("Rules"), _("Why")]
    for hit in past_orders.hits_of(run).iterator(chunk_size=2_000):
        yield _cells(hit)


def _cells(hit: BacktestHit) -> list[object]:
    placed = timezone.localtime(hit.placed_at).isoformat(timespec="seconds")
    rules = " ".join(sorted({reason["rule"] for reason in hit.reasons}))
    why = "; ".join(wording.reason(reason) for reason in hit.reasons)
    return [hit.number, placed, hit.buyer_shown, hit.get_verdict_display(), hit.units, rules, why]
