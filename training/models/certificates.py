"""Certificates, which anybody may verify by their code."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from training.models.courses import Course, CourseVersion
from training.models.learning import Enrolment

RENEWABLE = timedelta(days=90)


class Certificate(models.Model):
    """A person of a shop completed a version of a course; names are kept as they were that day."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="certificates")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, related_name="certificates")
    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=24)
    holder_name = models.CharField(_("holder"), max_length=80)
    shop_name = models.CharField(_("shop"), max_length=120)
    issued_at = models.DateTimeField(_("issued"))
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_reason = models.CharField(_("why revoked"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        indexes = [
            models.Index(fields=["code"], name="training_certificate_code"),
            models.Index(fields=["merchant", "user", "-issued_at"], name="training_certificate_of_user"),
        ]
        constraints = [
            tenancy.TenantRows(name="training_certificate_tenant"),
            tenancy.SameMerchant(field="enrolment", name="training_certificate_enrolment"),
            models.UniqueConstraint(fields=["merchant", "code"], name="training_certificate_once"),
            models.UniqueConstraint(
                fields=["merchant", "enrolment", "version"],
                condition=models.Q(revoked_at__isnull=True, expires_at__isnull=True),
                name="training_certificate_one_unlimited",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def state(self, now: datetime) -> str:
        """Whether it is valid, has ended, or was taken back."""
        if self.revoked_at is not None:
            return "REVOKED"
        return "EXPIRED" if self.expires_at is not None and self.expires_at <= now else "VALID"

    def is_near_its_end(self, now: datetime) -> bool:
        """Whether it may be renewed: it has ended, or will within three months."""
        return self.revoked_at is None and self.expires_at is not None and self.expires_at - RENEWABLE <= now
