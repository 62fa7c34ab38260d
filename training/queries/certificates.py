"""Every read of certificates."""

from django.db.models import QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from training.models import Certificate, Enrolment
from training.queries.sight import sees_all, sees_team
from training.rules import certificate_codes


def visible_to(actor: Actor) -> QuerySet[Certificate]:
    """Return the certificates of the actor's shop: owners see all, others their own, trainers everybody's."""
    tenancy.require_scope()
    rows = Certificate.objects.prefetch_related("course", "version", "user", "merchant")
    if sees_all(actor):
        return rows
    mine = rows.filter(merchant_id=actor.merchant_id or 0)
    return mine if sees_team(actor) else mine.filter(user_id=actor.id)


def of_person(*, merchant_id: int, user_id: int | None) -> QuerySet[Certificate]:
    """Return a person's certificates, newest first."""
    rows = Certificate.objects.filter(merchant_id=merchant_id, user_id=user_id).select_related("course", "version")
    return rows.order_by("-issued_at", "-pk")


def newest_of(enrolment: Enrolment) -> Certificate | None:
    """Return the newest certificate of somebody's place in a course that was not taken back."""
    rows = Certificate.objects.filter(merchant_id=enrolment.merchant_id, enrolment=enrolment, revoked_at__isnull=True)
    return rows.select_related("version").order_by("-issued_at", "-pk").first()


def by_code(typed: str) -> Certificate | None:
    """Return the certificate with this code, as anybody may ask; looks through all shops."""
    code = certificate_codes.read(typed)
    if not code:
        return None
    return Certificate.objects.filter(code=code).select_related("course", "version").first()


def lock(certificate_id: int) -> Certificate:
    """Return a certificate, locked."""
    found = Certificate.objects.select_for_update().filter(pk=certificate_id).first()
    if found is None:
        raise NotFound
    return found
