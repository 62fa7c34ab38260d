"""Handing the evidence of incidents to the platform, so that price errors do not count against the shop."""

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, require
from merchant_protection.foundation.transactions import transaction
from pricing_guard import policies
from pricing_guard.models import HandOver, Incident
from pricing_guard.queries import hand_overs
from pricing_guard.queries import incidents as queries
from pricing_guard.services.incidents import evidence, moving, promising

logger = logging.getLogger(__name__)
CLOCK = Actor.clock("price guard")
AGAIN_AFTER_FAILURE = timedelta(minutes=10)


@transaction
def ask(*, incident_id: int, actor: Actor, at: datetime, note: str = "") -> Incident:
    """Hand the evidence to the platform for every order to be cancelled that it has not taken, refused ones too."""
    incident = queries.lock(incident_id)
    require(policies.can_answer(actor, incident.merchant_id))
    state = hand_overs.state_of(incident)
    if not state.orders:
        raise Conflict(_("No order of this incident is to be cancelled."))
    if not state.left:
        raise Conflict(_("The evidence of every order is with the platform already."))
    promising.promise(incident, at=at)
    moving.record(incident, "price_incident.hand_over_asked", actor=actor, at=at, reason=note)
    return incident


def hand_over(*, now: datetime) -> int:
    """Make and hand over the evidence that is promised; return for how many incidents.

    Safe to run at any time and by several at once. Where nothing can be asked (a kill switch is on, no platform is set
    up) the promise stands and is tried again; one that fails holds up no other.
    """
    done = 0
    for incident_id in hand_overs.due(now):
        try:
            done += _hand_over(incident_id=incident_id, now=now)
        except Conflict as refusal:
            logger.warning("The evidence of incident %s waits: %s", incident_id, refusal.message)
            _postpone(incident_id, now=now)
        except Exception:
            logger.exception("Could not hand over the evidence of incident %s", incident_id)
            _postpone(incident_id, now=now)
    return done


def _hand_over(*, incident_id: int, now: datetime) -> bool:
    made = evidence.pack(incident_id=incident_id, actor=CLOCK, at=now)
    return _ask_platform(incident_id=incident_id, pack_id=made.pk, now=now)


@transaction
def _ask_platform(*, incident_id: int, pack_id: int, now: datetime) -> bool:
    incident = queries.lock(incident_id)
    promise = hand_overs.lock(incident)
    if promise is None or promise.due_at is None or promise.due_at > now:
        return False
    orders = hand_overs.to_hand(incident)
    if orders:
        evidence.ask_platform(incident, pack_id=pack_id, order_ids=orders, actor=CLOCK, at=now)
    promise.due_at, promise.asked_at = None, now
    promise.save(update_fields=["due_at", "asked_at"])
    return bool(orders)


@transaction
def _postpone(incident_id: int, *, now: datetime) -> None:
    HandOver.objects.filter(incident_id=incident_id).update(due_at=now + AGAIN_AFTER_FAILURE)
