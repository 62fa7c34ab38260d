"""Who is exempt and who is denied, and files of such entries."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from scalper_policies.lifecycle import RunStatus


class Kind(models.TextChoices):
    """Which list: exempt beats deny."""

    EXEMPT = "EXEMPT", _("Exempt")
    DENY = "DENY", _("Denied")


class Matched(models.TextChoices):
    """What an entry of a list is matched by."""

    ACCOUNT = "ACCOUNT", _("Account")
    PHONE = "PHONE", _("Phone number")
    IDENTITY = "IDENTITY", _("Identity")
    DEVICE = "DEVICE", _("Device")
    IP = "IP", _("IP address")
    IP_NET = "IP_NET", _("Network")
    PAYMENT = "PAYMENT", _("Payment instrument")
    ADDRESS = "ADDRESS", _("Address")
    BUILDING = "BUILDING", _("Building")
    ADDRESS_CLUSTER = "ADDRESS_CLUSTER", _("Address in any spelling")


class ListFile(Work):
    """A file of entries that is being taken into a list."""

    class Status(models.TextChoices):
        WAITING = RunStatus.WAITING, _("In line")
        RUNNING = RunStatus.RUNNING, _("Being read")
        DONE = RunStatus.DONE, _("Done")
        CANCELLED = RunStatus.CANCELLED, _("Cancelled")
        FAILED = RunStatus.FAILED, _("Failed")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(_("list"), max_length=6, choices=Kind)
    dimension = models.CharField(_("what is matched"), max_length=20, choices=Matched)
    file_name = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=300)
    reason = models.CharField(_("reason"), max_length=300)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_added = models.PositiveIntegerField(_("added"), default=0)
    rows_known = models.PositiveIntegerField(_("known before"), default=0)
    rows_refused = models.PositiveIntegerField(_("refused"), default=0)
    faults = models.JSONField(default=list)
    created_at = models.DateTimeField(_("begun"))
    created_by = models.CharField(_("by"), max_length=200)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of list entries")
        verbose_name_plural = _("files of list entries")
        indexes = [
            models.Index(fields=["merchant", "-id"], name="scalper_listfile_recent"),
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="scalper_listfile_due"),
        ]
        constraints = [
            tenancy.TenantRows(name="scalper_listfile_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="scalper_listfile_key"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ListEntry(models.Model):
    """One buyer, device or place that is exempt or denied in a shop, as a keyed hash, until it expires."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(_("list"), max_length=6, choices=Kind)
    dimension = models.CharField(_("what is matched"), max_length=20, choices=Matched)
    key = models.CharField(max_length=64)
    shown = models.CharField(_("entry"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(_("added"))
    created_by = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("list entry")
        verbose_name_plural = _("list entries")
        indexes = [models.Index(fields=["merchant", "kind", "-id"], name="scalper_entry_recent")]
        constraints = [
            tenancy.TenantRows(name="scalper_entry_tenant"),
            models.UniqueConstraint(fields=["merchant", "key", "dimension", "kind"], name="scalper_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dimension} {self.pk}"
