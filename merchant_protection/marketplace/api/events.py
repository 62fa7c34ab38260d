"""Where the selling platform and shops' systems post their events."""

from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from merchant_protection.accounts.api import directly
from merchant_protection.foundation import crypto, signatures, tenancy
from merchant_protection.foundation.api import problems
from merchant_protection.marketplace.queries import inbox as queries
from merchant_protection.marketplace.queries.inbox import LiveSource
from merchant_protection.marketplace.rules import event_reading
from merchant_protection.marketplace.services import ingest

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
STATUS_OF = {"too_large": 413, "malformed": 400}  # of one bare event; anything else wrong with it is 422
SIGNED = ("portal-source", "webhook-id", "webhook-timestamp", "webhook-signature")


class Untouched(BaseParser):
    """Leaves the body as it came: the signature is over its bytes."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        """Parse nothing."""
        return {}


class Events(APIView):
    """Post events about listings, prices, promotions, buyers, orders and after-sales."""

    authentication_classes: tuple[type, ...] = ()
    permission_classes: tuple[type, ...] = ()
    parser_classes = (Untouched,)

    @extend_schema(
        operation_id="events_post",
        request={"application/json": OpenApiTypes.ANY, "application/x-ndjson": OpenApiTypes.STR},
        responses={202: OpenApiTypes.OBJECT, 400: OpenApiTypes.OBJECT, 401: OpenApiTypes.OBJECT},
        parameters=[OpenApiParameter(name, str, OpenApiParameter.HEADER, required=True) for name in SIGNED],
        auth=[],
    )
    def post(self, request: Request) -> HttpResponse:
        """Take in one event, an array, or lines of JSON; answer 202 with a result per item once all is committed.

        An item that is known already is a `duplicate`; one whose id came before with
        another content is a `conflict`, and the first one counts.
        """
        return take_in(request._request)


def answer(request: HttpRequest) -> HttpResponse | None:
    """Take in what comes in the plain way, before all that pages need: a signature says who sends it."""
    return directly.bare(take_in(request)) if directly.is_plain(request) else None


def take_in(request: HttpRequest) -> HttpResponse:
    """Take in what a request carries, by its signature alone."""
    try:
        body = _body(request)
        with tenancy.platform():
            try:
                source = _verified(request, body)
                items, is_single = event_reading.split(body, is_lines=request.content_type in LINES)
                receipts = ingest.accept(source=source, items=event_reading.read(items), at=timezone.now())
            finally:
                directly.give_back()
    except event_reading.Unreadable as fault:
        return problems.respond(fault.status, detail=fault.detail)
    except (OperationalError, InterfaceError):
        return problems.unavailable()  # nothing was accepted; the sender tries again
    if is_single and receipts[0].status == "invalid":
        faults = receipts[0].faults
        status = next((STATUS_OF[fault.code] for fault in faults if fault.code in STATUS_OF), 422)
        return problems.respond(status, errors=[fault.as_json() for fault in faults])
    counts = {status: sum(each.status == status for each in receipts) for status in ingest.STATUSES}
    return JsonResponse({"results": [each.as_json() for each in receipts], **counts}, status=202)


def _body(request: HttpRequest) -> bytes:
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise event_reading.Unreadable(400, "Send the body as it is, without Content-Encoding.")
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:12]) > event_reading.LARGEST_BODY:
        raise event_reading.Unreadable(413, f"A body may have at most {event_reading.LARGEST_BODY} bytes.")
    try:
        body = request.read(event_reading.LARGEST_BODY + 1)
    except (OSError, RawPostDataException) as error:
        raise event_reading.Unreadable(400, "The body was cut off.") from error
    if len(body) > event_reading.LARGEST_BODY:
        raise event_reading.Unreadable(413, f"A body may have at most {event_reading.LARGEST_BODY} bytes.")
    return bytes(body)


def _verified(request: HttpRequest, body: bytes) -> LiveSource:
    """Return the source whose secret signed this body; whatever is wrong with the signature, it is 401."""
    now = timezone.now()
    public_id = request.headers.get("Portal-Source", "")
    source = queries.live_source(public_id, at=now) if public_id.isprintable() and len(public_id) <= 40 else None
    secrets = [crypto.unseal(sealed) for sealed in source.secrets] if source else []
    try:
        signatures.verify(request.headers, body=body, secrets=secrets, now=now)
    except signatures.BadSignature as fault:
        raise event_reading.Unreadable(401, "The signature does not fit a known source, or is too old.") from fault
    if source is None:
        raise event_reading.Unreadable(401, "The signature does not fit a known source, or is too old.")
    return source
