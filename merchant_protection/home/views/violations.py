"""The rules a shop broke, the points of that, and how points come off again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from merchant_protection.foundation import keyset
from merchant_protection.risk import queries as risk
from training.queries import reliefs


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show a shop's violations, newest first, with what was relieved and which courses relieve more."""
    actor, now = request.actor, timezone.now()
    rows = risk.violations_visible_to(actor).filter(merchant_id=actor.merchant_id)
    page = keyset.page(
        rows,
        by=["-happened_at", "-id"],
        size=25,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "page": page,
        "rows_empty": not page.rows,
        "now": now,
        "points": risk.points_of(actor.merchant_id, at=now),
        "ways": reliefs.for_kinds(risk.kinds_with_points(actor.merchant_id, at=now))[:6],
    }
    return render(request, "home/violations.html", context)
