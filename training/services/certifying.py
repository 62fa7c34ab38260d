"""Certificates: issued with the last lesson, ending after their months, and taken back for a reason."""

import calendar
import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.accounts.models import User as Person
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling, webhooks
from training import policies
from training.models import Certificate, Enrolment, Reminder
from training.queries import certificates
from training.rules import certificate_codes

RENEWAL_DAYS = (90, 30, 7)


@transaction_required
def issue(enrolment: Enrolment, *, at: datetime) -> Certificate | None:
    """Give a certificate for a completed course, where the version brings one."""
    version = enrolment.version
    if version.certificate_months is None:
        return None
    newest = certificates.newest_of(enrolment)
    if newest is not None and newest.version_id == version.pk and not newest.is_near_its_end(at):
        return newest
    certificate = Certificate.objects.create(
        merchant_id=enrolment.merchant_id,
        enrolment=enrolment,
        user_id=enrolment.user_id,
        course_id=enrolment.course_id,
        version=version,
        code=certificate_codes.from_number(secrets.randbits(80)),
        holder_name=Person.objects.get(pk=enrolment.user_id).display_name,
        shop_name=Merchant.objects.get(pk=enrolment.merchant_id).name,
        issued_at=at,
        expires_at=months_later(at, version.certificate_months) if version.certificate_months else None,
    )
    _promise_reminders(certificate, at=at)
    telling.queue(
        merchant_id=enrolment.merchant_id,
        kind="training.certified",
        at=at,
        params={"title": version.title, "holder": certificate.holder_name},
        path="/m/training/certificates/",
        subject_id=certificate.pk,
    )
    _publish(certificate, "certificate.issued", at=at)
    return certificate


@transaction
def revoke(*, actor: Actor, certificate_id: int, reason: str, at: datetime) -> Certificate:
    """Take a certificate back; whoever verifies it is told so."""
    certificate = certificates.lock(certificate_id)
    require(policies.can_author(actor))
    if certificate.revoked_at is not None:
        raise Conflict(_("This certificate was revoked already."))
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why.")]})
    certificate.revoked_at, certificate.revoked_reason = at, reason.strip()[:200]
    certificate.save(update_fields=["revoked_at", "revoked_reason"])
    audit.record(
        actor=actor,
        action="certificate.revoked",
        merchant_id=certificate.merchant_id,
        subject_kind="certificate",
        subject_id=certificate.code,
        after={"reason": certificate.revoked_reason},
        at=at,
    )
    _publish(certificate, "certificate.revoked", at=at)
    return certificate


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same day so many months later, or the last of that month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def _publish(certificate: Certificate, kind: str, *, at: datetime) -> None:
    """Promise the shop's own systems the news; whose certificate it is, they look up by its code."""
    webhooks.promise(
        merchant_id=certificate.merchant_id,
        kind=kind,
        at=at,
        subject_id=certificate.pk,
        params={
            "code": certificate.code,
            "course": certificate.version.title,
            "issued_at": certificate.issued_at.isoformat(),
            "expires_at": certificate.expires_at.isoformat() if certificate.expires_at else None,
        },
        dedupe_key=f"{certificate.pk}",
    )


def _promise_reminders(certificate: Certificate, *, at: datetime) -> None:
    if certificate.expires_at is None:
        return
    Reminder.objects.bulk_create(
        Reminder(
            merchant_id=certificate.merchant_id,
            kind=Reminder.Kind.CERTIFICATE,
            subject_id=certificate.pk,
            step=f"{days}d",
            due_at=certificate.expires_at - timedelta(days=days),
        )
        for days in RENEWAL_DAYS
        if certificate.expires_at - timedelta(days=days) > at
    )
