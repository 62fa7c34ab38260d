"""Files sent so that they cannot run anything, wherever they are opened."""

from typing import BinaryIO

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase

from merchant_protection.files.models import StoredFile
from merchant_protection.files.rules import limits
from merchant_protection.files.services import addresses
from merchant_protection.files.views import serving

SHOWN = ("image/", "video/", "text/vtt")
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def sent(content: BinaryIO, *, name: str, media_type: str, as_attachment: bool = False) -> FileResponse:
    """Answer with a file: pictures, videos and captions inline, everything else to be kept; never more than data."""
    inline = not as_attachment and media_type.startswith(SHOWN)
    answer = FileResponse(content, as_attachment=not inline, filename=name, content_type=media_type)
    answer["Content-Security-Policy"] = SANDBOX
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


def stored(request: HttpRequest, file: StoredFile | None) -> HttpResponseBase:
    """Answer with the clean copy of what somebody sent, or with nothing while there is none; a paper is only saved."""
    if file is None or not serving.is_downloadable(file):
        raise Http404
    return serving.send(request, file, addresses.ORIGINAL if file.kind == limits.PDF else "clean")
