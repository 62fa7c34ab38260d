"""Looking at decisions again: samples decided blind a second time, and cases whose right answer is known."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.models.claims import Claim
from claims.models.deciding import Decision
from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models.orders import SAME_MERCHANT


class Sample(models.Model):
    """A decided case that a second person decides again without seeing the first answer (盲审)."""

    class Origin(models.TextChoices):
        RANDOM = "RANDOM", _("By lot")
        FAST_TRACK = "FAST_TRACK", _("Fast track")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="samples", **SAME_MERCHANT)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="samples", **SAME_MERCHANT)
    origin = models.CharField(_("drawn"), max_length=10, choices=Origin)
    drawn_at = models.DateTimeField(_("drawn"))
    first_reviewer = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    second_reviewer = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField(_("second answer"), max_length=14, choices=Decision.Result, blank=True)
    note = models.TextField(_("note"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        indexes = [
            models.Index(fields=["drawn_at"], condition=models.Q(answered_at__isnull=True), name="claims_sample_open"),
            models.Index(
                fields=["answered_at"], condition=models.Q(answered_at__isnull=False), name="claims_sample_done"
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_sample_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_sample_claim"),
            tenancy.SameMerchant(field="decision", name="claims_sample_decision"),
            models.UniqueConstraint(fields=["merchant", "decision"], name="claims_sample_once"),
            models.CheckConstraint(
                condition=models.Q(second_reviewer__isnull=True)
                | ~models.Q(second_reviewer=models.F("first_reviewer")),
                name="claims_sample_other_person",
            ),
        ]

    def __str__(self) -> str:
        return f"sample of {self.claim_id}"


class GoldCase(models.Model):
    """A case whose right answer the desk has agreed on; reviewers are tried on it."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+", **SAME_MERCHANT)
    answer = models.CharField(_("right answer"), max_length=14, choices=Decision.Result)
    note = models.TextField(_("why"), blank=True)
    added_at = models.DateTimeField(_("added"))
    added_by_id = models.BigIntegerField(null=True, blank=True)
    added_by_name = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("gold case")
        verbose_name_plural = _("gold cases")
        constraints = [
            tenancy.TenantRows(name="claims_goldcase_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_goldcase_claim"),
            models.UniqueConstraint(fields=["merchant", "claim"], name="claims_goldcase_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="claims_goldcase_key"),
        ]

    def __str__(self) -> str:
        return f"gold {self.claim_id}"


class GoldAnswer(models.Model):
    """What a reviewer answered to a gold case, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    gold = models.ForeignKey(GoldCase, models.PROTECT, related_name="answers", **SAME_MERCHANT)
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=14, choices=Decision.Result)
    is_right = models.BooleanField(_("right"))
    note = models.TextField(_("note"), blank=True, default="", db_default="")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("answer to a gold case")
        verbose_name_plural = _("answers to gold cases")
        constraints = [
            tenancy.TenantRows(name="claims_goldanswer_tenant"),
            tenancy.SameMerchant(field="gold", name="claims_goldanswer_gold"),
            tenancy.AppendOnly(name="claims_goldanswer_append_only"),
            models.UniqueConstraint(fields=["merchant", "gold", "reviewer"], name="claims_goldanswer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.gold_id}"


class Filer(models.Model):
    """How truthfully a shop files, kept up by each decision; the figures are shown to it."""

    merchant = models.OneToOneField(Merchant, models.PROTECT, related_name="+")
    tier = models.CharField(_("tier"), max_length=20, default="STANDARD")
    upheld = models.PositiveIntegerField(_("upheld"), default=0)
    rejected = models.PositiveIntegerField(_("not upheld"), default=0)
    overturned = models.PositiveIntegerField(_("first upheld, then not"), default=0)
    is_slowed = models.BooleanField(_("slowed"), default=False)
    last_filed_at = models.DateTimeField(_("last filed"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("merchant as a filer")
        verbose_name_plural = _("merchants as filers")
        constraints = [tenancy.TenantRows(name="claims_filer_tenant")]

    def __str__(self) -> str:
        return f"filer {self.merchant_id}"
