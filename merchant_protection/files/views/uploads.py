"""Taking files piece by piece, so that a lost connection costs one piece and not the whole."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from merchant_protection.files import lifecycle, queries, wording
from merchant_protection.files.models import StoredFile
from merchant_protection.files.rules import limits
from merchant_protection.files.services import uploads
from merchant_protection.foundation import texts
from merchant_protection.foundation.errors import Invalid, Refusal


@require_POST
def begin(request: HttpRequest) -> JsonResponse:
    """Expect a file of this name and size; say where to send it, in what pieces, and from which byte on."""
    actor = request.actor
    try:
        asked = texts.json_of(request)
        purpose, name, size = str(asked["purpose"]), str(asked["name"]), int(asked["size"])
    except (ValueError, KeyError, TypeError, IndexError):
        return _refused(Invalid(_("The request cannot be read.")))
    merchant_id = None if request.path.startswith("/admin/") else actor.merchant_id
    try:
        file = uploads.begin(
            actor=actor, merchant_id=merchant_id, purpose=purpose, name=name, size=size, at=timezone.now()
        )
    except Refusal as refusal:
        return _refused(refusal)
    return JsonResponse(_said(file), status=201)


@require_http_methods(["GET", "PATCH", "DELETE"])
def upload(request: HttpRequest, pk: int) -> JsonResponse:
    """Say how far a file is, take its next piece, or take it out."""
    file = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    try:
        if request.method == "PATCH":
            file = _keep(request, file)
        elif request.method == "DELETE":
            file = uploads.discard(actor=request.actor, file_id=file.pk, at=timezone.now())
    except Refusal as refusal:
        return _refused(refusal)
    return JsonResponse(_said(file))


def _keep(request: HttpRequest, file: StoredFile) -> StoredFile:
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 16):
        raise Invalid(_("The request cannot be read."))
    return uploads.keep(actor=request.actor, file_id=file.pk, offset=int(offset), stream=request, at=timezone.now())


def _said(file: StoredFile) -> dict[str, Any]:
    said = {"id": file.pk, "offset": file.bytes_received, "chunk": limits.CHUNK, "status": file.status}
    if file.status == lifecycle.REJECTED:
        said["reason"] = wording.reason(file.reason)
    return said | {"state": str(file.get_status_display()), "name": file.name, "digest": file.digest}


def _refused(refusal: Refusal) -> JsonResponse:
    reasons = [each for lines in getattr(refusal, "fields", {}).values() for each in lines]
    said: dict[str, Any] = {"reason": " ".join(reasons) or refusal.message or _("This is not possible.")}
    if isinstance(refusal, uploads.Elsewhere):
        said["offset"] = refusal.offset
    return JsonResponse(said, status=refusal.status)
