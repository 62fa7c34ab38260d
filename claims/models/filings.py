"""Files of complaints that are worked through in the background, and what became of each of their rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.models.claims import Claim
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from merchant_protection.marketplace.models.orders import SAME_MERCHANT


class BatchFiling(Work):
    """One file of complaints (批量投诉): what it says, how far it got; the file itself goes when it is over."""

    class Status(models.TextChoices):
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")
        CANCELLED = "CANCELLED", _("Cancelled")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    file_name = models.CharField(_("file"), max_length=255)
    body = models.BinaryField()
    zone = models.CharField(_("time zone"), max_length=60)
    language = models.CharField(max_length=10)
    is_handed_in = models.BooleanField(_("handed in at once"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RUNNING)
    rows_total = models.PositiveIntegerField(_("rows"))
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    created_at = models.DateTimeField(_("asked for"))
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of complaints")
        verbose_name_plural = _("files of complaints")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="claims_batchfiling_due"),
            models.Index(fields=["merchant", "-id"], name="claims_batchfiling_recent"),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_batchfiling_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="claims_batchfiling_key"),
            models.CheckConstraint(
                condition=models.Q(due_at__isnull=True) | models.Q(status="RUNNING"), name="claims_batchfiling_due_runs"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class FiledRow(models.Model):
    """What became of one row of a file: the complaint it is, or what is wrong with it by column."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    filing = models.ForeignKey(BatchFiling, models.CASCADE, related_name="rows", **SAME_MERCHANT)
    number = models.PositiveIntegerField(_("row"))
    order = models.CharField(_("order number"), max_length=80, blank=True)
    kind_code = models.CharField(_("kind"), max_length=40, blank=True)
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    is_known = models.BooleanField(_("known already"), default=False)
    # [[column, reason in words]], in the language the file was sent in.
    faults = models.JSONField(_("faults"), default=list, blank=True)
    # The row as it was sent, kept for the error file while something is wrong with it.
    cells = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("row of a file")
        verbose_name_plural = _("rows of a file")
        constraints = [
            tenancy.TenantRows(name="claims_filedrow_tenant"),
            tenancy.SameMerchant(field="filing", name="claims_filedrow_filing"),
            tenancy.SameMerchant(field="claim", name="claims_filedrow_claim"),
            models.UniqueConstraint(fields=["merchant", "filing", "number"], name="claims_filedrow_once"),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id}/{self.number}"
