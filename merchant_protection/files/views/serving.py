"""Sending a file's bytes: whole or a stretch of them, always as something to save and never as a page of ours."""

import re
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from merchant_protection.files import lifecycle, policies, queries
from merchant_protection.files.models import StoredFile
from merchant_protection.files.outside import store
from merchant_protection.files.rules import limits, names, sniffing
from merchant_protection.files.services import addresses

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")
ENDINGS = {"image/jpeg": "jpg", "text/plain; charset=utf-8": "txt"} | {
    each.media_type: each.ending for each in sniffing.ALL if each.kind not in (limits.IMAGE, limits.TEXT)
}
ENDINGS |= {f"{media_type}; charset=utf-8": ENDINGS[media_type] for media_type in ("text/vtt", "text/csv")}
SEALED = "application/octet-stream"


@require_safe
def file(request: HttpRequest, pk: int, copy: str) -> HttpResponseBase:
    """Send a file to the person the address was given to; everybody else finds nothing there."""
    given = request.GET.get("until", ""), request.GET.get("sig", "")
    now = timezone.now()
    actor = request.actor
    if not addresses.is_good(actor=actor, file_id=pk, copy=copy, until=given[0], signature=given[1], at=now):
        raise Http404
    found = queries.visible_to(actor).filter(pk=pk).first() or queries.shared(pk)
    if found is None or not policies.can_see(actor, found) or not is_downloadable(found):
        raise Http404
    return send(request, found, copy)


def is_downloadable(found: StoredFile) -> bool:
    """Only what is clean leaves the house, and where a scanner is configured only what it has seen."""
    return found.status == lifecycle.CLEAN and (found.scanned_at is not None or not settings.CLAMD)


def send(request: HttpRequest, found: StoredFile, copy: str) -> HttpResponseBase:
    """Send the sealed original or a copy for looking at."""
    if copy == addresses.ORIGINAL:
        return _stretch(request, found.place, media_type=SEALED, name=found.name)
    role, _dash, number = copy.partition("-")
    made = queries.derivative(found, role=role.upper(), number=int(number or 0))
    if made is None:
        raise Http404
    name = names.with_ending(found.name, ENDINGS[made.media_type])
    return _stretch(request, made.place, media_type=made.media_type, name=name)


def _stretch(request: HttpRequest, place: str, *, media_type: str, name: str) -> HttpResponseBase:
    path = store.path_of(place)
    size = path.stat().st_size
    wanted = _wanted(request.headers.get("Range", ""), size)
    if wanted is None:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    start, end = wanted
    is_part = end - start < size
    body = () if request.method == "HEAD" else store.blocks(path, start=start, length=end - start)
    response = StreamingHttpResponse(body, content_type=media_type, status=206 if is_part else 200)
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    if is_part:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=1800"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _wanted(header: str, size: int) -> tuple[int, int] | None:
    """Return start and end of the stretch that is asked for, or None for one that is not there.

    What is not one plain stretch is answered with the whole.
    """
    asked = _RANGE.match(header)
    if asked is None or not (asked[1] or asked[2]):
        return 0, size
    if not asked[1]:
        length = min(int(asked[2]), size)
        return (size - length, size) if length else None
    start = int(asked[1])
    end = min(int(asked[2]) + 1, size) if asked[2] else size
    return (start, end) if start < end else None
