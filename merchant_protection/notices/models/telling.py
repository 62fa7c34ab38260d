"""What people must be told or handed: the inbox, the mail that carries it further, lists as files."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work


class Notice(models.Model):
    """Something a shop must be told: a kind with plain parameters, worded when it is read."""

    class Urgency(models.TextChoices):
        CRITICAL = "CRITICAL", _("Critical")
        NORMAL = "NORMAL", _("Normal")
        QUIET = "QUIET", _("Quiet")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=60)
    params = models.JSONField(default=dict, blank=True)
    path = models.CharField(max_length=300, blank=True)
    subject_id = models.CharField(max_length=80, blank=True)
    urgency = models.CharField(_("urgency"), max_length=8, choices=Urgency, default=Urgency.NORMAL)
    dedupe_key = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField(_("at"))
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    # What one person asked for concerns nobody else in the shop.
    only_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["merchant", "-id"], name="notices_notice_recent"),
            models.Index(
                fields=["merchant", "-id"],
                condition=models.Q(archived_at__isnull=True),
                name="notices_notice_inbox",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="notices_notice_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="notices_notice_key"),
            models.UniqueConstraint(
                fields=["merchant", "kind", "dedupe_key"],
                condition=~models.Q(dedupe_key=""),
                name="notices_notice_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class Reading(models.Model):
    """A person has read a notice."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            tenancy.TenantRows(name="notices_reading_tenant"),
            tenancy.SameMerchant(field="notice", name="notices_reading_notice"),
            models.UniqueConstraint(fields=["merchant", "notice", "user"], name="notices_reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.notice_id}"


class Preference(models.Model):
    """Which kinds of notice reach a person by e-mail in a shop; without a row the kind's default holds."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    by_email = models.BooleanField()

    class Meta:
        constraints = [
            tenancy.TenantRows(name="notices_preference_tenant"),
            models.UniqueConstraint(fields=["merchant", "user", "kind"], name="notices_preference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class Delivery(Work):
    """A promise to carry something to a person outside: an e-mail.

    The body is kept sealed, and emptied once delivered: links in it are secrets.
    """

    class Channel(models.TextChoices):
        EMAIL = "EMAIL", _("E-mail")

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Waiting")
        DELIVERED = "DELIVERED", _("Delivered")
        DEAD = "DEAD", _("Given up")
        WITHDRAWN = "WITHDRAWN", _("Not needed any more")

    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, blank=True, related_name="+")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="deliveries")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    recipient = models.CharField(_("to"), max_length=254)
    body_sealed = models.TextField(blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    dedupe_key = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField(_("created"))
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(due_at__isnull=False), name="notices_delivery_due"
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="notices_delivery_tenant"),
            tenancy.SameMerchant(field="notice", name="notices_delivery_notice"),
            models.UniqueConstraint(
                fields=["merchant", "channel", "dedupe_key"],
                condition=~models.Q(dedupe_key=""),
                nulls_distinct=False,
                name="notices_delivery_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class Export(Work):
    """A long list that somebody asked for as a file: written by a sweep, fetched within a day, then thrown away."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("In line")
        RUNNING = "RUNNING", _("Being written")
        DONE = "DONE", _("Ready to fetch")
        FAILED = "FAILED", _("Failed")
        EXPIRED = "EXPIRED", _("Expired")

    OPEN = (Status.WAITING, Status.RUNNING)

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    kind = models.CharField(_("list"), max_length=60)
    query = models.CharField(_("filters"), max_length=1000, blank=True)
    language = models.CharField(_("language"), max_length=10)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    rows_total = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    rows_done = models.PositiveIntegerField(_("rows written"), default=0)
    path = models.CharField(max_length=500, blank=True)
    file_bytes = models.BigIntegerField(_("size"), default=0)
    created_at = models.DateTimeField(_("asked for"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="notices_export_due"),
            models.Index(fields=["merchant", "-id"], name="notices_export_merchant"),
        ]
        constraints = [tenancy.TenantRows(name="notices_export_tenant")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def is_ready(self, now: datetime) -> bool:
        """Whether the file can be fetched now."""
        return self.status == self.Status.DONE and self.expires_at is not None and now < self.expires_at
