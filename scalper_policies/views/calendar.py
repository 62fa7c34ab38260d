"""The launches of a month, with their policies."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from merchant_protection.foundation.months import Month
from scalper_policies.lifecycle import VersionStatus
from scalper_policies.models import PolicyVersion
from scalper_policies.queries import policies as queries

WEEK = timedelta(days=7)
LISTED = 30  # below the days; the others stand in the days and among the policies


@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """Show a month's days with the launches that run on each, and the draws beside them."""
    shown = Month.named(request.GET.get("month", ""))
    since, until = shown.span
    # The days of the months before and after that fill the first and the last week are shown as well.
    found = queries.calendar(request.actor, since=since - WEEK, until=until + WEEK)
    every = _one_each(found.filter(merchant_id=request.actor.merchant_id).order_by("starts_at", "-number")[:200])
    grid = shown.grid(every, lasts=lambda each: (each.starts_at, each.ends_at))
    launches = [each for each in every if _touches(each, since, until)]
    context = {"month": grid, "launches": launches[:LISTED], "more": len(launches) - LISTED}
    return render(request, "scalper_policies/calendar.html", context)


def _touches(version: PolicyVersion, since: datetime, until: datetime) -> bool:
    starts, ends = version.starts_at, version.ends_at
    return starts is not None and starts < until and (ends is None or ends > since)


def _one_each(found: Iterable[PolicyVersion]) -> list[PolicyVersion]:
    """One version of each policy: the one in force, else the newest."""
    chosen: dict[int, PolicyVersion] = {}
    for version in found:
        known = chosen.setdefault(version.policy_id, version)
        if version.status == VersionStatus.ENFORCING != known.status:
            chosen[version.policy_id] = version
    return list(chosen.values())
