"""Every read of files."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.files import lifecycle
from merchant_protection.files.models import Allowance, Derivative, StoredFile
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound

CONTENT_ROLES = ("TRAINER", "OPERATIONS")
DESK_ROLES = ("REVIEWER", "SENIOR_REVIEWER", "OPERATIONS")


def visible_to(actor: Actor) -> QuerySet[StoredFile]:
    """Return the files of the actor's shops; the desk sees all, and trainers the platform's own content."""
    tenancy.require_scope()
    if actor.is_system or actor.has_staff_role(*DESK_ROLES):
        return StoredFile.objects.all()
    if actor.has_staff_role(*CONTENT_ROLES):
        return StoredFile.objects.filter(merchant__isnull=True)
    shops = set(actor.merchant_roles) | ({actor.merchant_id} if actor.merchant_id else set())
    return StoredFile.objects.filter(merchant_id__in=list(shops))


def shared(file_id: int) -> StoredFile | None:
    """Return a file of the platform's own content, which is nobody's shop's and meant for everybody."""
    with tenancy.platform():
        return StoredFile.objects.filter(pk=file_id, merchant__isnull=True).first()


def derivative(file: StoredFile, *, role: str, number: int = 0) -> Derivative | None:
    """Return one of the copies made for looking at a file."""
    with tenancy.platform() if file.merchant_id is None else tenancy.merchant(file.merchant_id):
        return Derivative.objects.filter(file_id=file.pk, role=role, number=number).first()


def derivatives_of(file_ids: Iterable[int]) -> QuerySet[Derivative]:
    """Return the copies for viewing of these files, pages in their order."""
    return Derivative.objects.filter(file_id__in=list(file_ids)).order_by("file_id", "role", "number")


def lock(file_id: int) -> StoredFile:
    """Return the file, locked; a stranger's is not found."""
    file = StoredFile.objects.select_for_update().filter(pk=file_id).first()
    if file is None:
        raise NotFound
    return file


def due() -> QuerySet[StoredFile]:
    """Return the files that wait to be looked at, scanned again, or erased."""
    tenancy.require_scope()
    return StoredFile.objects.filter(due_at__isnull=False)


def unfinished(actor: Actor, merchant_id: int | None, *, purpose: str, name: str, size: int) -> StoredFile | None:
    """Return the same file of the same sender that was cut off on its way, to go on with."""
    return (
        StoredFile.objects.select_for_update()
        .filter(
            merchant_id=merchant_id,
            purpose=purpose,
            name=name,
            bytes_expected=size,
            status=lifecycle.UPLOADING,
            uploaded_by_kind=actor.kind,
            uploaded_by_id=actor.id,
        )
        .order_by("-pk")
        .first()
    )


def abandoned(*, before: datetime) -> QuerySet[StoredFile]:
    """Return the files that began to arrive long ago and never came whole, or that a shop sent and used for nothing."""
    tenancy.require_scope()
    unused = Q(bound_to="", merchant__isnull=False, status__in=[lifecycle.QUARANTINED, lifecycle.CLEAN])
    return StoredFile.objects.filter(Q(status=lifecycle.UPLOADING) | unused, created_at__lt=before)


def to_scan_again(*, now: datetime, after: timedelta) -> QuerySet[StoredFile]:
    """Return clean files that no scanner has seen, or not for long."""
    tenancy.require_scope()
    old = Q(scanned_at__isnull=True) | Q(scanned_at__lt=now - after)
    return StoredFile.objects.filter(old, status=lifecycle.CLEAN, due_at__isnull=True)


def allowance_of(merchant_id: int) -> Allowance | None:
    """Return what a shop may keep and keeps; None before its first file."""
    return Allowance.objects.filter(merchant_id=merchant_id).first()


def alike(file: StoredFile) -> QuerySet[StoredFile]:
    """Return the pictures of the scope that share a part of this one's likeness: few, to be compared in full."""
    rows = StoredFile.objects.exclude(pk=file.pk).exclude(status__in=lifecycle.GONE)
    if not file.picture_bands:
        return rows.none()
    return rows.filter(picture_bands__overlap=file.picture_bands)
