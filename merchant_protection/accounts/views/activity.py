"""The shop's activity log: who changed what."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from merchant_protection.accounts import policies
from merchant_protection.accounts.forms import ActivityFilter
from merchant_protection.audit import queries as audit
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import keyset, tables
from merchant_protection.foundation.errors import require

PAGE = 50
COLUMNS = ("at", "actor_name", "action", "subject_kind", "subject_id", "before", "after", "reason", "origin")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the log, newest first."""
    rows = _rows(request)
    page = keyset.page(
        rows, by=["-id"], size=PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    context = {"page": page, "rows_empty": not page.rows, "filtered": any(request.GET.get(k) for k in ("q", "since"))}
    return render(request, "accounts/activity.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Send what the filter shows as CSV."""
    return tables.csv_response(_lines(_rows(request).order_by("-id")), name="activity.csv")


def _rows(request: HttpRequest) -> QuerySet[Entry]:
    actor, wishes = request.actor, ActivityFilter(request.GET)
    require(policies.can_see_shop(actor, actor.merchant_id))
    wishes.is_valid()
    since, until = wishes.window()
    return audit.of_merchant(actor.merchant_id, text=wishes.cleaned_data.get("q", ""), since=since, until=until)


def _lines(rows: QuerySet[Entry]) -> Iterator[list[object]]:
    yield list(COLUMNS)
    for entry in rows.iterator():
        yield [timezone.localtime(entry.at).isoformat(timespec="seconds"), *[getattr(entry, c) for c in COLUMNS[1:]]]
