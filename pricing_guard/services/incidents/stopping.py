"""Stop-loss: climb the ladder for an incident, by the clock within budgets or by a person without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.marketplace.lifecycle import SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import actions as asked
from merchant_protection.marketplace.rules.wishes import VERBS, Mode, Purse, Wish
from merchant_protection.marketplace.services import actions, doubts
from merchant_protection.marketplace.services.actions import asking
from pricing_guard.models import AffectedOrder, Incident, IncidentStep
from pricing_guard.queries import incidents as queries
from pricing_guard.queries.listings import tidy
from pricing_guard.rules.ladder import Action, Plan
from pricing_guard.services.incidents import moving

Step = IncidentStep.Status
ON_ITS_WAY = (*SENDING_ACTIONS, ActionStatus.CONFIRMED)
LISTING_VERBS = {Action.REVERT_PRICE: "set_price", Action.ZERO_STOCK: "set_stock", Action.DELIST: "delist"}


@dataclass
class Climb:
    """One go up the ladder for incidents of one shop: who asks, and which purses were found empty on the way."""

    actor: Actor
    at: datetime
    by_person: bool
    empty: set[tuple[str, str]] = field(default_factory=set)
    stopped: set[int] = field(default_factory=set)


@transaction_required
def by_itself(incidents: Sequence[Incident], plans: Mapping[int, Plan], *, actor: Actor, at: datetime) -> None:
    """Do what the plans allow at once; what asks a person is proposed, what has grace waits for its moment."""
    acting = {}
    for incident in incidents:
        plan = plans[incident.pk]
        stops = _stops(plan.done)
        if stops and plan.not_before is None:
            acting[incident] = stops
        _propose(incident, [*_stops(plan.proposed), *(stops if plan.not_before else [])], at=at)
    if acting:
        stopped = climb(acting, actor=actor, at=at, by_person=False)
        ids = [incident.pk for incident in stopped]
        Incident.objects.filter(merchant_id=incidents[0].merchant_id, pk__in=ids).update(ledger_due_at=at)


@transaction_required
def hold_late(incident: Incident, *, actor: Actor, at: datetime) -> None:
    """Hold the parcels of orders that were on their way when the listing was stopped."""
    if Action.HOLD_SHIPMENTS.name in (*incident.plan["done"], *incident.plan["proposed"]):
        _hold_shipments(Climb(actor, at, by_person=False), incident)


@transaction_required
def climb(rungs: Mapping[Incident, Sequence[Action]], *, actor: Actor, at: datetime, by_person: bool) -> list[Incident]:
    """Take the stops of locked incidents of one shop; return those that are stopped now.

    New orders are held on all of them by one reversible action of the shop, which has a small
    budget of its own: when the rule's is used up, no listing is left unprotected. An incident of
    which nothing could be asked stays suspected, for a person.
    """
    go = Climb(actor, at, by_person)
    _hold_new_orders(go, [one for one, steps in rungs.items() if Action.HOLD_NEW_ORDERS in steps])
    for incident, steps in rungs.items():
        for step in steps:
            if step in LISTING_VERBS:
                _take(go, incident, step, _listing_wish(incident, step))
            elif step == Action.HOLD_SHIPMENTS:
                _hold_shipments(go, incident)
            elif step == Action.DRAFT_CANCELLATIONS:
                _write(go, incident, step, Step.DRAFTED)
    tripped = [incident for incident in rungs if incident.pk in go.stopped]
    for incident in tripped:
        if incident.status == Incident.Status.SUSPECTED:
            facts = {"steps": [step.name for step in rungs[incident]], "by_person": by_person}
            moving.move(incident, "trip", actor=actor, at=at, facts=facts, tripped_at=at, reminded=0)
    doubts.doubt(listings=[(one.listing, one.pk) for one in tripped], feature=queries.FEATURE, at=at)
    return tripped


def wish(incident: Incident, verb: str, ref: str, **more: Any) -> Wish:
    """Return what an incident asks of the platform, with who decided and why."""
    return Wish(
        merchant_id=incident.merchant_id,
        verb=verb,
        ref=ref,
        feature=queries.FEATURE,
        rule=rule_of(incident),
        rule_version=str(incident.policy_number or ""),
        cause=incident.cause,
        reason=f"{incident.check_name} {incident.pk}",
        **more,
    )


def rule_of(incident: Incident) -> str:
    """Return the name by which the rule behind an incident is budgeted, paused and undone: its policy."""
    return f"policy-{incident.policy_id or 0}"


def _stops(steps: Sequence[Action]) -> list[Action]:
    return [step for step in steps if step > Action.BLOCK_WRITE]


def _propose(incident: Incident, steps: Sequence[Action], *, at: datetime) -> None:
    IncidentStep.objects.bulk_create(
        [
            IncidentStep(
                merchant_id=incident.merchant_id,
                incident=incident,
                rung=step.name,
                status=Step.PROPOSED,
                ref="" if step == Action.HOLD_SHIPMENTS else incident.listing.sku,
                at=at,
            )
            for step in steps
        ],
        ignore_conflicts=True,
    )


def _listing_wish(incident: Incident, step: Action) -> Wish | None:
    """Return what is asked of the listing; None when there is no price to go back to."""
    sku, currency = incident.listing.sku, incident.currency
    if step == Action.DELIST:
        return wish(incident, "delist", sku, is_latched=True)
    if step == Action.ZERO_STOCK:
        return wish(incident, "set_stock", sku, value=0, undo=incident.listing.stock, is_latched=True)
    if incident.revert_price is None:
        return None
    good, wrong = ({"amount": str(tidy(one, currency)), "currency": currency} for one in _prices(incident))
    return wish(incident, "set_price", sku, value=good, undo=wrong if incident.price > 0 else None, is_latched=True)


def _prices(incident: Incident) -> tuple[Any, Any]:
    return incident.revert_price, incident.price


def _hold_new_orders(go: Climb, incidents: Sequence[Incident]) -> None:
    if not incidents:
        return
    skus = [one.listing.sku for one in incidents]
    action: PlatformAction | None
    first = wish(incidents[0], "hold_new_orders", "", is_latched=True)
    if go.by_person:
        merchant_id = incidents[0].merchant_id
        held = sorted(asked.lock_held_skus(merchant_id) | set(skus))
        shop = asked.merchant(merchant_id).code
        action = asking.person_wants(
            wish(incidents[0], "hold_new_orders", shop, value={"held_skus": held}, is_latched=True),
            actor=go.actor,
            at=go.at,
        )
    else:
        try:
            action = actions.hold_new_orders(first, skus=skus, mode=Mode.AUTO, actor=go.actor, at=go.at)
        except Conflict:  # no platform is set up: the shop is told, and a person sees that nothing was asked
            action = None
    for incident in incidents:
        _note(go, incident, Action.HOLD_NEW_ORDERS, action, ref=incident.listing.sku)


def _take(go: Climb, incident: Incident, step: Action, wanted: Wish | None) -> None:
    if wanted is None:
        _write(go, incident, step, Step.SKIPPED)
        return
    purse = (wanted.rule, VERBS[wanted.verb].purse)
    if purse in go.empty:
        _write(go, incident, step, Step.HELD_BACK, ref=wanted.ref)
        return
    if go.by_person:
        action = asking.person_wants(wanted, actor=go.actor, at=go.at)
    else:
        try:
            action = actions.ask(wanted, mode=Mode.AUTO, actor=go.actor, at=go.at)
        except Conflict:
            go.empty.add(purse)
            _write(go, incident, step, Step.SKIPPED, ref=wanted.ref)
            return
        if action.status == ActionStatus.NEEDS_REVIEW and action.review_reason != PlatformAction.Review.LATCH:
            go.empty.add(purse)
    _note(go, incident, step, action, ref=wanted.ref)


def _hold_shipments(go: Climb, incident: Incident) -> None:
    """Hold the parcels of the orders touched so far; each has the small budget of held orders.

    What the shop honours goes its way. An order that is held by itself lets go within a day, its parcel does not.
    """
    held = queries.parcels_held(incident)
    for order in queries.lock_orders(incident):
        if order.is_settled or order.choice == AffectedOrder.Choice.HONOUR or order.order.number in held:
            continue
        before = len(go.empty)
        _take(go, incident, Action.HOLD_SHIPMENTS, wish(incident, "hold_shipment", order.order.number))
        if (rule_of(incident), Purse.ORDER_HOLDS) not in go.empty and len(go.empty) == before:
            order.is_held = True
            order.save(update_fields=["is_held"])


def _note(go: Climb, incident: Incident, step: Action, action: PlatformAction | None, *, ref: str) -> None:
    if action is None:
        _write(go, incident, step, Step.SKIPPED, ref=ref)
        return
    is_asked = action.status in ON_ITS_WAY
    if is_asked and step != Action.HOLD_SHIPMENTS:
        go.stopped.add(incident.pk)
    _write(go, incident, step, Step.ASKED if is_asked else Step.HELD_BACK, ref=ref, action=action)


def _write(
    go: Climb,
    incident: Incident,
    step: Action,
    status: str,
    *,
    ref: str | None = None,
    action: PlatformAction | None = None,
) -> None:
    IncidentStep.objects.update_or_create(
        merchant_id=incident.merchant_id,
        incident=incident,
        rung=step.name,
        ref=incident.listing.sku if ref is None else ref,
        defaults={"status": status, "action": action, "at": go.at},
    )
