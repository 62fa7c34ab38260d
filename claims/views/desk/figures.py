"""What the desk shows of itself: to its lead in full, to everybody in a few honest lines."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from claims.queries import clocks, figures, quality, settings
from claims.templatetags.desk_words import worded
from claims.views.desk.door import desk_page, show
from merchant_protection.foundation import tenancy

MINUTE = timedelta(minutes=1)
WEEKS = timedelta(weeks=figures.WEEKS)
FRESH_FOR = 60  # seconds
MOST_TRIED = 12


@require_GET
@desk_page
def quality_report(request: HttpRequest) -> HttpResponse:
    """Show review times, breaches, backlog and overturn rates, and try other numbers of reviewers."""
    now = timezone.now()
    since, zone = now - WEEKS, timezone.get_current_timezone_name()
    by_week = figures.weeks(since=since, zone=zone)
    answered = list(quality.answered_samples().filter(answered_at__gte=since))
    tried = _tried(request.GET.get("reviewers", ""))
    calendar = clocks.first_calendar()
    arrived = figures.arrivals(since=since, zone=zone)
    by_queue = figures.weeks(since=now - timedelta(weeks=4), zone=zone, by_queue=True)
    names = {each.code: worded(each, "name") for each in settings.rows("queues")}
    return show(
        request,
        "claims/desk/figures.html",
        {
            "title": _("Quality report"),
            "overall": figures.overall(by_week),
            "weeks": _beside(by_week, arrived),
            "by_queue": [(week, names.get(week.queue, "–")) for week in by_queue],
            "ages": list(zip(_ages(), figures.ages(now=now), strict=True)),
            "people": figures.people(since=since),
            "agreement": quality.kappa(answered),
            "outlooks": figures.outlooks(calendar=calendar, since=now - timedelta(weeks=4), reviewers=tried)
            if calendar
            else [],
            "tried": tried[-1],
        },
    )


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """Show everybody how long reviews take and how often they were wrong; no person and no shop is named."""
    found = cache.get_or_set("claims.public_figures", _public_figures, FRESH_FOR)
    return render(request, "claims/public.html", found | {"at": datetime.fromisoformat(found["at"])})


def _public_figures() -> dict[str, Any]:
    """Return plain values only: they are kept for a minute."""
    now = timezone.now()
    with tenancy.platform():
        found = figures.weeks(since=now - WEEKS, zone="Asia/Shanghai")
    overall = figures.overall(found)
    return {
        "weeks": [_plain(vars(week)) | {"week": week.week.isoformat()} for week in found],
        "overall": _plain(overall),
        "at": now.isoformat(),
    }


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    spans = {name: value // MINUTE for name, value in facts.items() if isinstance(value, timedelta)}
    return {name: value for name, value in facts.items() if not isinstance(value, date)} | spans


def _beside(decided: list[figures.Week], arrived: dict[date, int]) -> list[tuple[date, figures.Week | None, int]]:
    """Return each week in which something was decided or filed, the newest first: nothing decided is told too."""
    found = {week.week: week for week in decided}
    return [(day, found.get(day), arrived.get(day, 0)) for day in sorted({*found, *arrived}, reverse=True)]


def _tried(given: str) -> list[int]:
    wanted = min(max(int(given), 1), MOST_TRIED) if given.isdecimal() and len(given) < 4 else 4
    return list(range(max(wanted - 2, 1), wanted + 1))


def _ages() -> list[str]:
    return [_("under 1 day"), _("1–3 days"), _("3–7 days"), _("7–14 days"), _("over 14 days")]
