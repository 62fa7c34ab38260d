"""Filing many complaints from one file."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from claims import policies
from claims.queries import kinds
from claims.rules.claim_rows import COLUMNS, NEEDED
from claims.services import bulk_filing
from claims.templatetags.claims import named
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
    """Read a file and tell, row by row, what became of it."""
    actor = request.actor
    require(policies.can_file(actor, actor.merchant_id))
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FileForm(*sent)
    outcomes = None
    if request.method == "POST" and form.is_valid():
        outcomes = attempt(
            form,
            bulk_filing.file_rows,
            actor=actor,
            merchant_id=actor.merchant_id,
            body=form.cleaned_data["file"].read(),
            zone=timezone.get_current_timezone(),
            at=timezone.now(),
            is_handed_in=form.cleaned_data["is_handed_in"],
        )
    context = {
        "form": form,
        "outcomes": outcomes,
        "filed": sum(each.claim is not None and not each.is_known for each in outcomes or ()),
        "known": sum(each.is_known for each in outcomes or ()),
        "faulty": sum(bool(each.faults) for each in outcomes or ()),
        "columns": [(name, name in NEEDED) for name in COLUMNS],
        "kinds": [(kind.code, named(kind)) for kind in kinds.current()],
    }
    return render(request, "claims/bulk.html", context, status=status_of(form))
