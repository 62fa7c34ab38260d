"""Thresholds tried on the shop's own past: asked for, watched, read; and thresholds drawn from it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import htmx, keyset, money
from merchant_protection.foundation.errors import Refusal
from pricing_guard.forms import wording
from pricing_guard.lifecycle import JobStatus
from pricing_guard.models import Backtest
from pricing_guard.queries import editing, jobs, listings
from pricing_guard.queries import policies as queries
from pricing_guard.services import backtests
from pricing_guard.views.incidents import told
from pricing_guard.views.policies import may, mine, shop

PAGE = 25
SPANS = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365)}
RUNS = (JobStatus.WAITING, JobStatus.RUNNING)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a version of a policy in line for a trial, beside the version that holds if one asks for it."""
    policy = get_object_or_404(mine(request), pk=pk)
    version = editing.versions_by_number(policy, request.POST.get("number", ""))
    if version is None:
        return redirect("price_policy", policy.pk)
    live = queries.live_version(policy)
    is_compared = bool(request.POST.get("compare") and live and live.pk != version.pk)
    asked = backtests.Asked(
        kind=Backtest.Kind.COMPARE if is_compared else Backtest.Kind.BACKTEST,
        thresholds=version.thresholds,
        against=live.thresholds if is_compared and live else None,
        ladder=version.ladder,
        since=_since(request),
        policy_id=policy.pk,
    )
    return _ask(request, asked, reverse("price_policy", args=[policy.pk]))


@require_POST
def recommend(request: HttpRequest) -> HttpResponse:
    """Ask for thresholds drawn from the shop's own usual moves."""
    asked = backtests.Asked(kind=Backtest.Kind.RECOMMEND, since=_since(request))
    return _ask(request, asked, reverse("price_policies"))


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a trial got, and what it found."""
    run = get_object_or_404(_mine(request), pk=pk)
    side = "B" if request.GET.get("side") == "B" else "A"
    page = keyset.page(
        jobs.hits_of(run).filter(side=side).order_by(),
        by=["id"],
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    currency = listings.currency_of(shop(request))
    sku = request.GET.get("sku", "")[:80] or (page.rows[0].sku if page.rows else "")
    examples = run.result.get("examples", [])
    named = {sku, *(row.sku for row in page.rows), *(each["sku"] for each in examples)}
    titles = listings.titles_of(shop(request), named)
    recommended = run.result.get("thresholds", {}) if run.kind == Backtest.Kind.RECOMMEND else {}
    context = {
        "run": run,
        "running": run.status in RUNS,
        "percent": min(99, run.done * 100 // run.total) if run.total else 0,
        "result": run.result,
        "side": side,
        "page": page,
        "rows": [{"hit": row, "title": titles.get(row.sku, "")} for row in page.rows],
        "chart": _chart(request, run, side, sku) if sku else None,
        "sku": sku,
        "title": titles.get(sku, ""),
        "examples": [each | {"title": titles.get(each["sku"], "")} for each in examples],
        "summary": list(wording.summary(recommended, currency)),
        "evidence": list(_evidence(run.result.get("evidence", []), currency)),
        "begin": f"{reverse('price_policy_new')}?{urlencode(_typed(recommended))}" if recommended else "",
        "changes": list(wording.changes(run.against, run.thresholds, currency)) if run.against else [],
        "may": may(request),
    }
    template = "pricing_guard/backtest.html#progress" if request.htmx else "pricing_guard/backtest.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return htmx.reload_when_over(request, response, is_running=run.status in RUNS)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a trial off."""
    run = get_object_or_404(_mine(request), pk=pk)
    try:
        backtests.cancel(backtest_id=run.pk, actor=request.actor, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, told(refusal))
    return redirect("price_backtest", pk)


def _ask(request: HttpRequest, asked: backtests.Asked, back: str) -> HttpResponse:
    try:
        run = backtests.ask(merchant_id=shop(request), asked=asked, actor=request.actor, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, told(refusal))
        return redirect(back)
    return redirect("price_backtest", run.pk)


def _mine(request: HttpRequest) -> QuerySet[Backtest]:
    return jobs.backtests_visible_to(request.actor).filter(merchant_id=shop(request)).select_related("policy")


def _since(request: HttpRequest) -> Any:
    span = SPANS.get(request.POST.get("span", ""))
    return timezone.now() - span if span else None


def _typed(thresholds: dict[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() for name, value in thresholds.items() if name in wording.WORDS}


def _evidence(rows: list[dict[str, Any]], currency: str) -> Any:
    for row in rows:
        name = row["field"]
        yield {
            "label": wording.WORDS[name].label,
            "value": wording.value(name, row["value"], currency),
            "usual": wording.value(name, row["usual"].split(".")[0] if "units" in name else row["usual"], currency),
            "cases": row["cases"],
        }


def _chart(request: HttpRequest, run: Backtest, side: str, sku: str) -> dict[str, Any] | None:
    """Return the prices of one product with the triggers as points of their own."""
    listing = editing.listing_of(request.actor, sku)
    past = editing.past_of(listing) if listing else []
    hits = list(jobs.hits_of(run).filter(side=side, sku=sku).order_by("at")[:200])
    if listing is None or not (past or hits):
        return None
    marks = {hit.at: float(hit.price) for hit in hits}
    asked = {at: float(price) for at, price in past}
    moments = sorted(asked.keys() | marks.keys())
    return {
        "x": [timezone.localtime(at).isoformat(timespec="seconds") for at in moments],
        "unit": money.sign(listing.currency),
        "time": True,
        "step": True,
        "marks": 1,
        "series": [
            {"name": _("Price asked"), "data": [asked.get(at, marks.get(at)) for at in moments]},
            {"name": _("Doubted"), "data": [marks.get(at) for at in moments]},
        ],
    }
