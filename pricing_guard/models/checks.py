"""What the guard said: to whoever asked before publishing, and about what went live."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Listing
from merchant_protection.marketplace.models.listings import MONEY
from pricing_guard.models.incidents import Incident
from pricing_guard.models.policies import GuardPolicy


class PriceCheck(models.Model):
    """One question "may this price be published" with its answer, append-only."""

    class Verdict(models.TextChoices):
        ALLOW = "ALLOW", _("Allow")
        CONFIRM = "CONFIRM", _("Ask somebody to confirm")
        BLOCK = "BLOCK", _("Block")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    sku = models.CharField(_("SKU"), max_length=80)
    price = models.DecimalField(_("price"), **MONEY)
    currency = models.CharField(_("currency"), max_length=3)
    verdict = models.CharField(_("answer"), max_length=7, choices=Verdict)
    severity = models.PositiveSmallIntegerField(choices=Incident.Severity)
    findings = models.JSONField(_("findings"), default=list)
    excused = models.JSONField(default=list)
    policy_id = models.BigIntegerField(null=True, blank=True)
    policy_number = models.PositiveIntegerField(null=True, blank=True)
    mode = models.CharField(max_length=8)
    by = models.CharField(_("changed by"), max_length=80, blank=True)
    at = models.DateTimeField(_("at"))
    actor_name = models.CharField(_("asked by"), max_length=200)

    class Meta:
        verbose_name = _("price check")
        verbose_name_plural = _("price checks")
        indexes = [
            models.Index(fields=["merchant", "-id"], name="pricing_guard_check_recent"),
            models.Index(fields=["merchant", "sku", "-id"], name="pricing_guard_check_sku"),
        ]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_check_tenant"),
            tenancy.AppendOnly(name="pricing_guard_check_append_only"),
            models.UniqueConstraint(fields=["merchant", "id"], name="pricing_guard_check_key"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.price}: {self.verdict}"


class GuardHit(models.Model):
    """One live price the guard objected to, in whatever mode, and what a person thought of it later.

    Hits in shadow are the only trace of that mode; reviewed hits are what "automatic" has to show.
    """

    class Review(models.TextChoices):
        NONE = "NONE", _("Not looked at")
        RIGHT = "RIGHT", _("It was wrong, as found")
        FALSE = "FALSE", _("False alarm")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+", db_index=False)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, related_name="hits")
    policy = models.ForeignKey(GuardPolicy, models.PROTECT, null=True, blank=True, related_name="hits")
    policy_number = models.PositiveIntegerField(null=True, blank=True)
    mode = models.CharField(_("mode"), max_length=8, choices=GuardPolicy.Mode)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Incident.Severity)
    check_name = models.CharField(_("check"), max_length=30)
    is_statistical = models.BooleanField(default=False)
    rung = models.CharField(_("step"), max_length=20)
    would_do = models.JSONField(_("what would have been done"), default=list)
    price = models.DecimalField(_("price"), **MONEY)
    reference_price = models.DecimalField(pgettext_lazy("price", "reference"), null=True, blank=True, **MONEY)
    currency = models.CharField(_("currency"), max_length=3)
    price_version = models.BigIntegerField()
    findings = models.JSONField(default=list)
    at = models.DateTimeField(_("at"))
    review = models.CharField(_("verdict of a person"), max_length=5, choices=Review, default=Review.NONE)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("hit of the guard")
        verbose_name_plural = _("hits of the guard")
        indexes = [
            models.Index(fields=["merchant", "-id"], name="pricing_guard_hit_recent"),
            models.Index(fields=["merchant", "policy", "-id"], name="pricing_guard_hit_policy"),
        ]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_hit_tenant"),
            tenancy.SameMerchant(field="listing", name="pricing_guard_hit_listing"),
            tenancy.SameMerchant(field="incident", name="pricing_guard_hit_incident"),
            tenancy.SameMerchant(field="policy", name="pricing_guard_hit_policy_same"),
            models.UniqueConstraint(fields=["merchant", "id"], name="pricing_guard_hit_key"),
        ]

    def __str__(self) -> str:
        return f"{self.check_name} {self.price}"
