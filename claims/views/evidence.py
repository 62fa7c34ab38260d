"""Evidence on pages: slots with what belongs there, files with their state, the viewer, the library, the pack."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from claims import policies
from claims.models import Claim, EvidenceType
from claims.queries import evidence as queries
from claims.queries import kinds
from claims.queries import shop_lists as lists
from claims.services import evidence, packing, showing
from claims.views import finding
from merchant_protection.files import lifecycle
from merchant_protection.files import queries as files
from merchant_protection.foundation import keyset, texts
from merchant_protection.foundation.errors import Refusal

PAGE = 24


def context(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    """Return what the evidence part of a page needs."""
    pieces = list(queries.of_claim(claim))
    rule = kinds.as_rule(claim.kind)
    asked = [(each, True) for each in rule.required] + [(each, False) for each in rule.helpful]
    known = {each.type for each, _ in asked}
    found = queries.completeness_of(claim)
    missing = {each.type for each in (*found.missing_required, *found.missing_helpful)}
    shown = {each["id"]: each for each in showing.gallery(actor=request.actor, pieces=pieces, at=timezone.now())}
    rows = [
        {"piece": piece, "shown": shown[piece.pk], "can_take_out": evidence.can_take_out(claim, piece)}
        for piece in pieces
    ]
    slots = [
        {
            "type": each.type,
            "is_required": is_required,
            "is_missing": each.type in missing,
            "rows": [row for row in rows if row["piece"].type == each.type],
        }
        for each, is_required in asked
    ]
    return {
        "slots": slots,
        "other_rows": [row for row in rows if row["piece"].type not in known],
        "all_types": [choice for choice in EvidenceType.choices if choice[0] not in known],
        "evidence_rows": rows,
        "completeness": found,
        "is_checking": any(piece.file.status in lifecycle.ON_ITS_WAY for piece in pieces),
        "may": policies.can_answer_as_merchant(request.actor, claim),
    }


@require_http_methods(["GET", "POST"])
def of_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the evidence part anew, or show one more file in it."""
    claim = finding.mine(request, pk)
    if request.method == "POST":
        try:
            asked = texts.json_of(request)
            file_id, kind, note = int(asked["file"]), str(asked["type"]), str(asked.get("note", ""))
        except (ValueError, KeyError, TypeError):
            return JsonResponse({"reason": _("The request cannot be read.")}, status=422)
        try:
            piece = evidence.add(
                claim_id=claim.pk, actor=request.actor, at=timezone.now(), file_id=file_id, type=kind, note=note
            )
        except Refusal as refusal:
            return JsonResponse({"reason": refusal.message or _("This is not possible.")}, status=refusal.status)
        return JsonResponse({"id": piece.pk}, status=201)
    return render(request, "claims/parts_evidence.html", {"claim": claim} | context(request, claim))


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file out; the toast puts it back."""
    piece = get_object_or_404(queries.visible_to(request.actor).filter(merchant_id=request.actor.merchant_id), pk=pk)
    evidence.remove(evidence_id=piece.pk, actor=request.actor, at=timezone.now())
    response = _part(request, piece.claim)
    told = {"text": _("%(file)s is taken out.") % {"file": piece.file.name}, "undo": f"/m/evidence/{pk}/restore/"}
    response["HX-Trigger"] = json.dumps({"toast": told})
    return response


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file back."""
    piece = evidence.put_back(evidence_id=pk, actor=request.actor, at=timezone.now())
    if request.htmx:
        return _part(request, piece.claim)
    return redirect("claim_edit" if piece.claim.status == "DRAFT" else "claim", piece.claim_id)


@require_GET
def view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all evidence of a complaint in the viewer."""
    claim = finding.mine(request, pk)
    pieces = list(queries.of_claim(claim))
    items = showing.gallery(actor=request.actor, pieces=pieces, at=timezone.now())
    return render(request, "claims/viewer.html", {"claim": claim, "viewer_items": items, "rows_empty": not items})


@require_GET
def library(request: HttpRequest) -> HttpResponse:
    """Show the shop's files across its complaints."""
    actor = request.actor
    rows = queries.visible_to(actor).filter(merchant_id=actor.merchant_id)
    if (kind := request.GET.get("type", "")) in EvidenceType.values:
        rows = rows.filter(type=kind)
    if text := request.GET.get("q", "")[:80].strip():
        rows = rows.filter(claim__in=lists.search(lists.mine(actor), text)) | rows.filter(file__name__icontains=text)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = keyset.page(rows, by=queries.RECENT, size=PAGE, after=after, before=before)
    shown = {each["id"]: each for each in showing.gallery(actor=actor, pieces=page.rows, at=timezone.now())}
    allowance = files.allowance_of(actor.merchant_id)
    context = {
        "page": page,
        "rows": [
            {"piece": each, "shown": shown[each.pk], "kept_until": queries.kept_until(each)} for each in page.rows
        ],
        "rows_empty": not page.rows,
        "filtered": bool(request.GET.get("q") or request.GET.get("type")),
        "types": EvidenceType.choices,
        "allowance": allowance,
    }
    return render(request, "claims/library.html", context)


@require_GET
def pack(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send all files of a complaint as one archive with a list of their fingerprints."""
    claim = finding.mine(request, pk)
    pieces = [each for each in queries.of_claim(claim) if each.file.status == lifecycle.CLEAN]
    response = StreamingHttpResponse(packing.pack(claim, pieces), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{claim.number}.zip"'
    return response


def _part(request: HttpRequest, claim: Claim) -> HttpResponse:
    fresh = finding.mine(request, claim.pk)
    return render(request, "claims/parts_evidence.html", {"claim": fresh} | context(request, fresh))
