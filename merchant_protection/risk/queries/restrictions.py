"""What a buyer may not do in a shop."""

from datetime import datetime

from django.db.models import Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.risk.lifecycle import IN_FORCE, RestrictionStatus
from merchant_protection.risk.models import Restriction, RestrictionMove
from merchant_protection.risk.queries.shops import of_shops


def restrictions_visible_to(actor: Actor) -> QuerySet[Restriction]:
    """Return the restrictions of the actor's shops; staff and the system see all."""
    tenancy.require_scope()
    return of_shops(Restriction.objects.select_related("buyer", "merchant"), actor)


def in_force(restrictions: QuerySet[Restriction]) -> QuerySet[Restriction]:
    """Return those of the restrictions that hold now."""
    return restrictions.filter(status__in=IN_FORCE)


def restriction_in_force(merchant_id: int, buyer_id: int) -> Restriction | None:
    """Return what a buyer is restricted in, in a shop, if anything; order decisions ask this too."""
    rows = Restriction.objects.filter(merchant_id=merchant_id, buyer_id=buyer_id, status__in=IN_FORCE)
    return rows.select_related("buyer").first()


def lock_restriction(restriction_id: int) -> Restriction:
    """Return a restriction, locked; a stranger's is not found."""
    found = Restriction.objects.select_for_update().filter(pk=restriction_id).first()
    if found is None:
        raise NotFound
    return found


def restrictions_over(now: datetime) -> QuerySet[Restriction]:
    """Return the restrictions whose time is over, or that nobody reviewed in time."""
    tenancy.require_scope()
    unreviewed = Q(status=RestrictionStatus.IN_REVIEW, review_due_at__lte=now)
    return Restriction.objects.filter(unreviewed | Q(status__in=IN_FORCE, ends_at__lte=now)).order_by("pk")


def restriction_history(restriction: Restriction) -> QuerySet[RestrictionMove]:
    """Return what became of a restriction, newest first."""
    rows = RestrictionMove.objects.filter(merchant_id=restriction.merchant_id, restriction_id=restriction.pk)
    return rows.order_by("-pk")
