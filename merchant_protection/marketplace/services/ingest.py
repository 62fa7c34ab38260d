"""Taking in events: personal data is sealed, then everything is written in one transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from django.conf import settings

from merchant_protection.foundation import crypto, prepared, upserts, waking
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import InboundSource, InboxEvent
from merchant_protection.marketplace.queries import inbox as queries
from merchant_protection.marketplace.rules import events, personal
from merchant_protection.marketplace.rules.event_reading import Event, Fault, Item

NOTED_EVERY = timedelta(minutes=1)
NO_SUCH_SHOP = Fault("merchant", "merchant", "This source may not send for a shop of this number, or there is none.")
CONFLICT = Fault("id", "conflict", "An event of this id was received before with other content; the first one counts.")

STATUSES = ("accepted", "duplicate", "conflict", "invalid")

type Key = tuple[int, str]


class Source(Protocol):
    """Who sends: the source as a row, or as much of it as was read."""

    @property
    def pk(self) -> int: ...
    @property
    def merchant_id(self) -> int | None: ...
    @property
    def last_event_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Receipt:
    """What became of one item."""

    index: int
    id: str
    status: str
    faults: tuple[Fault, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as the answer carries it."""
        errors = {"errors": [fault.as_json() for fault in self.faults]} if self.faults else {}
        return {"index": self.index, "id": self.id, "status": self.status, **errors}


def accept(*, source: Source, items: Sequence[Item], at: datetime) -> list[Receipt]:
    """Take in what is in order and say of each item what became of it; committed when this returns.

    Safe to repeat: an event that is known is told as a duplicate, or as a conflict
    when the same id says something else now. Personal data is sealed before anything is written.
    """
    codes = {item.event.envelope.merchant for item in items if item.event}
    shops = queries.merchants_by_code(codes, only=source.merchant_id)
    first: dict[Key, dict[str, Any]] = {}
    keys: dict[int, Key] = {}
    digests: dict[int, str] = {}
    for item in items:
        if item.event is None or item.event.envelope.merchant not in shops:
            continue
        key = keys[item.index] = (shops[item.event.envelope.merchant], item.id)
        digest = digests[item.index] = crypto.keyed_hash("event", item.event.canonical.decode())
        if key not in first:
            first[key] = {"index": item.index, **_row(item.event, key, source=source, digest=digest, at=at)}
    new, known = _store(source=source, rows=list(first.values()), at=at) if first else (set(), {})
    return [
        _receipt(item, key=keys.get(item.index), digest=digests.get(item.index, ""), first=first, new=new, known=known)
        for item in items
    ]


def _store(*, source: Source, rows: list[dict[str, Any]], at: datetime) -> tuple[set[Key], dict[Key, str]]:
    bare = [{name: value for name, value in row.items() if name != "index"} for row in rows]
    with prepared.cursor() as written:
        with prepared.together(), transaction():  # all of it goes to the database in one way, the commit too
            upserts.send(written, InboxEvent, bare, key=("merchant_id", "source_id", "event_id"))
            if source.last_event_at is None or source.last_event_at < at - NOTED_EVERY:
                InboundSource.objects.filter(pk=source.pk).update(last_event_at=at)
            waking.wake()
        new = {(shop, event) for _id, shop, _source, event in written.fetchall()}
    others = {(row["merchant_id"], row["event_id"]) for row in rows} - new
    return new, queries.digests(source.pk, others) if others else {}


def _receipt(
    item: Item,
    *,
    key: Key | None,
    digest: str,
    first: dict[Key, dict[str, Any]],
    new: set[Key],
    known: dict[Key, str],
) -> Receipt:
    if item.event is None:
        return Receipt(item.index, item.id, "invalid", item.faults)
    if key is None:
        return Receipt(item.index, item.id, "invalid", (NO_SUCH_SHOP,))
    if key in new and first[key]["index"] == item.index:
        return Receipt(item.index, item.id, "accepted")
    if digest == (first[key]["digest"] if key in new else known.get(key)):
        return Receipt(item.index, item.id, "duplicate")
    return Receipt(item.index, item.id, "conflict", (CONFLICT,))


def _row(event: Event, key: Key, *, source: Source, digest: str, at: datetime) -> dict[str, Any]:
    envelope = event.envelope
    return {
        "merchant_id": key[0],
        "source_id": source.pk,
        "event_id": key[1],
        "type": envelope.type,
        "schema": envelope.schema,
        "object_key": event.data.key,
        "object_version": envelope.version,
        "occurred_at": envelope.occurred_at,
        "received_at": at,
        "due_at": at,
        "body": sealed(event.data),
        "digest": digest,
    }


def sealed(data: events.Data) -> dict[str, Any]:
    """Return an event's data as it is kept: what is personal sealed, or as keys only."""
    body: dict[str, Any] = msgspec.to_builtins(data)
    secret = settings.MATCH_KEY.encode()
    if isinstance(data, events.Order):
        for name in ("recipient", "device", "ip", "payment"):
            body.pop(name, None)
        if data.recipient is not None:
            body["sealed"] = crypto.seal(msgspec.json.encode(data.recipient).decode())
        means = personal.means_keys(device=data.device, ip=data.ip, payment=data.payment, secret=secret)
        body["means"] = asdict(means)
    if isinstance(data, events.AfterSale):
        body["tracking_key"] = personal.tracking_key(body.pop("tracking", ""), secret)
    return body
