"""What was accepted, kept until it is decided, and the changes that features are owed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from merchant_protection.marketplace.models.platforms import Platform


class InboundSource(models.Model):
    """Somebody who may send events: the selling platform for all its merchants, or one merchant's own system."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="sources")
    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, blank=True, related_name="inbound_sources")
    public_id = models.CharField(_("source"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_event_at = models.DateTimeField(_("last event"), null=True, blank=True)

    class Meta:
        verbose_name = _("inbound source")
        verbose_name_plural = _("inbound sources")
        constraints = [tenancy.TenantRows(name="marketplace_inboundsource_tenant")]

    def __str__(self) -> str:
        return self.name


class InboundSecret(models.Model):
    """One of a source's signing secrets; two may live during a rotation."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.ForeignKey(InboundSource, models.PROTECT, related_name="secrets")
    secret_sealed = models.TextField()
    hint = models.CharField(_("ends with"), max_length=8)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("inbound secret")
        verbose_name_plural = _("inbound secrets")
        constraints = [tenancy.TenantRows(name="marketplace_inboundsecret_tenant")]

    def __str__(self) -> str:
        return f"…{self.hint}"


class InboxEvent(Work):
    """One accepted event; nothing accepted is lost: it ends decided, or parked with an alert."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Waiting")
        DECIDED = "DECIDED", _("Done")
        PARKED = "PARKED", _("Parked")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    source = models.ForeignKey(InboundSource, models.PROTECT, related_name="+", db_index=False)
    event_id = models.CharField(_("event"), max_length=100)
    type = models.CharField(_("type"), max_length=40)
    schema = models.PositiveSmallIntegerField(default=1)
    object_key = models.CharField(max_length=120)
    object_version = models.BigIntegerField()
    occurred_at = models.DateTimeField(_("occurred"))
    received_at = models.DateTimeField(_("received"))
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PENDING)
    outcome = models.CharField(_("outcome"), max_length=20, blank=True)
    decided_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("received event")
        verbose_name_plural = _("received events")
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(due_at__isnull=False), name="marketplace_inbox_due"
            ),
            models.Index(fields=["merchant", "-id"], name="marketplace_inbox_merchant"),
            models.Index(
                fields=["merchant", "-id"], condition=models.Q(status="PARKED"), name="marketplace_inbox_parked"
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_inboxevent_tenant"),
            models.UniqueConstraint(fields=["merchant", "source", "event_id"], name="marketplace_inbox_once"),
            models.CheckConstraint(
                condition=models.Q(status="PENDING", due_at__isnull=False) | ~models.Q(status="PENDING"),
                name="marketplace_inbox_pending_is_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class Change(Work):
    """A fact changed, and one feature has yet to look at it (one row per feature that asked for this kind)."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    consumer = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    version = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()
    is_parked = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["consumer", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="marketplace_change_due",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_change_tenant"),
            models.UniqueConstraint(
                fields=["merchant", "consumer", "kind", "subject_id", "version"], name="marketplace_change_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} v{self.version} for {self.consumer}"
