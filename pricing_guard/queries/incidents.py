"""Every read of incidents with their history, steps, orders, and the figures drawn from the ledger."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.foundation.lifecycle import moves_from
from merchant_protection.marketplace.models import ActionTarget, Listing, Order, OrderLine
from merchant_protection.risk.models import Outcome
from pricing_guard.lifecycle import INCIDENT_MOVES, OPEN_INCIDENTS, IncidentStatus
from pricing_guard.models import (
    AffectedOrder,
    GuardHit,
    Incident,
    IncidentLink,
    IncidentMove,
    IncidentStep,
    PriceCheck,
    Suspension,
)
from pricing_guard.queries import listings

FEATURE = "pricing_guard"
GONE = ("CANCELLED", "EXPIRED", "REFUNDED")
SENT = ("SHIPPED", "DELIVERED")
MOST_COUNTED = 10_000
CENT_OF_A_CENT = Decimal("0.0001")
HEADINGS = ("exposed", "prevented", "recovered", "lost")


def visible_to(actor: Actor) -> QuerySet[Incident]:
    """Return the incidents of the actor's shops, each with its listing; staff and the system see all."""
    tenancy.require_scope()
    rows = Incident.objects.select_related("listing", "policy")
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_mine(actor))


def checks_visible_to(actor: Actor) -> QuerySet[PriceCheck]:
    """Return the price checks of the actor's shops."""
    tenancy.require_scope()
    rows = PriceCheck.objects.all()
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_mine(actor))


def hits_visible_to(actor: Actor) -> QuerySet[GuardHit]:
    """Return the hits of the guard in the actor's shops, each with its listing."""
    tenancy.require_scope()
    rows = GuardHit.objects.select_related("listing", "policy")
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=_mine(actor))


def lock(incident_id: int) -> Incident:
    """Return an incident, locked; a stranger's is not found."""
    incident = Incident.objects.select_for_update(of=("self",)).select_related("listing").filter(pk=incident_id).first()
    if incident is None:
        raise NotFound
    return incident


def lock_to_teach(incident_id: int) -> Incident:
    """Return an incident, locked after the guard of its listing: in the order of whoever judges a price."""
    found = find(incident_id)
    listings.lock_guards(found.merchant_id, [found.listing_id])
    return lock(incident_id)


def release_asked_by(incident: Incident, *, move: str, since: datetime) -> set[int | None]:
    """Return who asked lately that the present stop of an incident be lifted."""
    rows = IncidentMove.objects.filter(merchant_id=incident.merchant_id, incident=incident, move=move, at__gte=since)
    return set(rows.values_list("actor_id", flat=True))


def open_on(merchant_id: int, listing_ids: Collection[int]) -> dict[int, Incident]:
    """Return the open incident of each listing that has one, locked."""
    rows = Incident.objects.select_for_update(of=("self",)).select_related("listing")
    rows = rows.filter(merchant_id=merchant_id, listing_id__in=list(listing_ids), status__in=OPEN_INCIDENTS)
    return {row.listing_id: row for row in rows.order_by("listing_id")}


def open_ids_on(merchant_id: int, listing_ids: Collection[int]) -> dict[int, int]:
    """Return the number of the open incident of each listing that has one."""
    rows = Incident.objects.filter(merchant_id=merchant_id, listing_id__in=list(listing_ids), status__in=OPEN_INCIDENTS)
    return dict(rows.values_list("listing_id", "pk"))


def history_of(incident: Incident) -> QuerySet[IncidentMove]:
    """Return what happened in an incident, oldest first."""
    return IncidentMove.objects.filter(merchant_id=incident.merchant_id, incident=incident).order_by("pk")


def steps_of(incident: Incident) -> QuerySet[IncidentStep]:
    """Return the steps of an incident with what was asked of the platform."""
    rows = IncidentStep.objects.filter(merchant_id=incident.merchant_id, incident=incident)
    return rows.select_related("action__target").order_by("pk")


def steps_among(merchant_id: int, incident_ids: Collection[int]) -> QuerySet[IncidentStep]:
    """Return the steps of several incidents."""
    return IncidentStep.objects.filter(merchant_id=merchant_id, incident_id__in=list(incident_ids))


