"""Telling the shop's own systems of an incident: one message for each of its moves, promised with the move."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.notices.services import webhooks
from pricing_guard.models import Incident
from pricing_guard.queries.listings import tidy
from pricing_guard.rules.findings import Severity

KINDS = {
    "open": "price_incident.opened",
    "trip": "price_incident.stopped",
    "mean": "price_incident.meant",
    "correct": "price_incident.corrected",
    "restore": "price_incident.restored",
    "close": "price_incident.closed",
    "take_back": "price_incident.taken_back",
}


@transaction_required
def announce(incidents: Sequence[Incident], move: str, *, at: datetime) -> None:
    """Promise one message for each of these incidents of one shop; an answer taken back may be given again."""
    if not incidents:
        return
    once = {one.pk: f"{one.pk}-{at:%Y%m%d%H%M%S%f}" for one in incidents}
    news = [
        webhooks.News(kind=KINDS[move], params=_facts(one), subject_id=one.pk, dedupe_key=once[one.pk])
        for one in incidents
    ]
    webhooks.promise_all(merchant_id=incidents[0].merchant_id, news=news, at=at)


def _facts(incident: Incident) -> dict[str, Any]:
    reference = incident.reference_price
    return {
        "sku": incident.listing.sku,
        "status": incident.status,
        "check": incident.check_name,
        "severity": Severity(incident.severity).name,
        "mode": incident.mode,
        "price": str(tidy(incident.price, incident.currency)),
        "reference": str(tidy(reference, incident.currency)) if reference is not None else None,
        "currency": incident.currency,
        "cause": incident.cause,
    }
