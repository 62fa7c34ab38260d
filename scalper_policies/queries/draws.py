"""Every read of draws."""

from datetime import datetime

from django.db.models import QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from scalper_policies.lifecycle import DrawStatus
from scalper_policies.models import Draw, DrawEntry, Policy
from scalper_policies.queries.policies import of_shops


def visible_to(actor: Actor) -> QuerySet[Draw]:
    """Return the draws of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return of_shops(Draw.objects.all(), actor)


def published(commitment: str) -> Draw | None:
    """Return the draw with this commitment, whoever asks; who has it may check the draw."""
    return Draw.objects.select_related("merchant").filter(commitment=commitment.lower()).order_by("pk").first()


def no_draws() -> QuerySet[Draw]:
    """Return no draw at all: tells the API's description what kind of thing it lists."""
    return Draw.objects.none()


def lock(draw_id: int) -> Draw:
    """Return the draw, locked; a stranger's is not found."""
    draw = Draw.objects.select_for_update().filter(pk=draw_id).first()
    if draw is None:
        raise NotFound
    return draw


def entries_of(draw: Draw) -> QuerySet[DrawEntry]:
    """Return the entries of a draw as they came."""
    return DrawEntry.objects.filter(merchant_id=draw.merchant_id, draw_id=draw.pk).order_by("pk")


def of_policy(policy: Policy) -> QuerySet[Draw]:
    """Return the draws that belong to a policy, newest first."""
    return Draw.objects.filter(merchant_id=policy.merchant_id, policy_id=policy.pk).order_by("-pk")


def policies_of(merchant_id: int) -> QuerySet[Policy]:
    """Return the policies for which a shop may draw, by name."""
    return Policy.objects.filter(merchant_id=merchant_id, is_baseline=False).order_by("name", "pk")


def unchecked() -> list[int]:
    """Return the draws that were drawn before their outcome was kept."""
    tenancy.require_scope()
    rows = Draw.objects.filter(status=DrawStatus.REVEALED, checked_at__isnull=True).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:20])


def due(now: datetime) -> list[int]:
    """Return the draws whose entries close now, or that are closed and not drawn yet."""
    tenancy.require_scope()
    waiting = [DrawStatus.COMMITTED, DrawStatus.CLOSED]
    rows = Draw.objects.filter(status__in=waiting, closes_at__lte=now)
    return list(rows.order_by("closes_at", "pk").values_list("pk", flat=True)[:200])
