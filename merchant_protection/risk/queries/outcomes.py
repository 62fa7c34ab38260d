"""What features kept from shops, and what they did not."""

from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet, Sum

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.risk.models import Outcome
from merchant_protection.risk.queries.shops import shops


def outcomes_visible_to(actor: Actor) -> QuerySet[Outcome]:
    """Return the outcomes of the actor's shops."""
    tenancy.require_scope()
    outcomes = Outcome.objects.all()
    return outcomes if actor.is_staff or actor.is_system else outcomes.filter(merchant_id__in=shops(actor))


def totals_of(merchant_id: int, *, currency: str, since: datetime, until: datetime) -> dict[str, Decimal]:
    """Return what was exposed, prevented, recovered and lost in a shop between two moments, in one currency."""
    rows = Outcome.objects.filter(merchant_id=merchant_id, currency=currency, at__gte=since, at__lt=until)
    sums = rows.aggregate(**{name: Sum(name) for name in ("exposed", "prevented", "recovered", "lost")})
    return {name: value or Decimal(0) for name, value in sums.items()}
