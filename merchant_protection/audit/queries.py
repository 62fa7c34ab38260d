"""Every read of the audit."""

from datetime import datetime

from django.db.models import Q, QuerySet

from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy


def of_merchant(
    merchant_id: int, *, text: str = "", since: datetime | None = None, until: datetime | None = None
) -> QuerySet[Entry]:
    """Return what was changed in a shop, by what was done or who did it, between two moments."""
    tenancy.require_scope()
    rows = Entry.objects.filter(merchant_id=merchant_id)
    if text:
        rows = rows.filter(Q(action__icontains=text) | Q(actor_name__icontains=text) | Q(subject_id=text))
    if since:
        rows = rows.filter(at__gte=since)
    return rows.filter(at__lt=until) if until else rows


def everything() -> QuerySet[Entry]:
    """Return the whole audit, for staff who may see it."""
    tenancy.require_scope()
    return Entry.objects.all()
