"""Tell a shop's own systems what happened: promised in the transaction of the change, handed out and sent later."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from merchant_protection.foundation import upserts, waking
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.models import Dispatch, Endpoint, Message
from merchant_protection.notices.queries import webhooks as queries
from merchant_protection.notices.rules import webhook_kinds
from merchant_protection.notices.rules.webhook_kinds import WebhookKind

HANDED_OUT_AT_ONCE = 500
KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 2_000


@dataclass(frozen=True)
class News:
    """One thing a shop's systems may be told: its kind, what it is about, and the plain facts it carries."""

    kind: str
    params: Mapping[str, Any]
    subject_id: object = ""
    dedupe_key: str = ""


@transaction_required
def promise(
    *,
    merchant_id: int,
    kind: str,
    at: datetime,
    params: Mapping[str, Any] | None = None,
    subject_id: object = "",
    dedupe_key: str = "",
) -> bool:
    """Promise that the shop's own systems are told of something; whether an endpoint listens is looked at later.

    `kind` and the names of `params` stand in `config/webhook_kinds.py`; values are plain and never personal data.
    With a `dedupe_key` the same thing is promised once: False when it was promised before. Messages about the same
    `subject_id` arrive in order.
    """
    news = News(kind=kind, params=params or {}, subject_id=subject_id, dedupe_key=dedupe_key)
    return promise_all(merchant_id=merchant_id, news=[news], at=at) == 1


@transaction_required
def promise_all(*, merchant_id: int, news: Sequence[News], at: datetime) -> int:
    """Promise several things to one shop's systems at once; return how many had not been promised before."""
    rows = [_row(merchant_id, each, at=at) for each in news]
    fresh = len(upserts.upsert(Message, rows, key=("merchant_id", "kind", "dedupe_key")))
    if fresh:
        waking.wake()
    return fresh


def _row(merchant_id: int, news: News, *, at: datetime) -> dict[str, Any]:
    meant = kind_named(news.kind)
    if unknown := webhook_kinds.unknown_fields(meant, news.params):
        raise ValueError(f"{news.kind} does not carry {', '.join(sorted(unknown))}: see config/webhook_kinds.py.")
    public_id = new_id()
    return {
        "merchant_id": merchant_id,
        "public_id": public_id,
        "kind": news.kind,
        "version": meant.version,
        "subject_id": str(news.subject_id),
        "params": dict(news.params),
        "dedupe_key": news.dedupe_key or public_id,
        "at": at,
        "due_at": at,
    }


@transaction
def hand_out(*, now: datetime) -> int:
    """Put what was promised into the mailboxes of the endpoints that want it; return how many messages.

    One hand at a time, in the order of the promises, so that no later message overtakes an earlier one.
    """
    if not queries.take_turn_at_handing_out():
        return 0
    messages = list(queries.to_hand_out(now)[:HANDED_OUT_AT_ONCE])
    if not messages:
        return 0
    endpoints = queries.lock_listening({each.merchant_id for each in messages})
    rows = [
        dispatch_of(message, endpoint, at=now)
        for message in messages
        for endpoint in endpoints.get(message.merchant_id, ())
        if message.kind in endpoint.kinds
    ]
    Dispatch.objects.bulk_create(rows, ignore_conflicts=True)
    Message.objects.filter(pk__in=[each.pk for each in messages]).update(due_at=None)
    wake_mailboxes({row.endpoint_id for row in rows}, at=now)
    return len(messages)


@transaction
def forget_old(*, now: datetime) -> int:
    """Drop messages that are older than their 30 days, with what is told of their deliveries; return how many."""
    old = queries.older_than(now - KEPT).values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]
    return Message.objects.filter(pk__in=list(old)).delete()[1].get(Message._meta.label, 0)


@transaction_required
def wake_mailboxes(endpoint_ids: set[int], *, at: datetime) -> None:
    """Have locked endpoints looked at by `at` at the latest, because something lies in their mailboxes.

    Without the lock, whoever lets go of one just now would not see what was put in, nor be corrected.
    """
    later = Q(due_at=None) | Q(due_at__gt=at)
    Endpoint.objects.filter(later, pk__in=endpoint_ids, state=Endpoint.State.ACTIVE).update(due_at=at)


def dispatch_of(message: Message, endpoint: Endpoint, *, at: datetime) -> Dispatch:
    """Return the unsaved row that carries a message to an endpoint."""
    subject = f"{kind_named(message.kind).subject}:{message.subject_id}" if message.subject_id else ""
    return Dispatch(
        merchant_id=message.merchant_id,
        endpoint=endpoint,
        message=message,
        kind=message.kind,
        subject=subject,
        created_at=at,
        due_at=at,
    )


def body_of(message: Message, *, merchant_code: str) -> dict[str, Any]:
    """Return what a message says: the same at every try."""
    meant = kind_named(message.kind)
    about = {f"{meant.subject}_id": message.subject_id} if message.subject_id else {}
    data = {"version": message.version, "merchant": merchant_code, **about, **message.params}
    return {"type": message.kind, "timestamp": message.at.isoformat(), "data": data}


def kind_named(name: str) -> WebhookKind:
    """Return a kind of the register; one that does not stand there is a fault of the program."""
    try:
        found: WebhookKind = settings.WEBHOOK_KINDS[name]
    except KeyError as error:
        raise ValueError(f"{name} is no kind of webhook: see config/webhook_kinds.py.") from error
    return found


def choosable() -> dict[str, WebhookKind]:
    """Return the kinds that a shop can have its systems told of, by name."""
    return {name: kind for name, kind in settings.WEBHOOK_KINDS.items() if kind.subject != "endpoint"}


def labels() -> dict[str, str]:
    """Return every kind's name for people, in the language now active."""
    return {name: str(kind.label) for name, kind in settings.WEBHOOK_KINDS.items()}


def new_id() -> str:
    """Return the id by which a message is known outside."""
    return f"msg_{secrets.token_hex(16)}"
