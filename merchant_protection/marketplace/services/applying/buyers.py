"""Buyers: what the platform tells of an account, and the ones we know only from their orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from merchant_protection.foundation import crypto, upserts
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import Buyer, InboxEvent
from merchant_protection.marketplace.services.applying import versions
from merchant_protection.marketplace.services.applying.versions import Applied, Key

KEY = ("merchant_id", "ref")
TOLD = (
    "account_created_at",
    "level",
    "phone_verified",
    "real_name_verified",
    "paid_orders",
    "version",
    "updated_at",
)
EARLIER = "excluded.first_order_at < known.first_order_at OR known.first_order_at IS NULL"


@transaction_required
def apply(events: Sequence[InboxEvent], at: datetime) -> list[Applied]:
    """Bring buyers' accounts forward."""
    found = versions.newest(events)
    rows = [
        {
            **_bare(key, at=at),
            "account_created_at": event.body["account_created_at"],
            "level": event.body["level"] or "",
            "phone_verified": event.body["phone_verified"],
            "real_name_verified": event.body["real_name_verified"],
            "paid_orders": event.body["paid_orders"],
            "version": event.object_version,
        }
        for key, event in found.items()
    ]
    written = upserts.upsert(Buyer, rows, key=KEY, update=TOLD, guard=versions.NEWER)
    return versions.applied_of(found.items(), written)


@transaction_required
def known(first_orders: Mapping[Key, str | None], *, at: datetime) -> dict[Key, int]:
    """Return the numbers of these buyers, adding those we did not know, and note their earliest order."""
    rows = [{**_bare(key, at=at), "first_order_at": first} for key, first in first_orders.items()]
    dated = [row for row in rows if row["first_order_at"]]
    undated = [row for row in rows if not row["first_order_at"]]
    found = upserts.upsert(Buyer, dated, key=KEY, update=("first_order_at",), guard=EARLIER)
    found |= upserts.upsert(Buyer, undated, key=KEY)
    missing = set(first_orders) - set(found)
    return found | versions.ids(Buyer, missing, by="ref")


def _bare(key: Key, *, at: datetime) -> dict[str, Any]:
    return {"merchant_id": key[0], "ref": key[1], "key": crypto.keyed_hash("buyer", key[1]), "updated_at": at}