def orders_of(incident: Incident) -> QuerySet[AffectedOrder]:
    """Return the orders an incident touches, newest first, each with its order."""
    rows = AffectedOrder.objects.filter(merchant_id=incident.merchant_id, incident=incident)
    return rows.select_related("order").order_by("-placed_at", "-pk")


def lock_orders(incident: Incident, ids: Collection[int] | None = None) -> list[AffectedOrder]:
    """Return affected orders of an incident, locked: those named, or all."""
    rows = AffectedOrder.objects.select_for_update(of=("self",)).select_related("order")
    rows = rows.filter(merchant_id=incident.merchant_id, incident=incident)
    return list((rows if ids is None else rows.filter(pk__in=list(ids))).order_by("pk"))


def lock_orders_among(incidents: Sequence[Incident]) -> list[AffectedOrder]:
    """Return the affected orders of several incidents of one shop, locked, incident by incident."""
    rows = AffectedOrder.objects.select_for_update(of=("self",)).select_related("order")
    places = {incident.pk: place for place, incident in enumerate(incidents)}
    found = list(rows.filter(merchant_id=incidents[0].merchant_id, incident_id__in=list(places)).order_by("pk"))
    return sorted(found, key=lambda order: places[order.incident_id or 0])


def meant_by(incident: Incident) -> list[Suspension]:
    """Return the answers "it is meant" by which an incident ended and that stand, in the order they were given."""
    rows = Suspension.objects.filter(merchant_id=incident.merchant_id, listing_id=incident.listing_id)
    return list(rows.filter(incident_id=incident.pk).order_by("pk"))


def answer_to_take_back(incident: Incident) -> str:
    """Return which answer of a person an incident stands by and may lose again: "stop", "mean", or none."""
    if incident.status in (IncidentStatus.INTENDED, IncidentStatus.RESTORED):
        return "mean" if meant_by(incident) else ""
    if incident.status != IncidentStatus.TRIPPED or incident.sale_asked_at is not None:
        return ""
    trip = history_of(incident).filter(move="trip").last()
    return "stop" if trip is not None and trip.facts.get("by_person") else ""


def moves_of(incident: Incident) -> list[str]:
    """Return which moves are legal for an incident now; an answer is taken back only where a person gave one."""
    legal = moves_from(INCIDENT_MOVES, incident.status)
    return [name for name in legal if name != "take_back" or answer_to_take_back(incident)]


def pulse(incident: Incident) -> tuple[object, ...]:
    """Return what changes whenever the page of an incident would show something new."""
    counts = {"held": Count("pk", filter=Q(is_held=True)), "over": Count("pk", filter=Q(is_settled=True))}
    orders = orders_of(incident).order_by().aggregate(Count("pk"), Sum("version"), **counts)
    return (
        (incident.pk, incident.status, incident.due_at, incident.sale_asked_at, incident.sale_fault),
        history_of(incident).values_list("pk", flat=True).last(),
        list(steps_of(incident).values_list("pk", "status", "action__status")),
        sorted(orders.items()),
        ledger_of(incident).values_list("pk", flat=True).last(),
    )


def undecided_of(incident: Incident) -> int:
    """Return how many orders of an incident still wait for a decision: not settled, not called off."""
    rows = orders_of(incident).filter(choice=AffectedOrder.Choice.UNDECIDED, is_settled=False)
    return rows.exclude(order__status__in=GONE).count()


def links_of(incident: Incident) -> dict[str, IncidentLink]:
    """Return the links by which an incident can be answered from its alert, by purpose."""
    rows = IncidentLink.objects.filter(merchant_id=incident.merchant_id, incident=incident)
    return {row.purpose: row for row in rows}


def link(link_id: int) -> IncidentLink | None:
    """Return a link by its number, whoever's it is: its signature was checked before."""
    return IncidentLink.objects.select_related("incident__listing").filter(pk=link_id).first()


def lock_links(incident_id: int) -> list[IncidentLink]:
    """Return both links of an incident, locked: using one uses up the other."""
    return list(IncidentLink.objects.select_for_update().filter(incident_id=incident_id).order_by("pk"))


