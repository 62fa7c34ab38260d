"""The short way to an answer: a checkout's question with a program's key, without what only pages and people need.

Whatever is out of the ordinary is left to the endpoint, which says what is wrong with it: another kind of content, a
key that opens nothing or asks too often, a question that cannot be read or answered.
"""

from collections.abc import Callable
from contextlib import nullcontext

import msgspec
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from merchant_protection.accounts import loading
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.api import problems
from merchant_protection.foundation.errors import Refusal
from scalper_policies import policies
from scalper_policies.api import reading
from scalper_policies.api.serializers import answer as told
from scalper_policies.rules.asked import Asked
from scalper_policies.services import deciding, failing
from scalper_policies.services.reserving import Crowded

ACCEPTED = frozenset({"*/*", "application/json"})
JSON = "application/json"
_encoder = msgspec.json.Encoder()


def answer(request: HttpRequest, *, done: Callable[[], None]) -> HttpResponse | None:
    """Answer a plain question; nothing where the endpoint has to look at it.

    `done` is called before the scope is left, so that a connection that goes back need not be told of it.
    """
    asked = _question(request)
    if asked is None:
        return None
    try:
        with tenancy.platform():
            try:
                return _answer(request, asked)
            finally:
                done()
    except (OperationalError, InterfaceError, Crowded):
        return problems.unavailable()
    except Refusal:
        return None


def _question(request: HttpRequest) -> Asked | None:
    told_how = request.META
    if request.content_type != JSON or told_how.get("QUERY_STRING") or not loading.presented(request):
        return None
    if told_how.get("HTTP_ACCEPT", "*/*") not in ACCEPTED:
        return None
    try:
        request.get_host()
        return reading.one(request.body)
    except (DisallowedHost, reading.Unreadable):
        return None


def _answer(request: HttpRequest, asked: Asked) -> HttpResponse | None:
    program, now = loading.program_of(request), timezone.now()
    if program is None or program.waits is not None or not program.actor.has_scope(policies.ASK):
        return None
    actor = program.actor
    shop = actor.merchant_id
    with nullcontext() if shop is None else tenancy.merchant(shop):
        decision = deciding.decide(asked=asked, actor=actor, at=now)
        key = loading.presented(request)
        failing.remember(presented=key, actor=actor, decision=decision, code=asked.merchant, at=now)
    response = HttpResponse(_encoder.encode(told(decision)), content_type=JSON)
    response["X-Frame-Options"] = "DENY"
    return response
