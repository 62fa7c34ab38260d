"""Every read of what staff overruled."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from scalper_policies.models import OrderDecision, Override
from scalper_policies.queries.policies import of_shops

RECENT = ["-pk"]
K = Override.Kind


def visible_to(actor: Actor) -> QuerySet[Override]:
    """Return what was overruled in the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return of_shops(Override.objects.select_related("merchant", "decision", "policy"), actor)


def no_overrides() -> QuerySet[Override]:
    """Return no overruling at all: tells the API's description what kind of thing it lists."""
    return Override.objects.none()


def standing(overrides: QuerySet[Override], *, at: datetime) -> QuerySet[Override]:
    """Narrow to what is in effect at a moment."""
    return overrides.filter(starts_at__lte=at, ends_at__gt=at).filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at))


def lock(override_id: int) -> Override:
    """Return an overruling, locked; a stranger's is not found."""
    override = Override.objects.select_for_update().filter(pk=override_id).first()
    if override is None:
        raise NotFound
    return override


def of_decision(decision: OrderDecision, *, at: datetime) -> Override | None:
    """Return what overrules an answer at a moment: the newest word."""
    rows = Override.objects.filter(merchant_id=decision.merchant_id, kind=K.DECISION, decision_id=decision.pk)
    return standing(rows, at=at).order_by("-pk").first()


def of_decisions(decisions: Sequence[OrderDecision], *, at: datetime) -> dict[int, Override]:
    """Return what overrules these answers at a moment, by answer."""
    shops = {decision.merchant_id for decision in decisions}
    rows = Override.objects.filter(
        merchant_id__in=shops, kind=K.DECISION, decision_id__in=[decision.pk for decision in decisions]
    )
    return {int(each.decision_id or 0): each for each in standing(rows, at=at).order_by("pk")}


def history_of(decision: OrderDecision) -> QuerySet[Override]:
    """Return every overruling of an answer, newest first."""
    rows = Override.objects.filter(merchant_id=decision.merchant_id, kind=K.DECISION, decision_id=decision.pk)
    return rows.order_by("-pk")


def rules_of(merchant_id: int, *, at: datetime, policy_id: int | None = None) -> QuerySet[Override]:
    """Return the rules that are overruled in a shop at a moment, of one policy or of all."""
    rows = standing(Override.objects.filter(merchant_id=merchant_id, kind=K.RULE), at=at)
    rows = rows if policy_id is None else rows.filter(policy_id=policy_id)
    return rows.select_related("policy").order_by("-pk")
