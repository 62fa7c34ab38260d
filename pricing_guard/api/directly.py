"""The short way to the answer about a price: what the endpoint would say, to a program that asks in the plain way."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.api import directly
from pricing_guard import policies
from pricing_guard.api.checks import PriceChecks
from pricing_guard.api.serializers import told
from pricing_guard.services import checks

TO_THE_DIGIT = Decimal("0.0001")
type Sum = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,10}(\.[0-9]{1,4})?\Z")]


class Plain(msgspec.Struct):
    """A question as programs mostly put it; every other form of it is for the endpoint to read."""

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    price: Sum
    merchant: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None = None
    currency: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{3}\Z")] = ""
    list_price: Sum | None = None
    cost: Sum | None = None
    category: Annotated[str, msgspec.Meta(max_length=120)] = ""
    by: Annotated[str, msgspec.Meta(max_length=80)] = ""

    @property
    def is_plain(self) -> bool:
        """Whether nothing in it would be trimmed or refused."""
        texts = (self.sku, self.merchant or "", self.category, self.by)
        return all(text.isprintable() and text == text.strip() for text in texts)


_decoder = msgspec.json.Decoder(Plain)


def answer(request: HttpRequest) -> HttpResponse | None:
    """Answer a plain question; nothing where the endpoint has to look at it."""
    return directly.answer(request, read=_read, scope=PriceChecks.write_scope, reply=_reply, status=201)


def _read(body: bytes) -> Plain | None:
    try:
        asked = _decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return asked if asked.is_plain else None


def _reply(actor: Actor, asked: Plain) -> Any | None:
    if not policies.may_look(actor) or (asked.merchant is None and actor.merchant_id is None):
        return None
    question = checks.Question(
        sku=asked.sku,
        price=_sum(asked.price),
        currency=asked.currency,
        list_price=None if asked.list_price is None else _sum(asked.list_price),
        cost=None if asked.cost is None else _sum(asked.cost),
        category=asked.category,
        by=asked.by,
    )
    return told(
        checks.check(
            code=asked.merchant, merchant_id=actor.merchant_id, question=question, actor=actor, at=timezone.now()
        )
    )


def _sum(text: str) -> Decimal:
    return Decimal(text).quantize(TO_THE_DIGIT)
