"""What a merchant shows: files with what each of them is evidence of."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.models.claims import Claim
from claims.models.deciding import Message
from claims.models.kinds import EvidenceType
from merchant_protection.accounts.models import Merchant
from merchant_protection.files.models import StoredFile
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models.orders import SAME_MERCHANT


class Evidence(models.Model):
    """One file of a complaint (证据); taken out, it can be put back for an hour."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="evidence", **SAME_MERCHANT)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="evidence", **SAME_MERCHANT)
    type = models.CharField(_("type"), max_length=30, choices=EvidenceType)
    note = models.CharField(_("what this shows"), max_length=300, blank=True)
    added_at = models.DateTimeField(_("added"))
    added_by_id = models.BigIntegerField(null=True, blank=True)
    added_by_name = models.CharField(_("by"), max_length=200, blank=True)
    removed_at = models.DateTimeField(_("taken out"), null=True, blank=True)
    is_let_go = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        indexes = [
            models.Index(fields=["merchant", "claim", "id"], name="claims_evidence_of"),
            models.Index(fields=["merchant", "-added_at", "-id"], name="claims_evidence_recent"),
            models.Index(
                fields=["removed_at"],
                condition=models.Q(removed_at__isnull=False, is_let_go=False),
                name="claims_evidence_removed",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_evidence_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_evidence_claim"),
            tenancy.SameMerchant(field="file", name="claims_evidence_file"),
            models.UniqueConstraint(fields=["merchant", "file"], name="claims_evidence_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="claims_evidence_key"),
        ]

    def __str__(self) -> str:
        return f"{self.type} of {self.claim_id}"


class Attachment(models.Model):
    """A file that goes with a message of the merchant or the desk; what was sent stays."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments", **SAME_MERCHANT)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="attachments", **SAME_MERCHANT)

    class Meta:
        verbose_name = _("file of a message")
        verbose_name_plural = _("files of messages")
        constraints = [
            tenancy.TenantRows(name="claims_attachment_tenant"),
            tenancy.SameMerchant(field="message", name="claims_attachment_message"),
            tenancy.SameMerchant(field="file", name="claims_attachment_file"),
            tenancy.AppendOnly(name="claims_attachment_append_only"),
            models.UniqueConstraint(fields=["merchant", "file"], name="claims_attachment_once"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} with {self.message_id}"
