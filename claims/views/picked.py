"""What is done with several complaints of the list at once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from claims.queries import shop_lists as lists
from claims.services import filing
from claims.views.lists import csv_of
from merchant_protection.foundation import row_numbers, tables

AT_ONCE = 200


@require_POST
def picked(request: HttpRequest) -> HttpResponseBase:
    """Send the picked complaints as CSV, or drop those of them that are drafts still."""
    ids = row_numbers.read_all(request.POST.getlist("pick")[:AT_ONCE])
    if request.POST.get("do") == "export":
        rows = lists.mine(request.actor).filter(pk__in=ids).order_by(*lists.RECENT)
        return tables.csv_response(csv_of(rows), name="complaints.csv")
    return _drop(request, list(lists.mine(request.actor).filter(pk__in=ids).values_list("pk", flat=True)))


def _drop(request: HttpRequest, ids: list[int]) -> HttpResponse:
    dropped = filing.drop_drafts(claim_ids=ids, actor=request.actor, at=timezone.now())
    messages.success(
        request, ngettext("%(count)d draft dropped.", "%(count)d drafts dropped.", dropped) % {"count": dropped}
    )
    if left := len(ids) - dropped:
        told = ngettext(
            "%(count)d complaint was left alone: only drafts are dropped here.",
            "%(count)d complaints were left alone: only drafts are dropped here.",
            left,
        )
        messages.warning(request, told % {"count": left})
    return redirect("claims")
