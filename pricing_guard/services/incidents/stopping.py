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
from merchant_protection.marketplace.rules.wishes import VERBS, Mode, Wish
from merchant_protection.marketplace.services import actions, doubts
from merchant_protection.marketplace.services.actions import asking
from pricing_guard.models import AffectedOrder, Incident, IncidentStep
from pricing_guard.queries import incidents as queries
from pricing_guard.queries.listings import tidy
from pricing_guard.rules.ladder import Action, Plan
from pricing_guard.services.incidents import ledger, moving

Step = IncidentStep.Status
ON_ITS_WAY = (*SENDING_ACTIONS, ActionStatus.CONFIRMED)
LISTING_VERBS = {Action.REVERT_PRICE: "set_price", Action.ZERO_STOCK: "set_stock", Action.DELIST: "delist"}


@dataclass
class Climb:
    """One go up the ladder for incidents of one shop: who asks, which purses were found empty, what is written down."""

    actor: Actor
    at: datetime
    by_person: bool
    empty: set[tuple[str, str]] = field(default_factory=set)
    stopped: set[int] = field(default_factory=set)
    steps: list[IncidentStep] = field(default_factory=list)


@dataclass(frozen=True)
class Rung:
    """One step of one incident, with what is asked of the platform for it; nothing where that is not possible."""

    incident: Incident
    step: Action
    wish: Wish | None


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
        for incident in stopped:
            if incident.source == Incident.Source.ORDERS:  # few at once, and what was at stake when it tripped is asked
                ledger.bring_up_to_date(incident, at=at)
        ids = [incident.pk for incident in stopped]
        Incident.objects.filter(merchant_id=incidents[0].merchant_id, pk__in=ids).update(ledger_due_at=at)


@transaction_required
def hold_late(incident: Incident, *, actor: Actor, at: datetime) -> None:
    """Hold the parcels of orders that were on their way when the listing was stopped."""
    if Action.HOLD_SHIPMENTS.name in (*incident.plan["done"], *incident.plan["proposed"]):
        go = Climb(actor, at, by_person=False)
        _hold_shipments(go, [incident])
        _write_steps(go)


@transaction_required
def hold_parcel(incident: Incident, order: AffectedOrder, *, actor: Actor, at: datetime) -> None:
    """Hold the parcel of an order that a person wants to call off; the caller saves the order.

    Where nothing can be asked (a kill switch is on, no platform is set up) it stays as it is, and is shown so.
    """
    number = order.order.number
    try:
        action = asking.person_wants(wish(incident, "hold_shipment", number), actor=actor, at=at)
    except Conflict:
        return
    go = Climb(actor, at, by_person=True)
    _note(go, incident, Action.HOLD_SHIPMENTS, action, ref=number)
    _write_steps(go)
    order.is_held = True


@transaction_required
def climb(rungs: Mapping[Incident, Sequence[Action]], *, actor: Actor, at: datetime, by_person: bool) -> list[Incident]:
    """Take the stops of locked incidents of one shop; return those that are stopped now.

    New orders are held on all of them by one reversible action of the shop, which has a small
    budget of its own: when the rule's is used up, no listing is left unprotected. An incident of
    which nothing could be asked stays suspected, for a person.
    """
    go = Climb(actor, at, by_person)
    _hold_new_orders(go, [one for one, steps in rungs.items() if Action.HOLD_NEW_ORDERS in steps])
    wanted = [
        Rung(incident, step, listing_wish(incident, step))
        for incident, steps in rungs.items()
        for step in steps
        if step in LISTING_VERBS
    ]
    _take(go, wanted)
    _hold_shipments(go, [one for one, steps in rungs.items() if Action.HOLD_SHIPMENTS in steps])
    for incident, steps in rungs.items():
        if Action.DRAFT_CANCELLATIONS in steps:
            _write(go, incident, Action.DRAFT_CANCELLATIONS, Step.DRAFTED)
    _write_steps(go)
    tripped = [incident for incident in rungs if incident.pk in go.stopped]
    facts = {one.pk: {"steps": [step.name for step in rungs[one]], "by_person": by_person} for one in tripped}
    suspected = [one for one in tripped if one.status == Incident.Status.SUSPECTED]
    moving.move_together(suspected, "trip", actor=actor, at=at, facts=facts, tripped_at=at, reminded=0)
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


