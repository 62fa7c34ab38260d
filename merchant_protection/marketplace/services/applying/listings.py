"""Listings and their prices.

A price event comes before what the listing's own event says of prices, whichever arrives first:
the terms in force are worked out anew from the price of the highest version and the listing as last told.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from merchant_protection.foundation import upserts
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import InboxEvent, Listing, PricePoint
from merchant_protection.marketplace.services.applying import versions
from merchant_protection.marketplace.services.applying.versions import Applied, Key

KEY = ("merchant_id", "sku")
TOLD = (
    "title",
    "category",
    "currency",
    "told_price",
    "told_list_price",
    "told_cost",
    "stock",
    "status",
    "image_url",
    "version",
    "updated_at",
)
SETTLE = """
UPDATE marketplace_listing l
SET price = coalesce(p.price, CASE WHEN l.version > 0 THEN l.told_price ELSE l.price END),
    list_price = coalesce(p.list_price, l.told_list_price),
    cost = coalesce(p.cost, l.told_cost),
    currency = CASE WHEN l.version = 0 THEN coalesce(p.currency, l.currency) ELSE l.currency END,
    price_version = coalesce(p.version, 0),
    price_changed_at = coalesce(p.occurred_at, l.price_changed_at),
    updated_at = %(at)s
FROM marketplace_listing own
LEFT JOIN LATERAL (
    SELECT * FROM marketplace_pricepoint point
    WHERE point.merchant_id = own.merchant_id AND point.listing_id = own.id
    ORDER BY point.version DESC LIMIT 1
) p ON true
WHERE own.id = ANY(%(ids)s) AND l.id = own.id
"""


@transaction_required
def apply(events: Sequence[InboxEvent], at: datetime) -> list[Applied]:
    """Bring listings forward."""
    found = versions.newest(events)
    rows = []
    for key, event in found.items():
        body = event.body
        told = {name: body[name] for name in ("title", "category", "currency", "stock", "status", "image_url")}
        prices = {f"told_{name}": body[name] for name in ("price", "list_price", "cost")}
        rows.append({**_bare(key, at=at), **told, **prices, "version": event.object_version})
    written = upserts.upsert(Listing, rows, key=KEY, update=TOLD, guard=versions.NEWER)
    _settle(written.values(), at=at)
    return versions.applied_of(found.items(), written)


@transaction_required
def apply_prices(events: Sequence[InboxEvent], at: datetime) -> list[Applied]:
    """Keep every price in the history, and let the newest be the listing's."""
    found = versions.newest(events)
    stubs = {key: {"title": key[1], "currency": event.body["currency"]} for key, event in found.items()}
    numbers = known(stubs, at=at)
    before = dict(
        Listing.objects.select_for_update()
        .filter(pk__in=list(numbers.values()))
        .order_by("pk")
        .values_list("pk", "price_version")
    )
    points: dict[tuple[int, int], dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: event.pk):
        listing_id = numbers[(event.merchant_id, event.object_key)]
        points.setdefault((listing_id, event.object_version), _point(event, listing_id=listing_id, at=at))
    added = upserts.upsert(PricePoint, list(points.values()), key=("merchant_id", "listing_id", "version"))
    _settle({listing_id for _merchant, listing_id, _version in added}, at=at)
    forward = {key: pk for key, pk in numbers.items() if key in found and before[pk] < found[key].object_version}
    return versions.applied_of(found.items(), forward)


@transaction_required
def known(stubs: Mapping[Key, Mapping[str, Any]], *, at: datetime) -> dict[Key, int]:
    """Return the numbers of these listings, adding those we did not know by what little is told of them."""
    found = versions.ids(Listing, set(stubs), by="sku")
    missing = {key: facts for key, facts in stubs.items() if key not in found}
    if missing:
        upserts.upsert(Listing, [{**_bare(key, at=at), **facts} for key, facts in missing.items()], key=KEY)
        found |= versions.ids(Listing, set(missing), by="sku")
    return {key: found[key] for key in stubs}


def _settle(ids: Collection[int], *, at: datetime) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(SETTLE, {"ids": sorted(ids), "at": at})


def _bare(key: Key, *, at: datetime) -> dict[str, Any]:
    return {"merchant_id": key[0], "sku": key[1], "updated_at": at}


def _point(event: InboxEvent, *, listing_id: int, at: datetime) -> dict[str, Any]:
    told = {name: event.body[name] for name in ("price", "list_price", "cost", "currency", "by")}
    return {
        "merchant_id": event.merchant_id,
        "listing_id": listing_id,
        "version": event.object_version,
        "occurred_at": event.occurred_at,
        "recorded_at": at,
        **told,
    }
