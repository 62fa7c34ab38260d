"""What a merchant has set: policies with their versions, windows of meant prices, answers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Listing
from merchant_protection.marketplace.models.listings import MONEY
from pricing_guard.lifecycle import WindowStatus


class GuardPolicy(models.Model):
    """The thresholds of a shop, a category or some listings: how far it may go by itself, and its live version."""

    class Mode(models.TextChoices):
        OFF = "OFF", _("Off")
        SHADOW = "SHADOW", _("Shadow")
        APPROVE = "APPROVE", _("Asks first")
        AUTO = "AUTO", _("Automatic")

    class Scope(models.TextChoices):
        SHOP = "SHOP", _("Whole shop")
        CATEGORY = "CATEGORY", _("Categories")
        LISTINGS = "LISTINGS", _("Listings")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("holds for"), max_length=10, choices=Scope)
    categories = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    skus = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode, default=Mode.OFF)
    live_number = models.PositiveIntegerField(_("live version"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    # Checks that learn from the past go to "automatic" apart from limits the merchant states itself.
    watched_since = models.DateTimeField(_("watched since"), null=True, blank=True)
    statistics_proven_at = models.DateTimeField(_("learned checks act since"), null=True, blank=True)
    is_retired = models.BooleanField(_("no longer used"), default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("made"))
    created_by = models.CharField(_("by"), max_length=200)
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("guard policy")
        verbose_name_plural = _("guard policies")
        constraints = [
            tenancy.TenantRows(name="pricing_guard_policy_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="pricing_guard_policy_key"),
            models.UniqueConstraint(
                fields=["merchant", "name"],
                condition=models.Q(is_retired=False),
                name="pricing_guard_policy_name",
            ),
            models.CheckConstraint(
                condition=models.Q(live_number__isnull=False) | models.Q(mode="OFF"),
                name="pricing_guard_policy_nothing_live_is_off",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """One version of a policy's numbers and responses; never changed, only followed by the next."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    policy = models.ForeignKey(GuardPolicy, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    categories = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    skus = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    thresholds = models.JSONField(_("thresholds"), default=dict)
    ladder = models.JSONField(_("what is done"), default=dict)
    grace_minutes = models.PositiveIntegerField(_("grace in minutes"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    saved_at = models.DateTimeField(_("saved"))
    saved_by = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        constraints = [
            tenancy.TenantRows(name="pricing_guard_version_tenant"),
            tenancy.SameMerchant(field="policy", name="pricing_guard_version_policy"),
            tenancy.AppendOnly(name="pricing_guard_version_append_only"),
            models.UniqueConstraint(fields=["merchant", "id"], name="pricing_guard_version_key"),
            models.UniqueConstraint(fields=["merchant", "policy", "number"], name="pricing_guard_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} v{self.number}"


class ApprovedWindow(models.Model):
    """A stretch of time in which low prices are meant, with the reason; it ends by itself (活动报备)."""

    class Reason(models.TextChoices):
        CLEARANCE = "CLEARANCE", _("Clearance")
        NEAR_EXPIRY = "NEAR_EXPIRY", _("Near expiry")
        SEASONAL = "SEASONAL", _("Seasonal")
        MEMBER_DAY = "MEMBER_DAY", _("Member day")
        GIFT = "GIFT", _("Gift")

    class Status(models.TextChoices):
        ASKED = WindowStatus.ASKED, _("Waits for a second person")
        APPROVED = WindowStatus.APPROVED, _("Approved")
        REVOKED = WindowStatus.REVOKED, _("Revoked")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    note = models.CharField(_("note"), max_length=300, blank=True)
    skus = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    categories = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    lowest_price = models.DecimalField(_("lowest price"), null=True, blank=True, **MONEY)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    status = models.CharField(_("status"), max_length=8, choices=Status)
    worth = models.DecimalField(_("gives away at most"), null=True, blank=True, max_digits=16, decimal_places=4)
    asked_at = models.DateTimeField(_("asked"))
    asked_by_id = models.BigIntegerField(null=True, blank=True)
    asked_by = models.CharField(_("asked by"), max_length=200)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("window of meant prices")
        verbose_name_plural = _("windows of meant prices")
        indexes = [models.Index(fields=["merchant", "ends_at"], name="pricing_guard_window_end")]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_window_tenant"),
            models.UniqueConstraint(fields=["merchant", "id"], name="pricing_guard_window_key"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="pricing_guard_window_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~models.Q(skus=[]) | ~models.Q(categories=[]), name="pricing_guard_window_names_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.pk}"


class Suspension(models.Model):
    """Checks a person answered with "it is meant": they keep quiet about one listing for a stated time."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+")
    checks = ArrayField(models.CharField(max_length=30), default=list)
    price = models.DecimalField(_("price"), **MONEY)
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=12, choices=ApprovedWindow.Reason)
    note = models.CharField(_("note"), max_length=300, blank=True)
    incident_id = models.BigIntegerField(null=True, blank=True)
    said_at = models.DateTimeField(_("said"))
    said_by = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("answer “it is meant”")
        verbose_name_plural = _("answers “it is meant”")
        indexes = [models.Index(fields=["merchant", "listing", "until"], name="pricing_guard_suspension_until")]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_suspension_tenant"),
            tenancy.SameMerchant(field="listing", name="pricing_guard_suspension_listing"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} until {self.until}"
