"""Answers to many warnings at once."""

from django.db.models import QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.risk.lifecycle import BulkStatus
from merchant_protection.risk.models import BulkAnswer
from merchant_protection.risk.queries.shops import shops


def bulk_visible_to(actor: Actor) -> QuerySet[BulkAnswer]:
    """Return the answers to many warnings of the actor's shops."""
    tenancy.require_scope()
    rows = BulkAnswer.objects.all()
    return rows if actor.is_staff or actor.is_system else rows.filter(merchant_id__in=shops(actor))


def bulk_due() -> QuerySet[BulkAnswer]:
    """Return the answers to many warnings that are still to be worked off."""
    tenancy.require_scope()
    return BulkAnswer.objects.filter(due_at__isnull=False, status=BulkStatus.RUNNING)


def lock_bulk(bulk_id: int) -> BulkAnswer:
    """Return an answer to many warnings, locked; a stranger's is not found."""
    found = BulkAnswer.objects.select_for_update().filter(pk=bulk_id).first()
    if found is None:
        raise NotFound
    return found
