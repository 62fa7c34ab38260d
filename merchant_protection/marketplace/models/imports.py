"""First loads of history from files."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from merchant_protection.marketplace.lifecycle import ImportStatus


class Import(Work):
    """One file of orders to load: how its columns are read, how far it got, what was wrong with it."""

    class Status(models.TextChoices):
        WAITING = ImportStatus.WAITING, _("Waiting")
        RUNNING = ImportStatus.RUNNING, _("Running")
        DONE = ImportStatus.DONE, _("Done")
        FAILED = ImportStatus.FAILED, _("Failed")
        CANCELLED = ImportStatus.CANCELLED, _("Cancelled")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    file_name = models.CharField(_("file"), max_length=255)
    path = models.CharField(max_length=500)
    file_digest = models.CharField(max_length=64)
    file_bytes = models.BigIntegerField(_("size"), default=0)
    mapping = models.JSONField(_("columns"))
    currency = models.CharField(_("currency"), max_length=3)
    time_zone = models.CharField(_("time zone"), max_length=60)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_total = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    rows_added = models.PositiveIntegerField(_("rows added"), default=0)
    rows_known = models.PositiveIntegerField(_("rows already known"), default=0)
    rows_faulty = models.PositiveIntegerField(_("rows with faults"), default=0)
    totals = models.JSONField(_("totals"), default=dict, blank=True)
    created_at = models.DateTimeField(_("asked for"))
    created_by = models.CharField(_("by"), max_length=200)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="marketplace_import_due"),
            models.Index(fields=["merchant", "-id"], name="marketplace_import_merchant"),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_import_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="marketplace_import_key"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportFault(models.Model):
    """One row of a file that could not be taken: which row, which field, and why."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    import_job = models.ForeignKey(Import, models.PROTECT, related_name="faults")
    row = models.PositiveIntegerField(_("row"))
    field = models.CharField(_("field"), max_length=80)
    code = models.CharField(max_length=40)
    message = models.CharField(_("reason"), max_length=300)
    cells = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("fault")
        verbose_name_plural = _("faults")
        constraints = [
            tenancy.TenantRows(name="marketplace_importfault_tenant"),
            tenancy.SameMerchant(field="import_job", name="marketplace_importfault_import"),
            models.UniqueConstraint(
                fields=["merchant", "import_job", "row", "field"], name="marketplace_importfault_once"
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.row} {self.field}"
