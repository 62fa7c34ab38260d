"""Filing many complaints from one file: sent here, worked through in the background, told row by row."""

from collections.abc import Iterator

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from claims import policies
from claims.models import BatchFiling
from claims.queries import batches as queries
from claims.queries import kinds
from claims.rules.claim_rows import COLUMNS, NEEDED
from claims.services import bulk_filing
from claims.templatetags.claims import named
from merchant_protection.foundation import tables
from merchant_protection.foundation.errors import require
from merchant_protection.foundation.htmx import attempt, status_of

LARGEST = 2 * 1024 * 1024


class FileForm(forms.Form):
    """A file of complaints."""

    file = forms.FileField(label=_("File"), help_text=_("CSV in UTF-8 or GB 18030, up to 500 rows and 2 MB."))
    is_handed_in = forms.BooleanField(label=_("Hand in the rows without faults at once"), required=False)

    def clean_file(self):
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is too large: 2 MB at most."))
        return file


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file; what became of its rows stands on a page of its own."""
    actor = request.actor
    require(policies.can_file(actor, actor.merchant_id))
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FileForm(*sent)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        filing = attempt(
            form,
            bulk_filing.ask,
            actor=actor,
            merchant_id=actor.merchant_id,
            body=file.read(),
            file_name=file.name,
            zone=timezone.get_current_timezone_name(),
            at=timezone.now(),
            is_handed_in=form.cleaned_data["is_handed_in"],
        )
        if filing is not None:
            return redirect("claims_batch", filing.pk)
    context = {
        "form": form,
        "sent": queries.mine(actor)[:10],
        "columns": [(name, name in NEEDED) for name in COLUMNS],
        "kinds": [(kind.code, named(kind)) for kind in kinds.current()],
    }
    return render(request, "claims/bulk.html", context, status=status_of(form))


@require_GET
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a file is, and what became of each row so far."""
    filing = _mine(request, pk)
    context = {
        "filing": filing,
        "running": filing.status == BatchFiling.Status.RUNNING,
        "percent": 100 * filing.rows_done // max(filing.rows_total, 1),
        "rows": queries.rows_of(filing),
        "may": policies.can_file(request.actor, filing.merchant_id),
    } | queries.figures_of(filing)
    return render(request, "claims/batch.html", context)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop working through a file."""
    bulk_filing.cancel(filing_id=_mine(request, pk).pk, actor=request.actor, at=timezone.now())
    return redirect("claims_batch", pk)


@require_GET
def faults(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the rows with faults as they came, each with what is wrong: mended, the file can be sent again."""
    return tables.csv_response(_faulty(_mine(request, pk)), name="complaints-to-mend.csv")


def _faulty(filing: BatchFiling) -> Iterator[list[object]]:
    yield [*COLUMNS, _gettext("Row"), _gettext("What is wrong")]
    for row in queries.faulty_rows_of(filing):
        reasons = "; ".join(f"{column}: {why}" if column else why for column, why in row.faults)
        yield [*(row.cells.get(name, "") for name in COLUMNS), row.number, reasons]


def _mine(request: HttpRequest, pk: int) -> BatchFiling:
    return get_object_or_404(queries.mine(request.actor), pk=pk)
