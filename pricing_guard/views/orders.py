"""The orders an incident touched: honour, draft a cancellation, contact the buyer; and the evidence of it as a file."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import row_numbers
from merchant_protection.foundation.errors import Refusal
from pricing_guard.models import EvidencePack
from pricing_guard.queries import jobs
from pricing_guard.services.incidents import choosing, evidence
from pricing_guard.views.incidents import mine, told


@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about the orders that were picked, or about all that are undecided."""
    incident = get_object_or_404(mine(request), pk=pk)
    is_every = bool(request.POST.get("every"))
    picked = row_numbers.read_all(request.POST.getlist("pick"))
    try:
        report = choosing.choose(
            incident_id=incident.pk,
            choice=request.POST.get("choice", ""),
            actor=request.actor,
            at=timezone.now(),
            order_ids=None if is_every else picked,
            note=request.POST.get("note", "")[:300],
        )
    except Refusal as refusal:
        messages.error(request, told(refusal))
    else:
        count = len(report.done)
        messages.success(request, ngettext("%(n)s order decided.", "%(n)s orders decided.", count) % {"n": count})
        if report.left:
            why = sorted(set(report.left.values()))
            messages.warning(request, _("%(n)s left: %(why)s") % {"n": len(report.left), "why": " ".join(why)})
    return redirect("price_incident", incident.pk)


@require_POST
def pack(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the evidence file of an incident as it stands now."""
    incident = get_object_or_404(mine(request), pk=pk)
    try:
        evidence.pack(incident_id=incident.pk, actor=request.actor, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, told(refusal))
    else:
        messages.success(request, _("The evidence file is ready."))
    return redirect("price_incident", incident.pk)


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out an evidence file; one that no longer verifies is refused."""
    row = _pack(request, pk)
    response = HttpResponse(evidence.read(row), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="price-error-{row.incident_id}-{row.digest[:12]}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def exempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand an evidence file to the platform, so that the orders to be cancelled leave the shop's figures."""
    row = _pack(request, pk)
    given: dict[str, Any] = {"incident_id": row.incident_id, "pack_id": row.pk}
    try:
        asked = evidence.exempt(**given, actor=request.actor, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, told(refusal))
    else:
        count = len(asked)
        words = ngettext("Handed over for %(n)s order.", "Handed over for %(n)s orders.", count)
        messages.success(request, words % {"n": count})
    return redirect("price_incident", row.incident_id)


def _pack(request: HttpRequest, pk: int) -> EvidencePack:
    rows = jobs.packs_visible_to(request.actor).filter(merchant_id=request.actor.merchant_id)
    return get_object_or_404(rows, pk=pk)
