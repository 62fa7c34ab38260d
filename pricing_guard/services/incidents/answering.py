"""What people answer: it is wrong, it is meant, sell it again, we are done."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.lifecycle import target_of
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.services import doubts
from pricing_guard import policies
from pricing_guard.lifecycle import INCIDENT_MOVES, IncidentStatus
from pricing_guard.models import ApprovedWindow, GuardHit, Incident, Suspension
from pricing_guard.queries import incidents as queries
from pricing_guard.rules.findings import Check
from pricing_guard.rules.ladder import Action
from pricing_guard.services.incidents import (
    alerts,
    choosing,
    ledger,
    moving,
    naming,
    promising,
    reopening,
    stopping,
    touching,
)
from pricing_guard.services.watching import teaching

LONGEST_QUIET = timedelta(days=90)
USUAL_QUIET = timedelta(days=7)


@transaction
def stop(*, incident_id: int, actor: Actor, at: datetime, note: str = "") -> Incident:
    """It is wrong: stop the listing now, as far up the ladder as its policy names, and at least its new orders."""
    return stop_now(incident_id=incident_id, actor=actor, at=at, note=note)


@transaction_required
def stop_now(*, incident_id: int, actor: Actor, at: datetime, note: str = "") -> Incident:
    """Stop a listing inside the command of an answer, from the portal or from a link in an alert."""
    incident = queries.lock(incident_id)
    require(policies.can_answer(actor, incident.merchant_id))
    target_of(INCIDENT_MOVES, "trip", incident.status)
    touching.gather([incident], at=at)
    if not stopping.climb({incident: stops_of(incident)}, actor=actor, at=at, by_person=True):
        raise Conflict(_("Nothing could be asked of the platform."))
    _answered(incident, "trip", actor=actor, at=at)
    _review(incident, GuardHit.Review.RIGHT, actor=actor, at=at)
    ledger.bring_up_to_date(incident, at=at)
    moving.record(incident, "price_incident.stopped", actor=actor, at=at, reason=note)
    return incident


@transaction
def mean(
    *,
    incident_id: int,
    actor: Actor,
    at: datetime,
    reason: str,
    until: datetime | None = None,
    note: str = "",
) -> Incident:
    """It is meant: quiet exactly the checks that objected, for a stated time, learn the price, and sell it again.

    Orders that nobody decided about go their way, and count for no loss: they paid what they were meant to.
    A price of zero is never meant but as a gift, for which there are windows.
    """
    return mean_now(incident_id=incident_id, actor=actor, at=at, reason=reason, until=until, note=note)


@transaction_required
def mean_now(
    *,
    incident_id: int,
    actor: Actor,
    at: datetime,
    reason: str,
    until: datetime | None = None,
    note: str = "",
) -> Incident:
    """Take "it is meant" inside the command of an answer."""
    incident = queries.lock_to_teach(incident_id)
    require(policies.can_answer(actor, incident.merchant_id))
    name = "mean" if incident.status == IncidentStatus.SUSPECTED else "restore"
    target_of(INCIDENT_MOVES, name, incident.status)
    until = _check_meant(incident, reason=reason, until=until, at=at)
    Suspension.objects.create(
        merchant_id=incident.merchant_id,
        listing=incident.listing,
        checks=sorted({finding["check"] for finding in incident.findings}),
        price=incident.price,
        until=until,
        reason=reason,
        note=note[:300],
        incident_id=incident.pk,
        said_at=at,
        said_by=actor.name[:200],
    )
    teaching.meant(incident.listing, price=incident.price, at=at)
    reopening.take_back(incident, price="mine", actor=actor, at=at)
    choosing.honour_rest(incident, actor=actor, at=at)
    facts: dict[str, object] = {"reason": reason, "until": until.isoformat(), "price": str(incident.price)}
    moving.move(incident, name, actor=actor, at=at, text=note, facts=facts)
    _answered(incident, "mean", actor=actor, at=at)
    _review(incident, GuardHit.Review.FALSE, actor=actor, at=at)
    doubts.believe(merchant_id=incident.merchant_id, listing_id=incident.listing_id, feature=queries.FEATURE)
    ledger.bring_up_to_date(incident, at=at)
    moving.record(incident, "price_incident.meant", actor=actor, at=at, reason=note, after=facts)
    return incident


@transaction
def restore(
    *,
    incident_id: int,
    actor: Actor,
    at: datetime,
    price: str = "good",
    amount: Decimal | None = None,
    note: str = "",
) -> Incident:
    """Sell a stopped listing again: at the good price, at a price that is named, or ("before") as it was.

    The price comes first: until the platform has set it the listing stays stopped, and sells then by itself. Where no
    good price is known, and the present one is in doubt, a price has to be named that the guard lets pass.
    """
    return restore_now(incident_id=incident_id, actor=actor, at=at, price=price, amount=amount, note=note)


@transaction_required
def restore_now(
    *, incident_id: int, actor: Actor, at: datetime, price: str, note: str, amount: Decimal | None = None
) -> Incident:
    """Sell a stopped listing again inside another command: a shop's own word, or the release by two of operations."""
    incident = queries.lock(incident_id)
    require(policies.can_answer(actor, incident.merchant_id))
    target_of(INCIDENT_MOVES, "restore", incident.status)
    if price not in ("good", "named", "before"):
        raise Invalid(fields={"price": [_("Choose the good price, one you name, or the price before the stop.")]})
    if price == "named":
        naming.name(incident, amount, actor=actor, at=at)
    if price != "before" and not reopening.is_priced(incident, actor=actor, at=at):
        reopening.wait(incident, actor=actor, at=at, note=note)
    else:
        sold_at = "before" if price == "before" else "good"
        reopening.sell(incident, price=sold_at, actor=actor, at=at, note=note)
    _answered(incident, "restore", actor=actor, at=at)
    return incident


