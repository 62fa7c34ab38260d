"""What happens around every request: its id, and the content policy of its part of the site."""

import ipaddress
import re
import threading
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

from merchant_protection.foundation import error_pages, logs, texts
from merchant_protection.foundation.api import problems
from merchant_protection.foundation.errors import NotAllowed, NotFound, Refusal

type Answer = Callable[[HttpRequest], HttpResponse]

KEY_IN_ADDRESS = "Send keys in the Authorization header. This one stands in logs now: revoke it."
NUL_IN_ADDRESS = "An address cannot hold the character NUL."
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")


class RequestIds:
    """Gives every request an id, or keeps a well-formed one that the proxy gave, and answers with it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _SAFE_ID.match(given) else uuid.uuid4().hex
        token = logs.request_id.set(request_id)
        request.request_id = request_id  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-Id"] = request_id
        return response


class BodyLimit:
    """Refuses a body that says it is larger than anything we take, before a byte of it is read or written down."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.META.get("CONTENT_LENGTH") or "0"
        if said.isdecimal() and int(said[:18]) > settings.LARGEST_BODY:
            return HttpResponse("Too large.", status=413, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class ClientAddress:
    """Says where a request comes from when proxies of ours stand in front; nobody else's word for it is believed.

    Each proxy adds to the right of `X-Forwarded-For` whom it heard from, so the
    address is the one that the outermost of our own proxies wrote.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        passed_on = request.headers.get("X-Forwarded-For", "").split(",")
        if 0 < settings.TRUSTED_PROXIES <= len(passed_on):
            told = passed_on[-settings.TRUSTED_PROXIES].strip()
            if _is_address(told):
                request.META["REMOTE_ADDR"] = told
        return self.get_response(request)


class KeysInAddresses:
    """A key in an address stands in logs and histories: it is refused there, so that nobody gets used to it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if logs.KEY.search(request.path) or logs.KEY.search(unquote_plus(request.META.get("QUERY_STRING", ""))):
            return problems.respond(400, detail=KEY_IN_ADDRESS)
        return self.get_response(request)


class NulsInAddresses:
    """PostgreSQL keeps no NUL in a text: an address with one names nothing that can be here, and is refused."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            if request.path.startswith("/api/"):
                return problems.respond(422, detail=NUL_IN_ADDRESS)
            return error_pages.nothing_there(request)
        return self.get_response(request)


class TextsOfPages:
    """Refuses a page's body with a text that cannot be kept or shown as it was meant, and names the field.

    Here once and not in each form: many pages read a note or a reason without
    one. Programs' bodies are judged by the fields of the API.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer instead of the page when a field cannot be taken; the form has been read by now, for its token."""
        if request.method != "POST" or request.path.startswith("/api/"):
            return None
        is_json = request.content_type == "application/json"
        fields = texts.said_in(texts.json_of(request)) if is_json else request.POST.lists()
        faults = texts.faults_of(fields)
        return error_pages.texts_refused(request, faults, module=view.__module__) if faults else None


class PagesTakeTurns:
    """Lets a process make few pages at once, so that a crowd of them neither holds up programs nor each other.

    Pages made at once share one core by turns, and each is ready as late as the last; meanwhile what a program posts
    waits for its own turn at every step, and for a connection to the database. Who waited long goes on all the same:
    a few slow pages do not stop the others.
    """

    AT_ONCE = 2
    PATIENCE = 1.0

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.turns = threading.BoundedSemaphore(self.AT_ONCE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A body may come as slowly as its sender likes, and who asks for health wants to know at once.
        if request.method != "GET" or request.path.startswith(("/api/", "/healthz")):
            return self.get_response(request)
        has_turn = self.turns.acquire(timeout=self.PATIENCE)
        try:
            return self.get_response(request)
        finally:
            if has_turn:
                self.turns.release()


class ContentPolicyByPath:
    """The staff admin's theme needs eval and inline styles; the portal gets neither."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = settings.STAFF_CONTENT_POLICY  # type: ignore[attr-defined]
        return response


class StaffLandmarks:
    """Gives the staff theme's pages what it leaves out: a main landmark, the right language code, the keys switch.

    The theme offers no block for these, and copying its base page would miss
    its upgrades; a test asserts that what is replaced here is still there.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html") and not response.streaming
        if request.path.startswith("/admin/") and is_page:
            page = response.content.replace(b'<div id="main" ', b'<div id="main" role="main" tabindex="-1" ', 1)
            page = page.replace(b'<html lang="zh-hans"', b'<html lang="zh-Hans"', 1)
            if not getattr(request.user, "single_keys", True):
                page = page.replace(b"<body ", b'<body data-keys="off" ', 1)
            response.content = page
        return response


class RefusalPages:
    """A refusal that a page did not handle is told as a page: not allowed, not there, or what stands against it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer refusals of commands; everything else is an error of ours."""
        if not isinstance(exception, Refusal):
            return None
        if isinstance(exception, NotFound):
            return page_not_found(request, Http404())
        template = "403.html" if isinstance(exception, NotAllowed) else "portal/errors/409.html"
        return render(request, template, {"reason": exception.message}, status=exception.status)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