def listing_wish(incident: Incident, step: Action) -> Wish | None:
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


def _take(go: Climb, rungs: Sequence[Rung]) -> list[PlatformAction | None]:
    """Ask for every rung and note what came of it; rule by rule, as each has a budget of its own."""
    answers: dict[int, PlatformAction | None] = {}
    by_purse: dict[tuple[str, str], list[int]] = {}
    for place, rung in enumerate(rungs):
        if rung.wish is None:
            _write(go, rung.incident, rung.step, Step.SKIPPED)
        elif go.by_person:
            answers[place] = asking.person_wants(rung.wish, actor=go.actor, at=go.at)
            _note(go, rung.incident, rung.step, answers[place], ref=rung.wish.ref)
        else:
            by_purse.setdefault((rung.wish.rule, VERBS[rung.wish.verb].purse), []).append(place)
    for purse, places in by_purse.items():
        answers |= zip(places, _ask(go, purse, [rungs[place] for place in places]), strict=True)
    return [answers.get(place) for place in range(len(rungs))]


def _ask(go: Climb, purse: tuple[str, str], rungs: Sequence[Rung]) -> list[PlatformAction | None]:
    """Ask by itself for what one rule wants; what comes after its purse was found empty is held back."""
    asked: list[PlatformAction | None] = [None] * len(rungs)
    first_status = Step.HELD_BACK
    if purse not in go.empty:
        try:
            asked = actions.ask_many([rung.wish for rung in rungs if rung.wish], actor=go.actor, at=go.at)
        except Conflict:  # no platform is set up: nothing of it is possible
            go.empty.add(purse)
            first_status = Step.SKIPPED
    for place, (rung, action) in enumerate(zip(rungs, asked, strict=True)):
        ref = rung.wish.ref if rung.wish else ""
        if action is None:
            _write(go, rung.incident, rung.step, Step.HELD_BACK if place else first_status, ref=ref)
            continue
        if _has_to_wait(action):
            go.empty.add(purse)
        _note(go, rung.incident, rung.step, action, ref=ref)
    return asked


def _has_to_wait(action: PlatformAction) -> bool:
    return action.status == ActionStatus.NEEDS_REVIEW and action.review_reason != PlatformAction.Review.LATCH


def _hold_shipments(go: Climb, incidents: Sequence[Incident]) -> None:
    """Hold the parcels of the orders touched so far; each has the small budget of held orders.

    What the shop honours goes its way. An order that is held by itself lets go within a day, its parcel does not.
    """
    if not incidents:
        return
    held = queries.parcels_held(incidents)
    by_id = {incident.pk: incident for incident in incidents}
    orders = [
        order
        for order in queries.lock_orders_among(incidents)
        if not order.is_settled
        and order.choice != AffectedOrder.Choice.HONOUR
        and (order.incident_id, order.order.number) not in held
    ]
    rungs = [
        Rung(one, Action.HOLD_SHIPMENTS, wish(one, "hold_shipment", order.order.number))
        for order in orders
        for one in [by_id[order.incident_id or 0]]
    ]
    answers = _take(go, rungs)
    asked = [order.pk for order, action in zip(orders, answers, strict=True) if action and not _has_to_wait(action)]
    AffectedOrder.objects.filter(merchant_id=incidents[0].merchant_id, pk__in=asked).update(is_held=True)


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
    go.steps.append(
        IncidentStep(
            merchant_id=incident.merchant_id,
            incident=incident,
            rung=step.name,
            ref=incident.listing.sku if ref is None else ref,
            status=status,
            action=action,
            at=go.at,
        )
    )


def _write_steps(go: Climb) -> None:
    """Write down what was asked, held back or not possible; a step that was there before is brought forward."""
    last = {(step.incident_id, step.rung, step.ref): step for step in go.steps}
    IncidentStep.objects.bulk_create(
        last.values(),
        update_conflicts=True,
        unique_fields=["merchant", "incident", "rung", "ref"],
        update_fields=["status", "action", "at"],
    )