@transaction
def close(*, incident_id: int, actor: Actor, at: datetime, note: str = "") -> Incident:
    """Be done with an incident: every order it touched has been decided."""
    incident = queries.lock(incident_id)
    require(policies.can_answer(actor, incident.merchant_id))
    target_of(INCIDENT_MOVES, "close", incident.status)
    open_orders = queries.undecided_of(incident)
    if open_orders:
        raise Conflict(_("%(count)s affected orders are not decided yet.") % {"count": open_orders})
    ledger.bring_up_to_date(incident, at=at)
    moving.move(incident, "close", actor=actor, at=at, text=note)
    promising.promise_when_decided(incident, at=at)
    moving.record(incident, "price_incident.closed", actor=actor, at=at, reason=note)
    return incident


def stops_of(incident: Incident) -> Sequence[Action]:
    """Return what "stop it" does: what the policy planned, or, where it only alerts, hold orders and parcels."""
    planned = [Action[name] for name in (*incident.plan["done"], *incident.plan["proposed"])]
    stops = [step for step in planned if step > Action.BLOCK_WRITE]
    return sorted({*stops, Action.HOLD_NEW_ORDERS}) if stops else [Action.HOLD_NEW_ORDERS, Action.HOLD_SHIPMENTS]


def _check_meant(incident: Incident, *, reason: str, until: datetime | None, at: datetime) -> datetime:
    faults: dict[str, list[str]] = {}
    until = until or at + USUAL_QUIET
    if reason not in ApprovedWindow.Reason.values:
        faults["reason"] = [_("Choose why this price is meant.")]
    if not at < until <= at + LONGEST_QUIET:
        faults["until"] = [_("Choose a moment within the next 90 days.")]
    if incident.price <= 0 or any(one["check"] == Check.ZERO_PRICE for one in incident.findings):
        faults["price"] = [_("A price of zero needs a window for gifts.")]
    if faults:
        raise Invalid(fields=faults)
    return until


def _answered(incident: Incident, answer: str, *, actor: Actor, at: datetime) -> None:
    incident.answered_at, incident.answered_by = at, actor.name[:200]
    incident.save(update_fields=["answered_at", "answered_by"])
    alerts.answered(incident, answer, actor=actor, at=at)


def _review(incident: Incident, review: str, *, actor: Actor, at: datetime) -> None:
    hits = GuardHit.objects.filter(merchant_id=incident.merchant_id, incident=incident)
    hits.update(review=review, reviewed_at=at, reviewed_by=actor.name[:200])
