"""Every read of imports."""

from datetime import datetime

from django.db.models import QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import Import, ImportFault


def visible_to(actor: Actor) -> QuerySet[Import]:
    """Return the imports of the actor's shops; operations see all."""
    tenancy.require_scope()
    if actor.has_staff_role("OPERATIONS") or actor.is_system:
        return Import.objects.all()
    return Import.objects.filter(merchant_id__in=list(actor.merchant_roles))


def faults_of(import_id: int) -> QuerySet[ImportFault]:
    """Return what was wrong with the rows of a file, in the order of the file."""
    return ImportFault.objects.filter(import_job_id=import_id).order_by("row", "field")


def due(now: datetime, *, only: int | None = None) -> QuerySet[Import]:
    """Return the files in line, and those whose lease ran out."""
    tenancy.require_scope()
    waiting = Import.objects.filter(due_at__lte=now)
    return waiting if only is None else Import.objects.filter(pk=only, due_at__isnull=False)


def lock(import_id: int) -> Import:
    """Return the import, locked; a stranger's is not found."""
    job = Import.objects.select_for_update().filter(pk=import_id).first()
    if job is None:
        raise NotFound
    return job


def merchant(merchant_id: int) -> Merchant:
    """Return the shop."""
    return Merchant.objects.get(pk=merchant_id)


def unfinished(merchant_id: int, *, digest: str, path: str, is_dry_run: bool) -> Import | None:
    """Return the import of the same file that waits or was cut off, if there is one."""
    return Import.objects.filter(
        merchant_id=merchant_id,
        file_digest=digest,
        path=path,
        is_dry_run=is_dry_run,
        status__in=[Import.Status.WAITING, Import.Status.RUNNING],
    ).first()
