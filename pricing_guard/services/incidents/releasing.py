"""The platform's own way out: a stop that harms a shop is lifted by two people of operations."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction
from pricing_guard import policies
from pricing_guard.lifecycle import INCIDENT_MOVES
from pricing_guard.models import Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.services.incidents import answering, moving

ASKED = "release_asked"
ASKED_FOR = timedelta(hours=1)


@transaction
def release(*, incident_id: int, actor: Actor, at: datetime, reason: str) -> Incident:
    """Sell a stopped listing again in an emergency, as it was before the stop.

    The first of two people asks, the second within an hour does it; parcels stay held until each order is decided.
    """
    incident = queries.lock(incident_id)
    require(policies.can_release(actor))
    target_of(INCIDENT_MOVES, "restore", incident.status)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why, for whoever comes after you.")]})
    asked_by = queries.release_asked_by(incident, move=ASKED, since=at - ASKED_FOR)
    if not asked_by:
        moving.note(incident, ASKED, actor=actor, at=at, text=reason)
        audit.record(
            actor=actor,
            action="price_incident.release_asked",
            at=at,
            merchant_id=incident.merchant_id,
            subject_kind="price_incident",
            subject_id=incident.pk,
            after={"status": incident.status, "sku": incident.listing.sku},
            reason=reason,
        )
        return incident
    if asked_by == {actor.id}:
        raise Conflict(_("Lifting a stop needs a second person."))
    return answering.restore_now(incident_id=incident_id, actor=actor, at=at, price="before", note=reason)