def exposure_of(incident: Incident) -> tuple[int, int, Decimal]:
    """Return how many orders an incident touches, how many units, and what they cost against the reference."""
    found = orders_of(incident).aggregate(
        orders=Count("pk"), units=Sum("quantity"), cost=Sum((F("reference") - F("unit_paid")) * F("quantity"))
    )
    return found["orders"], found["units"] or 0, found["cost"] or Decimal(0)


def costs_of(incident: Incident) -> dict[str, Decimal]:
    """Return what the orders of an incident say now, by the headings of the ledger; what is meant costs nothing."""
    if meant_by(incident):
        return dict.fromkeys(HEADINGS, Decimal(0).quantize(CENT_OF_A_CENT))
    cost = (F("reference") - F("unit_paid")) * F("quantity")
    is_gone, is_sent = Q(order__status__in=GONE), Q(order__status__in=SENT)
    is_lost = ~is_gone & (is_sent | Q(choice=AffectedOrder.Choice.HONOUR))
    sums = orders_of(incident).aggregate(
        exposed=Sum(cost),
        prevented=Sum(cost, filter=Q(is_held=True) & ~is_lost),
        recovered=Sum(cost, filter=Q(is_held=False) & is_gone),
        lost=Sum(cost, filter=is_lost),
    )
    return {name: (value or Decimal(0)).quantize(CENT_OF_A_CENT) for name, value in sums.items()}


def ledger_of(incident: Incident) -> QuerySet[Outcome]:
    """Return the lines of the ledger that an incident wrote, oldest first."""
    rows = Outcome.objects.filter(merchant_id=incident.merchant_id, feature=FEATURE, subject_id=str(incident.pk))
    return rows.order_by("pk")


def totals(rows: QuerySet[Outcome]) -> dict[str, Decimal]:
    """Return what lines of the ledger come to."""
    sums = rows.aggregate(**{name: Sum(name) for name in HEADINGS})
    return {name: value or Decimal(0) for name, value in sums.items()}


def ledger_since(merchant_id: int, *, since: datetime) -> dict[str, Decimal]:
    """Return what the guard's ledger of a shop came to since a moment; figures come from these rows alone."""
    return totals(Outcome.objects.filter(merchant_id=merchant_id, feature=FEATURE, at__gte=since))


def open_count(merchant_id: int) -> int:
    """Return how many incidents of a shop are open; past ten thousand it stops counting."""
    return Incident.objects.filter(merchant_id=merchant_id, status__in=OPEN_INCIDENTS)[:MOST_COUNTED].count()


def due(now: datetime) -> list[int]:
    """Return the incidents whose grace has run out."""
    tenancy.require_scope()
    return list(Incident.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", flat=True)[:500])


def unanswered(now: datetime) -> list[int]:
    """Return the incidents that wait for an answer and should be told of again."""
    tenancy.require_scope()
    return list(Incident.objects.filter(remind_at__lte=now).order_by("remind_at").values_list("pk", flat=True)[:500])


def ledger_due(now: datetime) -> list[int]:
    """Return the incidents whose orders changed since their last line in the ledger."""
    tenancy.require_scope()
    rows = Incident.objects.filter(ledger_due_at__lte=now).order_by("ledger_due_at")
    return list(rows.values_list("pk", flat=True)[:500])


def told_hits(merchant_id: int, listing_ids: Collection[int]) -> set[tuple[int, int, str, int | None]]:
    """Return what was objected to already: listing, version of its price, check, version of the policy."""
    rows = GuardHit.objects.filter(merchant_id=merchant_id, listing_id__in=list(listing_ids))
    return set(rows.values_list("listing_id", "price_version", "check_name", "policy_number"))


def is_stopped(status: str) -> bool:
    """Say whether an incident in this state keeps its listing from selling."""
    return status == IncidentStatus.TRIPPED


def reviewed(policy_id: int) -> tuple[int, int]:
    """Return how many hits of a policy's learned checks people reviewed, and how many of them were right."""
    rows = GuardHit.objects.filter(policy_id=policy_id, is_statistical=True).exclude(review=GuardHit.Review.NONE)
    return rows.count(), rows.filter(review=GuardHit.Review.RIGHT).count()


def _mine(actor: Actor) -> list[int]:
    return [*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])]


