"""Loading a shop's order history from a file."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.foundation import tables
from merchant_protection.foundation.htmx import attempt, reload_when_over, status_of
from merchant_protection.marketplace import policies, wording
from merchant_protection.marketplace.forms import ImportForm
from merchant_protection.marketplace.models import Import
from merchant_protection.marketplace.queries import imports as queries
from merchant_protection.marketplace.services import imports

SUFFIXES = (".csv", ".csv.gz", ".xlsx")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the shop's imports, newest first."""
    rows = _mine(request).order_by("-pk")[:50]
    return render(request, "marketplace/imports.html", {"rows": rows, "may": _may(request)})


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Take a file and put it in line."""
    actor, form = request.actor, ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        suffix = next((each for each in SUFFIXES if upload.name.lower().endswith(each)), "")
        if not suffix:
            form.add_error("file", _("Choose a CSV, CSV.GZ or XLSX file."))
        else:
            job = attempt(
                form,
                imports.ask,
                actor=actor,
                merchant_id=actor.merchant_id,
                path=str(_kept(upload, suffix)),
                file_name=upload.name,
                is_dry_run=form.cleaned_data["is_dry_run"],
                at=timezone.now(),
            )
            if job:
                return redirect("import", job.pk)
    return render(request, "marketplace/import_new.html", {"form": form}, status=status_of(form))


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far an import got, what it counted, and the rows it could not take."""
    job = get_object_or_404(_mine(request), pk=pk)
    context = {
        "job": job,
        "running": job.status in (Import.Status.WAITING, Import.Status.RUNNING),
        "percent": _percent(job),
        "totals": [(wording.import_total(name), count) for name, count in job.totals.items()],
        "columns": [(wording.import_field(name), column) for name, column in job.mapping.items() if column],
        "faults": [
            (fault, wording.import_field(fault.field), wording.import_fault(fault.code))
            for fault in queries.faults_of(job.pk)[:100]
        ],
        "failure": wording.import_failure(job.last_error) if job.last_error else "",
        "may": _may(request),
    }
    template = "marketplace/import.html#progress" if request.htmx else "marketplace/import.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return reload_when_over(request, response, is_running=context["running"])


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an import."""
    imports.cancel(actor=request.actor, import_id=pk, at=timezone.now())
    messages.success(request, _("Stopped. What was loaded stays, and you can go on later."))
    return redirect("import", pk)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import up again."""
    imports.resume(actor=request.actor, import_id=pk, at=timezone.now())
    return redirect("import", pk)


@require_GET
def faults(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the rows that could not be taken, each with its reason and its cells."""
    job = get_object_or_404(_mine(request), pk=pk)
    return tables.csv_response(_fault_lines(job), name=f"faults-{job.pk}.csv")


def _mine(request: HttpRequest) -> QuerySet[Import]:
    actor = request.actor
    return queries.visible_to(actor).filter(merchant_id=actor.merchant_id)


def _may(request: HttpRequest) -> bool:
    return policies.can_import(request.actor, request.actor.merchant_id)


def _kept(upload: UploadedFile, suffix: str) -> Path:
    folder = Path(settings.STATE_DIR) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{get_random_string(24)}{suffix}"
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path


def _percent(job: Import) -> int:
    if job.status == Import.Status.DONE:
        return 100
    return min(99, job.rows_read * 100 // job.rows_total) if job.rows_total else 0


def _fault_lines(job: Import) -> Iterator[list[object]]:
    columns = list(job.mapping.values())
    yield [_("Row"), _("Field"), _("Reason"), *columns]
    for fault in queries.faults_of(job.pk).iterator():
        cells = [fault.cells.get(column, "") for column in columns]
        yield [fault.row, fault.field, wording.import_fault(fault.code), *cells]
