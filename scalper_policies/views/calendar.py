"""The launches of a month, with their policies."""

import calendar
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from scalper_policies.lifecycle import VersionStatus
from scalper_policies.models import PolicyVersion
from scalper_policies.queries import policies as queries


@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """Show a month's days with the launches that run on each, and the draws beside them."""
    first = _first(request.GET.get("month", ""))
    after = (first + timedelta(days=32)).replace(day=1)
    zone = timezone.get_current_timezone()
    since, until = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, after))
    found = queries.calendar(request.actor, since=since, until=until).filter(merchant_id=request.actor.merchant_id)
    launches = _one_each(found.order_by("starts_at", "-number")[:200])
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    context = {
        "first": first,
        "before": (first - timedelta(days=1)).strftime("%Y-%m"),
        "after": after.strftime("%Y-%m"),
        "weeks": [
            [{"day": day, "own": day.month == first.month, "launches": _on(day, launches)} for day in week]
            for week in weeks
        ],
        "weekdays": weeks[0],
        "launches": launches,
        "today": timezone.localdate(),
    }
    return render(request, "scalper_policies/calendar.html", context)


def _first(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=timezone.get_current_timezone()).date()
    except ValueError:
        return timezone.localdate().replace(day=1)


def _one_each(found: Iterable[PolicyVersion]) -> list[PolicyVersion]:
    """One version of each policy: the one in force, else the newest."""
    chosen: dict[int, PolicyVersion] = {}
    for version in found:
        known = chosen.setdefault(version.policy_id, version)
        if version.status == VersionStatus.ENFORCING != known.status:
            chosen[version.policy_id] = version
    return list(chosen.values())


def _on(day: date, launches: list[PolicyVersion]) -> list[PolicyVersion]:
    return [
        each
        for each in launches
        if each.starts_at
        and timezone.localdate(each.starts_at) <= day
        and (each.ends_at is None or day <= timezone.localdate(each.ends_at))
    ]
