"""Orders with their lines and history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection

from merchant_protection.foundation import crypto, upserts
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import InboxEvent, Order, OrderLine, OrderStatusChange
from merchant_protection.marketplace.queries import address_lists
from merchant_protection.marketplace.rules import personal
from merchant_protection.marketplace.rules.address_tags import AddressWords
from merchant_protection.marketplace.services.applying import buyers, listings, versions
from merchant_protection.marketplace.services.applying.versions import Applied, Key

KEY = ("merchant_id", "number")
# Not told by events, or worked out from the history: the rest is as the newest version says.
KEPT = {"merchant_id", "number", "kind", "paid_at", "legal_hold", "personal_erased_at", "import_job_id"}
LINE_KEY = ("merchant_id", "order_id", "ordinal")
LINE = ("listing_id", "buyer_id", "sku", "title", "quantity", "unit_price", "discount", "paid", "at", "flags")
_KNOWN, _GIVEN = (", ".join(f"{row}.{name}" for name in LINE) for row in ("known", "excluded"))
DIFFERS = f"({_KNOWN}) IS DISTINCT FROM ({_GIVEN})"
SURPLUS = """
DELETE FROM marketplace_orderline line USING marketplace_order own
WHERE own.id = ANY(%s) AND line.merchant_id = own.merchant_id AND line.order_id = own.id
  AND line.ordinal > own.lines_count
"""
PAID = """
UPDATE marketplace_order own SET paid_at = step.at
FROM (
    SELECT merchant_id, order_id, min(occurred_at) AS at FROM marketplace_orderstatuschange
    WHERE merchant_id = ANY(%(shops)s) AND order_id = ANY(%(ids)s) AND status = 'PAID' GROUP BY merchant_id, order_id
) step
WHERE own.id = step.order_id AND own.paid_at IS DISTINCT FROM step.at
"""
LINK = """
UPDATE marketplace_aftersale sale SET order_id = own.id FROM marketplace_order own
WHERE own.id = ANY(%(ids)s) AND sale.merchant_id = own.merchant_id AND sale.order_number = own.number
  AND sale.order_id IS NULL
"""


@transaction_required
def apply(events: Sequence[InboxEvent], at: datetime) -> list[Applied]:
    """Bring orders forward; every step told is kept in the history, late ones too."""
    found = versions.newest(events)
    bought = buyers.known(_first_orders(events), at=at)
    words = address_lists.in_force({key[0] for key in found})
    rows = [
        _row(key, event, buyer_id=bought[(key[0], event.body["buyer"])], words=words[key[0]], at=at)
        for key, event in found.items()
    ]
    update = [str(field.column) for field in Order._meta.concrete_fields if not field.primary_key]
    update = [column for column in update if column not in KEPT]
    written = upserts.upsert(Order, rows, key=KEY, update=update, guard=versions.NEWER)
    _write_lines({key: found[key] for key in written}, written, bought=bought, at=at)
    numbers = written | versions.ids(Order, set(found) - set(written), by="number")
    _keep_history(events, numbers, at=at)
    _after(list(numbers.values()), shops={key[0] for key in found})
    return versions.applied_of(found.items(), written)


def _first_orders(events: Sequence[InboxEvent]) -> dict[Key, str | None]:
    first: dict[Key, str | None] = {}
    for event in events:
        key, placed = (event.merchant_id, event.body["buyer"]), event.body["placed_at"]
        known = first.get(key)
        earlier = known is None or datetime.fromisoformat(placed) < datetime.fromisoformat(known)
        first[key] = placed if earlier else known
    return first


def _row(key: Key, event: InboxEvent, *, buyer_id: int, words: AddressWords, at: datetime) -> dict[str, Any]:
    body, lines = event.body, event.body["lines"]
    place = _place(body.get("sealed", ""), words)
    told = {name: body[name] for name in ("status", "placed_at", "shipped_at", "channel", "currency", "total")}
    return {
        "merchant_id": key[0],
        "number": key[1],
        "buyer_id": buyer_id,
        **told,
        "country": body["country"],
        "units": sum(line["quantity"] for line in lines),
        "lines_count": len(lines),
        "skus": list(dict.fromkeys(line["sku"] for line in lines)),
        "recipient_sealed": body.get("sealed", ""),
        **asdict(place),
        **body.get("means", {}),
        "version": event.object_version,
        "updated_at": at,
    }


def _place(sealed: str, words: AddressWords) -> personal.PlaceKeys:
    if not sealed:
        return personal.PlaceKeys()
    recipient = msgspec.json.decode(crypto.unseal(sealed))
    return personal.place_keys(
        name=recipient.get("name", ""),
        phone=recipient.get("phone", ""),
        address=recipient.get("address", ""),
        secret=settings.MATCH_KEY.encode(),
        listed=words,
    )


def _write_lines(
    orders: Mapping[Key, InboxEvent], numbers: Mapping[Key, int], *, bought: Mapping[Key, int], at: datetime
) -> None:
    stubs = {
        (key[0], line["sku"]): {"title": line["title"] or line["sku"], "currency": event.body["currency"]}
        for key, event in orders.items()
        for line in event.body["lines"]
    }
    sold = listings.known(stubs, at=at)
    rows = [
        {
            "merchant_id": key[0],
            "order_id": numbers[key],
            "ordinal": ordinal,
            "listing_id": sold[(key[0], line["sku"])],
            "buyer_id": bought[(key[0], event.body["buyer"])],
            "at": event.body["placed_at"],
            "flags": [] if Decimal(line["unit_price"]) else [OrderLine.Flag.ZERO_PRICE],
            **line,
        }
        for key, event in orders.items()
        for ordinal, line in enumerate(event.body["lines"], start=1)
    ]
    upserts.upsert(OrderLine, rows, key=LINE_KEY, update=LINE, guard=DIFFERS)
    with connection.cursor() as cursor:
        cursor.execute(SURPLUS, [list(numbers.values())])


def _keep_history(events: Sequence[InboxEvent], numbers: Mapping[Key, int], *, at: datetime) -> None:
    steps: dict[tuple[int, int], dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: event.pk):
        order_id = numbers[(event.merchant_id, event.object_key)]
        step = {
            "merchant_id": event.merchant_id,
            "order_id": order_id,
            "version": event.object_version,
            "status": event.body["status"],
            "occurred_at": event.occurred_at,
            "recorded_at": at,
        }
        steps.setdefault((order_id, event.object_version), step)
    upserts.upsert(OrderStatusChange, list(steps.values()), key=("merchant_id", "order_id", "version"))


def _after(ids: Collection[int], *, shops: Collection[int]) -> None:
    given = {"ids": list(ids), "shops": list(shops)}
    with connection.cursor() as cursor:
        cursor.execute(PAID, given)
        cursor.execute(LINK, given)
