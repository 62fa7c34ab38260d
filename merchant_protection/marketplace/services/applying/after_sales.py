"""After-sales."""

from collections.abc import Sequence
from datetime import datetime

from merchant_protection.foundation import upserts
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import AfterSale, InboxEvent, Order
from merchant_protection.marketplace.services.applying import buyers, versions
from merchant_protection.marketplace.services.applying.versions import Applied

TOLD = ("kind", "status", "reason", "amount", "currency", "opened_at", "pictures", "carrier", "tracking_key")
OURS = ("order_id", "order_number", "buyer_id", "wording", "version", "updated_at")


@transaction_required
def apply(events: Sequence[InboxEvent], at: datetime) -> list[Applied]:
    """Bring after-sales forward; one that comes before its order is tied to it later."""
    found = versions.newest(events)
    asked = buyers.known(dict.fromkeys(((key[0], event.body["buyer"]) for key, event in found.items())), at=at)
    orders = versions.ids(Order, {(key[0], event.body["order"]) for key, event in found.items()}, by="number")
    rows = [
        {
            "merchant_id": key[0],
            "number": key[1],
            "order_id": orders.get((key[0], event.body["order"])),
            "order_number": event.body["order"],
            "buyer_id": asked[(key[0], event.body["buyer"])],
            "wording": event.body["wording"] or "",
            **{name: event.body[name] for name in TOLD},
            "version": event.object_version,
            "updated_at": at,
        }
        for key, event in found.items()
    ]
    key = ("merchant_id", "number")
    written = upserts.upsert(AfterSale, rows, key=key, update=(*TOLD, *OURS), guard=versions.NEWER)
    return versions.applied_of(found.items(), written)
