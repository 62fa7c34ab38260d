"""The export centre: lists as files, the long ones written while people do something else."""

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from merchant_protection.foundation import tables
from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.htmx import refusals_told
from merchant_protection.notices import policies, queries
from merchant_protection.notices.models import Export
from merchant_protection.notices.services import exports

SHOWN = 50
PASSING = ("after", "before", "saved")
FILTERS = {
    "q": gettext_lazy("Search"),
    "status": gettext_lazy("Status"),
    "after_sale": gettext_lazy("After-sales"),
    "since": gettext_lazy("From"),
    "until": gettext_lazy("Until"),
    "category": gettext_lazy("Category"),
    "type": gettext_lazy("Kind"),
    "view": gettext_lazy("View"),
    "kind": gettext_lazy("Kind"),
    "verdict": gettext_lazy("Answer"),
}
ONE_OF = {  # named by a number that says nothing to a reader
    "buyer": gettext_lazy("Of one buyer"),
    "ring": gettext_lazy("Of one ring of accounts"),
    "policy": gettext_lazy("By one policy"),
    "rule": gettext_lazy("By one rule"),
}
TONES = {"WAITING": "idle", "RUNNING": "sent", "DONE": "good", "FAILED": "bad", "EXPIRED": "hollow"}
FAILURES = {
    "not_allowed": gettext_lazy("Whoever asked may not see this list any more."),
    "gave_up": gettext_lazy("It could not be written. Ask for it again, or with narrower filters."),
}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponseBase:
    """Show the shop's exports, newest first; a list that is asked for is sent at once, or put in line."""
    if request.method == "POST":
        return _create(request)
    actor, now = request.actor, timezone.now()
    rows = [_shown(request, job) for job in queries.exports_of_shop(actor, actor.merchant_id)[:SHOWN]]
    context = {"rows": rows, "now": now, "running": any(row["is_open"] for row in rows)}
    response = render(request, "notices/exports.html#jobs" if request.htmx else "notices/exports.html", context)
    response["Vary"] = "HX-Request"
    return response


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand a written file to who asked for it."""
    try:
        job = exports.fetch(actor=request.actor, export_id=pk, at=timezone.now())
        file = open(job.path, "rb")  # noqa: SIM115  the answer closes it
    except Conflict as refusal:
        messages.error(request, refusal.message)
        return redirect("exports")
    except FileNotFoundError:  # the disk was emptied before its day was over
        messages.error(request, _("This file is not there any more. Ask for it again."))
        return redirect("exports")
    return FileResponse(file, as_attachment=True, filename=exports.file_name(job), content_type=tables.CSV)


def _create(request: HttpRequest) -> HttpResponseBase:
    actor, kind, query = request.actor, request.POST.get("kind", ""), _query(request)
    table = exports.table_of(kind, actor=actor, query=query)
    with refusals_told(request):
        job = exports.ask(
            actor=actor,
            merchant_id=actor.merchant_id,
            kind=kind,
            query=query,
            at=timezone.now(),
            language=get_language() or "en",
        )
        if job is None:
            return tables.csv_response(table.lines(), name=f"{kind}.csv")
        messages.success(request, _("The list is long: it is being written, and waits here for you."))
    return redirect("exports")


def _query(request: HttpRequest) -> str:
    asked = QueryDict(request.POST.get("query", "")[:1000].replace("\x00", ""), mutable=True)
    for name in [name for name, value in asked.items() if name in PASSING or not value]:
        del asked[name]
    return asked.urlencode()


def _shown(request: HttpRequest, job: Export) -> dict[str, object]:
    label = settings.EXPORTS.get(job.kind, (job.kind,))[0]
    return {
        "job": job,
        "label": label,
        "tone": TONES[job.status],
        "filters": [_filter(job.kind, name, value) for name, value in QueryDict(job.query).items()],
        "is_open": job.status in Export.OPEN,
        "percent": min(99, job.rows_done * 100 // job.rows_total) if job.rows_total else 0,
        "may_fetch": policies.can_fetch(request.actor, job) and job.is_ready(timezone.now()),
        "failure": FAILURES.get(job.last_error, "") if job.status == Export.Status.FAILED else "",
    }


def _filter(kind: str, name: str, value: str) -> str:
    """Say by what a list was narrowed, as its own page calls it."""
    if name in ONE_OF:
        return str(ONE_OF[name])
    path = settings.EXPORT_CHOICES.get(kind)
    choices = import_string(path).get(name, {}) if path else {}
    return _("%(filter)s: %(choice)s") % {"filter": FILTERS.get(name, name), "choice": choices.get(value, value)}
