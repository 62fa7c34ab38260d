"""What becomes of the orders an incident touched: honour, draft a cancellation, contact the buyer. Never by itself."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.services.actions import asking
from pricing_guard import policies
from pricing_guard.models import AffectedOrder, Incident, IncidentStep
from pricing_guard.queries import incidents as queries
from pricing_guard.services.incidents import ledger, moving, promising, stopping

Choice = AffectedOrder.Choice
# E-Commerce Law art. 49: a submitted order is normally a contract. Civil Code art. 147 and 152: a gross
# misunderstanding is voided by a court or arbitration, within 90 days from knowing or when one should have known.
TO_VOID = timedelta(days=90)
MOST_AT_ONCE = 5_000


@dataclass
class Report:
    """What a choice came to, order by order: done, and left with the reason."""

    done: list[int] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)


@transaction
def choose(
    *,
    incident_id: int,
    choice: str,
    actor: Actor,
    at: datetime,
    order_ids: Collection[int] | None = None,
    note: str = "",
) -> Report:
    """Decide about affected orders of an incident: those named, or all that are undecided.

    Honouring lets the parcel go. A cancellation is only drafted, with a message for the buyer; the
    merchant sends it, and the parcel is held meanwhile, also where the stop held none. An order that was
    shipped or called off meanwhile is left, and told.
    """
    incident = queries.lock(incident_id)
    require(policies.can_answer(actor, incident.merchant_id))
    if choice not in (Choice.HONOUR, Choice.CANCEL, Choice.CONTACT):
        raise Invalid(fields={"choice": [_("Choose what becomes of the orders.")]})
    if order_ids is not None and not 0 < len(order_ids) <= MOST_AT_ONCE:
        raise Invalid(fields={"orders": [_("Name the orders, at most 5,000 at once.")]})
    report = Report()
    for order in queries.lock_orders(incident, order_ids):
        if order_ids is None and order.choice != Choice.UNDECIDED:
            continue
        if order.is_settled:
            report.left[order.pk] = _("This order is on its way or over already.")
            continue
        _choose(incident, order, choice, actor=actor, at=at)
        report.done.append(order.pk)
    if report.done:
        facts = {"choice": choice, "orders": len(report.done), "left": len(report.left)}
        moving.note(incident, "choose", actor=actor, at=at, text=note, facts=facts)
        ledger.bring_up_to_date(incident, at=at)
        promising.promise_when_decided(incident, at=at)
        _record(incident, facts, actor=actor, at=at, reason=note)
    return report


@transaction_required
def honour_rest(incident: Incident, *, actor: Actor, at: datetime) -> None:
    """Let every order go that nobody decided about: the price it paid is meant."""
    rest = [order for order in queries.lock_orders(incident) if _is_open(order)]
    for order in rest:
        _choose(incident, order, Choice.HONOUR, actor=actor, at=at)
    _note_let_go(incident, rest)


@transaction_required
def undecide(incident: Incident, *, chosen_at: datetime) -> None:
    """Let orders that went with "it is meant" wait for a decision again, unless they are on their way."""
    for order in queries.lock_orders(incident):
        if order.choice == Choice.HONOUR and order.chosen_at == chosen_at and not order.is_settled:
            order.choice, order.chosen_at, order.chosen_by = Choice.UNDECIDED, None, ""
            order.version += 1
            order.save(update_fields=["choice", "chosen_at", "chosen_by", "version"])


@transaction_required
def let_parcels_go(incident: Incident, *, actor: Actor, at: datetime) -> None:
    """Let the parcels go that a stop held which was lifted; what was decided by a person stays so."""
    held = {number for _incident_id, number in queries.parcels_held([incident])}
    rest = [one for one in queries.lock_orders(incident) if _is_open(one) and one.order.number in held]
    for order in rest:
        asking.person_wants(stopping.wish(incident, "release_shipment", order.order.number), actor=actor, at=at)
        order.is_held = bool(queries.holds_on(incident.merchant_id, order.order.number))
        order.version += 1
        order.save(update_fields=["is_held", "version"])
    _note_let_go(incident, rest)


def _is_open(order: AffectedOrder) -> bool:
    return order.choice == Choice.UNDECIDED and not order.is_settled


@transaction_required
def _note_let_go(incident: Incident, orders: Collection[AffectedOrder]) -> None:
    """Write down that the parcels of these orders are held by the incident no more."""
    steps = IncidentStep.objects.filter(merchant_id=incident.merchant_id, incident=incident, rung="HOLD_SHIPMENTS")
    steps = steps.filter(ref__in=[order.order.number for order in orders], status=IncidentStep.Status.ASKED)
    steps.update(status=IncidentStep.Status.UNDONE)


def must_void_by(incident: Incident) -> datetime:
    """Return until when a court or arbitration can be asked to void a gross misunderstanding (撤销权 90 日)."""
    return incident.opened_at + TO_VOID


@transaction_required
def _choose(incident: Incident, order: AffectedOrder, choice: str, *, actor: Actor, at: datetime) -> None:
    order.choice, order.chosen_at, order.chosen_by = choice, at, actor.name[:200]
    order.draft = "" if choice == Choice.HONOUR else draft_for(incident, choice)
    if choice == Choice.HONOUR and order.is_held:
        _let_go(incident, order, actor=actor, at=at)
    if choice == Choice.CANCEL and not order.is_held:
        stopping.hold_parcel(incident, order, actor=actor, at=at)
    order.version += 1
    order.save(update_fields=["choice", "chosen_at", "chosen_by", "draft", "is_held", "version"])


def _let_go(incident: Incident, order: AffectedOrder, *, actor: Actor, at: datetime) -> None:
    for verb in queries.holds_on(incident.merchant_id, order.order.number):
        asking.person_wants(stopping.wish(incident, verb, order.order.number), actor=actor, at=at)
    order.is_held = False


def draft_for(incident: Incident, choice: str) -> str:
    """Return the message to the buyer, in the shop's language, without anything about other buyers."""
    with translation.override(incident.merchant.language):
        if choice == Choice.CANCEL:
            return _(
                "The price of “%(title)s” was shown wrongly through an error of ours. We are sorry. We ask you to "
                "agree that the order is cancelled and what you paid is returned in full at once."
            ) % {"title": incident.listing.title}
        return _(
            "The price of “%(title)s” was shown wrongly through an error of ours. Before your order is sent we would "
            "like to find a solution with you. Please answer this message."
        ) % {"title": incident.listing.title}


def _record(incident: Incident, facts: dict[str, object], *, actor: Actor, at: datetime, reason: str) -> None:
    audit.record(
        actor=actor,
        action="price_incident.orders_decided",
        at=at,
        merchant_id=incident.merchant_id,
        subject_kind="price_incident",
        subject_id=incident.pk,
        after=facts,
        reason=reason,
    )
