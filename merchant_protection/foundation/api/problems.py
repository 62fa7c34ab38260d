"""Every refusal of the API is a problem+json (RFC 9457) that names field and reason."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from merchant_protection.foundation import logs
from merchant_protection.foundation.errors import Invalid, Refusal

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "Who is asking is not known",
    403: "Not allowed",
    404: "Not found",
    405: "This method is not possible here",
    406: "Not available in that form",
    409: "Not possible in the present state",
    413: "Too large",
    415: "Unsupported media type",
    422: "The content is not valid",
    429: "Too many requests",
    503: "Not available for the moment",
}


def problem(status: int, *, detail: str = "", errors: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return the body of a problem: type, title, status, detail, errors by field, and the request's id."""
    body: dict[str, Any] = {"type": "about:blank", "title": TITLES.get(status, "Refused"), "status": status}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    if request_id := logs.request_id.get():
        body["request_id"] = request_id
    return body


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem; anything unforeseen stays an error of ours."""
    set_rollback()
    if isinstance(error, Refusal):
        errors = _by_field(error.fields) if isinstance(error, Invalid) else None
        return _response(error.status, detail=error.message, errors=errors)
    if isinstance(error, exceptions.ValidationError):
        return _response(422, errors=_flat(error.detail))
    if isinstance(error, Http404):
        return _response(404)
    if isinstance(error, PermissionDenied):
        return _response(403)
    if isinstance(error, exceptions.APIException):
        headers = {}
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
        detail = "" if isinstance(error, exceptions.NotFound) else str(error.detail)
        return _response(error.status_code, detail=detail, headers=headers)
    return None


def respond(status: int, *, detail: str = "", errors: list[dict[str, Any]] | None = None) -> JsonResponse:
    """Return a problem from a plain Django view or middleware."""
    return JsonResponse(problem(status, detail=detail, errors=errors), status=status, content_type=MEDIA_TYPE)


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer an API address that does not exist."""
    return respond(404)


def _response(
    status: int,
    *,
    detail: str = "",
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    body = problem(status, detail=detail, errors=errors)
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def _by_field(fields: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [{"field": name, "message": reason} for name, reasons in fields.items() for reason in reasons]


def _flat(detail: Any, path: str = "") -> list[dict[str, Any]]:
    if isinstance(detail, dict):
        found = (_flat(value, f"{path}.{key}" if path else str(key)) for key, value in detail.items())
        return [each for part in found for each in part]
    if isinstance(detail, list) and any(isinstance(each, dict | list) for each in detail):
        found = (_flat(value, f"{path}[{index}]") for index, value in enumerate(detail))
        return [each for part in found for each in part]
    reasons = detail if isinstance(detail, list) else [detail]
    field = path.removesuffix(".non_field_errors").removesuffix("non_field_errors")
    return [{"field": field, "code": getattr(each, "code", "invalid"), "message": str(each)} for each in reasons]


def unavailable(detail: str = "") -> JsonResponse:
    """Answer that something we stand on is away for the moment."""
    response = respond(503, detail=detail or _("Please try again in a few seconds."))
    response["Retry-After"] = "5"
    return response
