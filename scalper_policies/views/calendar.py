"""The launches of a month, with their policies."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from merchant_protection.foundation.months import Month
from scalper_policies.lifecycle import VersionStatus
from scalper_policies.models import PolicyVersion
from scalper_policies.queries import policies as queries


@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """Show a month's days with the launches that run on each, and the draws beside them."""
    shown = Month.named(request.GET.get("month", ""))
    since, until = shown.span
    found = queries.calendar(request.actor, since=since, until=until).filter(merchant_id=request.actor.merchant_id)
    launches = _one_each(found.order_by("starts_at", "-number")[:200])
    grid = shown.grid(launches, lasts=lambda each: (each.starts_at, each.ends_at))
    return render(request, "scalper_policies/calendar.html", {"month": grid, "launches": launches})


def _one_each(found: Iterable[PolicyVersion]) -> list[PolicyVersion]:
    """One version of each policy: the one in force, else the newest."""
    chosen: dict[int, PolicyVersion] = {}
    for version in found:
        known = chosen.setdefault(version.policy_id, version)
        if version.status == VersionStatus.ENFORCING != known.status:
            chosen[version.policy_id] = version
    return list(chosen.values())
