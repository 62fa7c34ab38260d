"""The short way to an answer: a program's plain question with its key, without what only pages and people need.

Whatever is out of the ordinary is left to the endpoint, which says what is wrong with it: another kind of content, a
key that opens nothing, asks too often or lacks the scope, a question that cannot be read or answered.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import msgspec
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from merchant_protection.accounts import loading
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.api import problems
from merchant_protection.foundation.errors import Refusal

ACCEPTED = frozenset({"*/*", "application/json"})
JSON = "application/json"
_encoder = msgspec.json.Encoder()


def answer[Question](
    request: HttpRequest,
    *,
    read: Callable[[bytes], Question | None],
    scope: str,
    reply: Callable[[Actor, Question], Any],
    status: int = 200,
) -> HttpResponse | None:
    """Answer a plain question in the caller's language; nothing where the endpoint has to look at it."""
    asked = _question(request, read)
    if asked is None:
        return None
    language = translation.get_language_from_request(request)
    try:
        with translation.override(language), tenancy.platform():
            try:
                said = _reply(request, asked, scope, reply)
            finally:
                give_back()
    except (OperationalError, InterfaceError):
        return problems.unavailable()
    except Refusal:
        return None
    return None if said is None else _response(said, status, language)


def is_plain(request: HttpRequest) -> bool:
    """Whether a request asks for JSON at an address of ours, as programs do."""
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return request.META.get("HTTP_ACCEPT", "*/*") in ACCEPTED


def bare(response: HttpResponse) -> HttpResponse:
    """Give an answer what the pages' own way would have given it."""
    response["X-Frame-Options"] = "DENY"
    return response


def _question[Question](request: HttpRequest, read: Callable[[bytes], Question | None]) -> Question | None:
    is_one = request.content_type == JSON and not request.META.get("QUERY_STRING") and loading.presented(request)
    return read(request.body) if is_one and is_plain(request) else None


def _reply[Question](
    request: HttpRequest, asked: Question, scope: str, reply: Callable[[Actor, Question], Any]
) -> Any | None:
    program = loading.program_of(request)
    if program is None or program.waits is not None or not program.actor.has_scope(scope):
        return None
    shop = program.actor.merchant_id
    with nullcontext() if shop is None else tenancy.merchant(shop):
        return reply(program.actor, asked)


def give_back() -> None:
    """Return the connection before the scope is left, so that it need not be told of that."""
    if not connection.in_atomic_block:
        connection.close()


def _response(said: Any, status: int, language: str) -> HttpResponse:
    response = HttpResponse(_encoder.encode(said), content_type=JSON, status=status)
    response["Content-Language"] = language
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return bare(response)
