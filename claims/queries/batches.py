"""Every read of files of complaints and their rows."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from claims.models import BatchFiling, FiledRow
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound


def mine(actor: Actor) -> QuerySet[BatchFiling]:
    """Return the files the shop has sent, without what stands in them; newest first."""
    tenancy.require_scope()
    sent = BatchFiling.objects.filter(merchant_id=actor.merchant_id).defer("body").select_related("created_by")
    return sent.order_by("-pk")


def due(now: datetime) -> QuerySet[BatchFiling]:
    """Return the files that somebody should go on with."""
    tenancy.require_scope()
    return BatchFiling.objects.filter(due_at__lte=now)


def lock(filing_id: int) -> BatchFiling:
    """Return a file, locked; a stranger's is not found."""
    tenancy.require_scope()
    found = BatchFiling.objects.select_for_update(of=("self",)).filter(pk=filing_id).first()
    if found is None:
        raise NotFound
    return found


def rows_of(filing: BatchFiling) -> QuerySet[FiledRow]:
    """Return what became of the rows, in their order."""
    rows = FiledRow.objects.filter(merchant_id=filing.merchant_id, filing_id=filing.pk)
    return rows.select_related("claim").order_by("number")


def faulty_rows_of(filing: BatchFiling) -> QuerySet[FiledRow]:
    """Return the rows with something wrong, in their order."""
    return rows_of(filing).exclude(faults=[])


def figures_of(filing: BatchFiling) -> dict[str, int]:
    """Return how many rows were filed or drafted, known already, or faulty."""
    return rows_of(filing).aggregate(
        filed=Count("pk", filter=Q(claim__isnull=False, is_known=False)),
        known=Count("pk", filter=Q(is_known=True)),
        faulty=Count("pk", filter=~Q(faults=[])),
    )
