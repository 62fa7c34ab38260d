"""One batch of events, type by type, and the changes that features are owed for it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings

from merchant_protection.foundation import upserts, waking
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.models import Change, InboxEvent
from merchant_protection.marketplace.services.applying import after_sales, buyers, listings, orders, promotions
from merchant_protection.marketplace.services.applying.versions import Applied

type Step = Callable[[Sequence[InboxEvent], datetime], list[Applied]]

# In this order, so that two drains lock the tables in the same one.
STEPS: dict[str, Step] = {
    "buyer.changed": buyers.apply,
    "listing.changed": listings.apply,
    "price.changed": listings.apply_prices,
    "promotion.changed": promotions.apply,
    "order.changed": orders.apply,
    "after_sale.changed": after_sales.apply,
}


class UnknownType(ValueError):
    """An event was accepted whose type this release does not know."""


@transaction_required
def apply(events: Sequence[InboxEvent], *, at: datetime) -> set[int]:
    """Bring the facts forward; return the ids of the events that did so, the others were older than what is known."""
    if unknown := {event.type for event in events} - set(STEPS):
        raise UnknownType(", ".join(sorted(unknown)))
    applied: list[Applied] = []
    for kind, step in STEPS.items():
        if of_kind := [event for event in events if event.type == kind]:
            applied += step(of_kind, at)
    _owe(applied, at=at)
    return {each.event.pk for each in applied}


def _owe(applied: Sequence[Applied], *, at: datetime) -> None:
    """Promise each feature that asked for it a look at each change."""
    owed = [
        {
            "merchant_id": each.event.merchant_id,
            "consumer": consumer,
            "kind": each.event.type,
            "subject_id": each.subject_id,
            "version": each.event.object_version,
            "occurred_at": each.event.occurred_at,
            "created_at": at,
            "due_at": at,
        }
        for consumer, kinds in settings.CHANGE_CONSUMERS.items()
        for each in applied
        if each.event.type in kinds
    ]
    key = ("merchant_id", "consumer", "kind", "subject_id", "version")
    if upserts.upsert(Change, owed, key=key):
        waking.wake()
