"""Promising the platform an incident's evidence, as its orders are decided; a sweep keeps the promise."""

from datetime import datetime

from merchant_protection.foundation.transactions import transaction_required
from pricing_guard.models import HandOver, Incident
from pricing_guard.queries import hand_overs
from pricing_guard.queries import incidents as queries


@transaction_required
def promise(incident: Incident, *, at: datetime) -> None:
    """Promise the evidence of a locked incident as soon as may be."""
    HandOver.objects.update_or_create(merchant_id=incident.merchant_id, incident=incident, defaults={"due_at": at})


@transaction_required
def promise_when_decided(incident: Incident, *, at: datetime) -> None:
    """Promise it once each of the incident's orders is decided and one is to be cancelled; what was taken stays."""
    if not queries.undecided_of(incident) and hand_overs.to_hand(incident):
        promise(incident, at=at)
