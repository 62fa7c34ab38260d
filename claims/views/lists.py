"""The shop's complaints."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from claims import policies
from claims.models import Claim
from claims.queries import deadlines, kinds
from claims.queries import shop_lists as lists
from claims.templatetags.claims import named
from merchant_protection.foundation import keyset, tables

PAGE = 25
FILTERS = ("q", "status", "kind")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the complaints: first what needs the merchant, each view with its own order."""
    view = _view(request)
    rows = _rows(request, view)
    by = lists.RECENT
    if view in lists.BY_URGENCY:
        rows, by = lists.urgent_first(rows), lists.URGENT
    page = keyset.page(rows, by=by, size=PAGE, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = {
        "page": page,
        "rows": _with_deadlines(page.rows),
        "rows_empty": not page.rows,
        "filtered": any(request.GET.get(name) for name in FILTERS),
        "view": view,
        "views": _views(request),
        "statuses": Claim.Status.choices,
        "kinds": [(kind.code, named(kind)) for kind in kinds.current()],
        "bulk_url": reverse("claims_picked") if policies.can_file(request.actor, request.actor.merchant_id) else "",
        "may": policies.can_file(request.actor, request.actor.merchant_id),
    }
    return render(request, "claims/index.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Send what the filter shows as CSV."""
    rows = _rows(request, _view(request)).order_by(*lists.RECENT)
    return tables.csv_response(csv_of(rows), name="complaints.csv")


def _with_deadlines(claims: list[Claim]) -> list[tuple[Claim, deadlines.Deadline]]:
    """Put beside each complaint what the desk's own page says of its deadline."""
    badges = deadlines.of(claims, now=timezone.now())
    return [(claim, badges[claim.pk]) for claim in claims]


def _view(request: HttpRequest) -> str:
    asked = request.GET.get("view", "")
    if asked in lists.VIEWS:
        return asked
    if any(request.GET.get(name) for name in FILTERS):
        return lists.ALL
    now = timezone.now()
    return lists.ACTION if lists.of_view(lists.mine(request.actor), lists.ACTION, now=now).exists() else lists.OPEN


def _views(request: HttpRequest) -> list[dict[str, object]]:
    waiting = lists.of_view(lists.mine(request.actor), lists.ACTION, now=timezone.now())[:100].count()
    words = {
        lists.ACTION: _("Needs you"),
        lists.OPEN: _("In progress"),
        lists.SOON_DUE: _("Due soon"),
        lists.WAITING: _("Evidence needed"),
        lists.CLOSED: _("Decided and closed"),
        lists.ALL: _("All"),
    }
    return [
        {"key": key, "label": label} | ({"count": waiting} if key == lists.ACTION else {})
        for key, label in words.items()
    ]


def _rows(request: HttpRequest, view: str) -> QuerySet[Claim]:
    rows = lists.of_view(lists.mine(request.actor), view, now=timezone.now())
    rows = lists.search(rows, request.GET.get("q", "")[:80])
    if (status := request.GET.get("status", "")) in Claim.Status.values:
        rows = rows.filter(status=status)
    if kind := request.GET.get("kind", "")[:40]:
        rows = rows.filter(kind_code=kind)
    return rows


def csv_of(rows: QuerySet[Claim]) -> Iterator[list[object]]:
    """Return complaints as the lines of a file, the head first."""
    yield [
        *(_("Complaint"), _("Order number"), _("Kind"), _("Status"), _("At stake"), _("Upheld"), _("Currency")),
        *(_("Submitted"), _("Next deadline"), _("Decided"), pgettext("complaint", "Appeal until")),
        _("Further orders"),
    ]
    for claim in rows.prefetch_related("joined__order").iterator(chunk_size=2000):
        moments = (claim.submitted_at, claim.due_at, claim.decided_at, claim.appeal_until)
        yield [
            *(claim.number, claim.order_number, named(claim.kind), claim.get_status_display(), claim.amount),
            *("" if claim.amount_upheld is None else claim.amount_upheld, claim.currency),
            *(timezone.localtime(each).isoformat(timespec="seconds") if each else "" for each in moments),
            " ".join(sorted(each.order.number for each in claim.joined.all())),
        ]