def cheap_lines(merchant_id: int, order_ids: Collection[int]) -> list[OrderLine]:
    """Return the lines of living orders that paid less than the price their listing is held against."""
    rows = OrderLine.objects.filter(merchant_id=merchant_id, order_id__in=list(order_ids), quantity__gt=0)
    rows = rows.filter(order__kind=Order.Kind.SALE).exclude(order__status__in=GONE)
    rows = rows.filter(paid__lt=F("listing__guard__trusted_price") * F("quantity"))
    return list(rows.select_related("order").order_by("listing_id", "at", "pk"))


def known_orders(listing: Listing, order_ids: Collection[int]) -> set[int]:
    """Return which of these orders are noted already as having bought a listing too cheaply."""
    rows = AffectedOrder.objects.filter(merchant_id=listing.merchant_id, listing=listing, order_id__in=list(order_ids))
    return set(rows.values_list("order_id", flat=True))


def listings_of(merchant_id: int, order_ids: Collection[int]) -> set[int]:
    """Return the listings that these orders are known to have bought too cheaply."""
    rows = AffectedOrder.objects.filter(merchant_id=merchant_id, order_id__in=list(order_ids))
    return set(rows.values_list("listing_id", flat=True))


def waiting_for(merchant_id: int, action_ids: Collection[int]) -> list[tuple[int, int]]:
    """Return which stopped incidents wait for which of these prices to be set before they sell again."""
    steps = IncidentStep.objects.filter(merchant_id=merchant_id, rung="REVERT_PRICE", action_id__in=list(action_ids))
    steps = steps.filter(status=IncidentStep.Status.ASKED, incident__sale_asked_at__isnull=False)
    return list(steps.order_by("incident_id").values_list("incident_id", "action_id"))


def parcels_held(incidents: Sequence[Incident]) -> set[tuple[int, str]]:
    """Return which incidents asked to hold the parcels of which orders."""
    steps = steps_among(incidents[0].merchant_id, [incident.pk for incident in incidents])
    asked = steps.filter(rung="HOLD_SHIPMENTS", status=IncidentStep.Status.ASKED)
    return set(asked.values_list("incident_id", "ref"))


def counted_orders(listing: Listing, *, since: datetime, left_out: Collection[int]) -> list[AffectedOrder]:
    """Return the orders on a listing that count towards its limits, oldest first."""
    rows = AffectedOrder.objects.filter(merchant_id=listing.merchant_id, listing=listing, placed_at__gt=since)
    rows = rows.exclude(order_id__in=list(left_out)).select_related("order")
    return list(rows.order_by("placed_at", "pk"))


def is_action_wanted(merchant_id: int, action_id: int) -> bool:
    """Say whether an incident that asked for this action is still open, or left it standing when it was answered.

    On sale again at the good price, a listing still has to get that price, and parcels stay held.
    """
    rows = IncidentStep.objects.filter(merchant_id=merchant_id, action_id=action_id)
    is_open, stands = Q(incident__status__in=OPEN_INCIDENTS), Q(status=IncidentStep.Status.ASKED)
    return rows.filter(is_open | stands).exists()


def holds_on(merchant_id: int, number: str) -> list[str]:
    """Return the verbs that let an order go: what holds its parcel or the order itself now."""
    back = {"shipment": "release_shipment", "fulfilment": "release_order"}
    rows = ActionTarget.objects.filter(merchant_id=merchant_id, kind="ORDER", ref=number, aspect__in=list(back))
    return [back[aspect] for aspect in rows.filter(desired="HELD").values_list("aspect", flat=True)]


def find(incident_id: int) -> Incident:
    """Return an incident with its listing and shop; a stranger's is not found."""
    found = Incident.objects.select_related("listing", "merchant", "policy").filter(pk=incident_id).first()
    if found is None:
        raise NotFound
    return found
