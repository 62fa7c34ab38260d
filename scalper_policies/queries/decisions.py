"""Every read of answered orders, what people said of them, and what orders keep of limits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from scalper_policies.models import DecisionNote, DegradedAnswer, OrderDecision, Override, Reservation
from scalper_policies.queries.policies import of_shops
from scalper_policies.rules.evaluate import QUEUE

RECENT = ["-id"]


def visible_to(actor: Actor) -> QuerySet[OrderDecision]:
    """Return the answers given for the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return of_shops(OrderDecision.objects.select_related("merchant"), actor)


def with_overrides(decisions: QuerySet[OrderDecision]) -> QuerySet[OrderDecision]:
    """Bring along what staff put in the place of each answer, newest first."""
    newest_first = Override.objects.select_related("merchant", "decision", "policy").order_by("-pk")
    return decisions.prefetch_related(Prefetch("overrides", queryset=newest_first))


def no_decisions() -> QuerySet[OrderDecision]:
    """Return no decision at all: tells the API's description what kind of thing it lists."""
    return OrderDecision.objects.none()


def hits(decisions: QuerySet[OrderDecision]) -> QuerySet[OrderDecision]:
    """Return the answers that did not simply let an order pass; one that only waits for its turn is none."""
    return decisions.exclude(verdict="ALLOW").exclude(rules=[QUEUE])


def find(decision_id: int) -> OrderDecision:
    """Return a decision; a stranger's is not found."""
    decision = OrderDecision.objects.filter(pk=decision_id).first()
    if decision is None:
        raise NotFound
    return decision


def notes_of(decision: OrderDecision) -> QuerySet[DecisionNote]:
    """Return what people said of an answer, oldest first."""
    return DecisionNote.objects.filter(merchant_id=decision.merchant_id, decision_id=decision.pk).order_by("pk")


def last_notes(decisions: Sequence[OrderDecision]) -> dict[int, DecisionNote]:
    """Return the last word on each of these answers that anybody said one on."""
    shops = {decision.merchant_id for decision in decisions}
    rows = DecisionNote.objects.filter(merchant_id__in=shops, decision_id__in=[each.pk for each in decisions])
    return {note.decision_id: note for note in rows.order_by("pk")}


def reservations_of(decision: OrderDecision) -> QuerySet[Reservation]:
    """Return what an order keeps, or kept, of limits."""
    rows = Reservation.objects.filter(merchant_id=decision.merchant_id, number=decision.number)
    return rows.select_related("policy").order_by("pk")


def degraded_visible_to(actor: Actor) -> QuerySet[DegradedAnswer]:
    """Return the answers that were given without the database."""
    tenancy.require_scope()
    return of_shops(DegradedAnswer.objects.select_related("decision"), actor)


def narrowed(decisions: QuerySet[OrderDecision], asked: dict[str, Any]) -> QuerySet[OrderDecision]:
    """Narrow the log by order number, answer, rule, policy, way of asking and time."""
    if number := asked.get("q"):
        decisions = decisions.filter(number__istartswith=number)
    if verdict := asked.get("verdict"):
        decisions = decisions.filter(verdict=verdict)
    if policy := asked.get("policy"):
        decisions = decisions.filter(policies__contains=[policy])
    if rule := asked.get("rule"):
        decisions = decisions.filter(rules__contains=[rule])
    if source := asked.get("source"):
        decisions = decisions.filter(source=source)
    since, until = asked.get("since"), asked.get("until")
    if isinstance(since, datetime):
        decisions = decisions.filter(decided_at__gte=since)
    return decisions.filter(decided_at__lt=until) if isinstance(until, datetime) else decisions
