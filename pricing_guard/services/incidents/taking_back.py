"""Taking an answer back: after a stop or an "it is meant" that was a mistake all is as before, in doubt or stopped."""

from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.services import doubts
from pricing_guard import policies
from pricing_guard.lifecycle import INCIDENT_MOVES, IncidentStatus
from pricing_guard.models import GuardHit, Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.services.incidents import answering, choosing, ledger, moving, opening, reopening, stopping
from pricing_guard.services.watching import rechecking, teaching


@transaction
def take_back(*, incident_id: int, actor: Actor, at: datetime, note: str = "") -> Incident:
    """Take back what a person answered: the stop is lifted, or the price is doubted again and no longer learned.

    A price that was stopped before it was said to be meant is stopped again. Otherwise nothing acts by itself
    afterwards: the incident waits for a person. Orders decided one by one stay decided.
    """
    return take_back_now(incident_id=incident_id, actor=actor, at=at, note=note)


@transaction_required
def take_back_now(*, incident_id: int, actor: Actor, at: datetime, note: str = "") -> Incident:
    """Take an answer back inside another command, from the portal or from the link that gave it."""
    incident = queries.lock_to_teach(incident_id)
    require(policies.can_answer(actor, incident.merchant_id))
    target_of(INCIDENT_MOVES, "take_back", incident.status)
    answer, was_stopped = queries.answer_to_take_back(incident), incident.status == IncidentStatus.RESTORED
    if not answer:
        raise Conflict(_("There is no answer of a person to take back."))
    if incident.listing_id in queries.open_ids_on(incident.merchant_id, [incident.listing_id]) and answer == "mean":
        raise Conflict(_("Another doubt about this product is open already. Answer that one."))
    if answer == "mean":
        _doubt_again(incident, at=at)
    else:
        reopening.take_back(incident, price="mine", actor=actor, at=at)
        choosing.let_parcels_go(incident, actor=actor, at=at)
    moving.move(
        incident, "take_back", actor=actor, at=at, text=note, facts={"answer": answer},
        finished_at=None, tripped_at=None, answered_at=None, answered_by="",
        reminded=0, remind_at=at + opening.REMIND_AFTER,
    )  # fmt: skip
    hits = GuardHit.objects.filter(merchant_id=incident.merchant_id, incident=incident)
    hits.update(review=GuardHit.Review.NONE, reviewed_at=None, reviewed_by="")
    _take_orders_or_not(incident, at=at)
    ledger.bring_up_to_date(incident, at=at)
    moving.record(incident, "price_incident.taken_back", actor=actor, at=at, reason=note, after={"answer": answer})
    if answer == "mean":  # a price that was changed since is judged as it stands now
        rechecking.look_again(incident.merchant_id, [incident.listing_id], now=at)
        incident.refresh_from_db()
    if was_stopped and incident.status == IncidentStatus.SUSPECTED:
        stopping.climb({incident: answering.stops_of(incident)}, actor=actor, at=at, by_person=True)
        ledger.bring_up_to_date(incident, at=at)
    return incident


@transaction_required
def _doubt_again(incident: Incident, *, at: datetime) -> None:
    """End the quiet, forget the price, and let the orders that went with it wait for a decision again."""
    for said in queries.meant_by(incident):
        said_at, price = said.said_at, said.price
        said.delete()
        teaching.unsaid(incident.listing, price=price, said_at=said_at, at=at)
        choosing.undecide(incident, chosen_at=said_at)


@transaction_required
def _take_orders_or_not(incident: Incident, *, at: datetime) -> None:
    if opening.takes_no_orders(incident):
        doubts.doubt(listings=[(incident.listing, incident.pk)], feature=queries.FEATURE, at=at)
    else:
        doubts.believe(merchant_id=incident.merchant_id, listing_id=incident.listing_id, feature=queries.FEATURE)
