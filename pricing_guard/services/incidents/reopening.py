"""Opening what a stop closed: the good price first, then the listing, its stock and its new orders."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.lifecycle import SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import actions as asked
from merchant_protection.marketplace.queries import guards
from merchant_protection.marketplace.rules import wishes
from merchant_protection.marketplace.rules.wishes import VERBS
from merchant_protection.marketplace.services import doubts
from merchant_protection.marketplace.services.actions import asking
from pricing_guard.models import Incident, IncidentStep
from pricing_guard.queries import incidents as queries
from pricing_guard.rules.ladder import Action
from pricing_guard.services.incidents import alerts, ledger, moving, naming, stopping

CLOCK = Actor.clock("price guard")
Fault = Incident.SaleFault
Step = IncidentStep.Status
FAULTS = {ActionStatus.FAILED: Fault.REFUSED, ActionStatus.NEEDS_REVIEW: Fault.TRIES}


@transaction_required
def is_priced(incident: Incident, *, actor: Actor, at: datetime) -> bool:
    """Say whether a locked incident's good price stands; it is asked for where nobody did, or nothing came of it.

    A price that was put right meanwhile, which the guard accepts, stays as the shop set it. Where no good price is
    known and the present one is in doubt, nothing can be sold: that is refused, and said why.
    """
    wanted = stopping.listing_wish(incident, Action.REVERT_PRICE)
    if wanted is None:
        naming.require_good(incident, at=at)
        return True
    if naming.is_accepted(incident, at=at):
        return True
    step = queries.steps_of(incident).filter(rung=Action.REVERT_PRICE.name, status=Step.ASKED).first()
    action = step.action if step and step.action and step.action.value == wanted.value else None
    if action is None or action.status not in stopping.ON_ITS_WAY:
        action = asking.person_wants(wanted, actor=actor, at=at)
        IncidentStep.objects.update_or_create(
            merchant_id=incident.merchant_id,
            incident=incident,
            rung=Action.REVERT_PRICE.name,
            ref=incident.listing.sku,
            defaults={"status": Step.ASKED, "action": action, "at": at},
        )
    if action.status == ActionStatus.CONFIRMED and _is_replaced(incident, action):
        raise Conflict(_("Another price was set after the good one. Set the good price at the platform first."))
    return action.status == ActionStatus.CONFIRMED


@transaction_required
def wait(incident: Incident, *, actor: Actor, at: datetime, note: str = "") -> None:
    """Leave a stop standing until the platform has set the good price; the listing sells then by itself."""
    if incident.sale_asked_at is not None and not incident.sale_fault:
        raise Conflict(_("The platform has not set the good price yet. The product sells again once it has."))
    incident.sale_asked_at, incident.sale_fault = at, ""
    incident.save(update_fields=["sale_asked_at", "sale_fault"])
    moving.note(incident, "sale_asked", actor=actor, at=at, text=note)
    moving.record(incident, "price_incident.sale_asked", actor=actor, at=at, reason=note)


@transaction_required
def go_on(merchant_id: int, action_ids: Collection[int], *, at: datetime) -> None:
    """Look at what became of good prices that were asked for: sell what is priced, and tell of what is not."""
    for incident_id, action_id in queries.waiting_for(merchant_id, action_ids):
        incident = queries.lock(incident_id)
        action = asked.find(action_id)
        if incident.sale_asked_at is None or action.status in SENDING_ACTIONS:
            continue  # answered meanwhile, or asked once more
        is_set = action.status == ActionStatus.CONFIRMED and not _is_replaced(incident, action)
        if is_set:
            sell_by_itself(incident, at=at)
        else:
            _hinder(incident, FAULTS.get(action.status, Fault.REPLACED), at=at, action=action)


@transaction_required
def sell_by_itself(incident: Incident, *, at: datetime) -> None:
    """Sell a locked incident's listing, which waited for its good price, now that it stands."""
    if _is_switched_off(incident):
        _hinder(incident, Fault.SWITCH, at=at)
    else:
        sell(incident, price="good", actor=CLOCK, at=at)


@transaction_required
def sell(incident: Incident, *, price: str, actor: Actor, at: datetime, note: str = "") -> None:
    """Let a stopped listing sell again."""
    take_back(incident, price=price, actor=actor, at=at)
    moving.move(incident, "restore", actor=actor, at=at, text=note, facts={"price": price})
    doubts.believe(merchant_id=incident.merchant_id, listing_id=incident.listing_id, feature=queries.FEATURE)
    ledger.bring_up_to_date(incident, at=at)
    moving.record(incident, "price_incident.restored", actor=actor, at=at, reason=note, after={"price": price})


@transaction_required
def take_back(incident: Incident, *, price: str, actor: Actor, at: datetime) -> None:
    """Open what the stop closed, or a person approved of it later. Parcels stay held until each order is decided."""
    if incident.sale_asked_at is not None:
        alerts.put_away_hindered(incident, at=at)
    for step in queries.steps_of(incident).select_for_update(of=("self",)):
        if step.action is None or step.rung == Action.HOLD_SHIPMENTS.name:
            continue
        is_approved = step.status == Step.HELD_BACK and step.action.status in stopping.ON_ITS_WAY
        if step.status != Step.ASKED and not is_approved:
            continue
        if step.rung == Action.REVERT_PRICE.name and price == "good":
            continue
        if step.rung == Action.HOLD_NEW_ORDERS.name:
            _let_orders_in(incident, actor=actor, at=at)
        else:
            _undo(incident, step.action, actor=actor, at=at)
        step.status = Step.UNDONE
        step.save(update_fields=["status"])


def _let_orders_in(incident: Incident, *, actor: Actor, at: datetime) -> None:
    rest = sorted(asked.lock_held_skus(incident.merchant_id) - {incident.listing.sku})
    verb, value = ("hold_new_orders", {"held_skus": rest}) if rest else ("open_new_orders", None)
    shop = asked.merchant(incident.merchant_id).code
    asking.person_wants(stopping.wish(incident, verb, shop, value=value, is_latched=bool(rest)), actor=actor, at=at)


def _undo(incident: Incident, action: PlatformAction, *, actor: Actor, at: datetime) -> None:
    state: Any = action.undo
    if state is None:
        return
    verb = wishes.verb_for(action.target.kind, action.target.aspect, state)
    value = state if VERBS[verb].value is None else None
    back = stopping.wish(incident, verb, action.target.ref, value=value, undo=action.value)
    asking.person_wants(back, actor=actor, at=at)


def _is_replaced(incident: Incident, action: PlatformAction) -> bool:
    """Whether somebody set another price after the platform had set ours."""
    listing, sent = incident.listing, action.sent_at
    is_later = bool(listing.price_changed_at and sent and listing.price_changed_at > sent)
    return is_later and listing.price is not None and listing.price != incident.revert_price


def _is_switched_off(incident: Incident) -> bool:
    verbs = ("relist", "hold_new_orders")
    names = {name for verb in verbs for name in asking.switch_names(queries.FEATURE, stopping.rule_of(incident), verb)}
    return guards.stopped_by(incident.merchant_id, rules=sorted(names)) is not None


def _hinder(incident: Incident, fault: str, *, at: datetime, action: PlatformAction | None = None) -> None:
    """Leave it stopped and tell the shop what to do; it still sells by itself once a good price stands."""
    incident.sale_fault = fault
    incident.save(update_fields=["sale_fault"])
    moving.note(incident, "sale_hindered", actor=CLOCK, at=at, facts={"fault": fault})
    alerts.tell_hindered(incident, action_id=action.pk if action else None, at=at)
