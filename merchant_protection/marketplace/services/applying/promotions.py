"""Promotions."""

from collections.abc import Sequence
from datetime import datetime

from merchant_protection.foundation import upserts
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import InboxEvent, Promotion
from merchant_protection.marketplace.services.applying import versions
from merchant_protection.marketplace.services.applying.versions import Applied

TOLD = ("title", "kind", "skus", "value", "threshold", "starts_at", "ends_at", "funding", "status")


@transaction_required
def apply(events: Sequence[InboxEvent], at: datetime) -> list[Applied]:
    """Bring promotions forward."""
    found = versions.newest(events)
    rows = [
        {
            "merchant_id": key[0],
            "code": key[1],
            **{name: event.body[name] for name in TOLD},
            "stack_group": event.body["stack_group"] or "",
            "version": event.object_version,
            "updated_at": at,
        }
        for key, event in found.items()
    ]
    update = (*TOLD, "stack_group", "version", "updated_at")
    written = upserts.upsert(Promotion, rows, key=("merchant_id", "code"), update=update, guard=versions.NEWER)
    return versions.applied_of(found.items(), written)
