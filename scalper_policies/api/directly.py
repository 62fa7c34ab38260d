"""The short way to an order's answer: what the endpoint would say, said to a checkout that asks in the plain way."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from merchant_protection.accounts import loading
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.api import directly
from merchant_protection.foundation.api import problems
from scalper_policies import policies
from scalper_policies.api import reading
from scalper_policies.api.serializers import answer as told
from scalper_policies.rules.asked import Asked
from scalper_policies.services import deciding, failing
from scalper_policies.services.reserving import Crowded


def answer(request: HttpRequest) -> HttpResponse | None:
    """Answer a plain question; nothing where the endpoint has to look at it."""

    def reply(actor: Actor, asked: Asked) -> Any:
        now, key = timezone.now(), loading.presented(request)
        decision = deciding.decide(asked=asked, actor=actor, at=now)
        failing.remember(presented=key, actor=actor, decision=decision, code=asked.merchant, at=now)
        return told(decision)

    try:
        return directly.answer(request, read=_read, scope=policies.ASK, reply=reply)
    except Crowded:
        return problems.unavailable()


def _read(body: bytes) -> Asked | None:
    try:
        return reading.one(body)
    except reading.Unreadable:
        return None
