"""What keeps automatic actions from running wild: budgets, switches, pauses, the breaker."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models.listings import Listing
from merchant_protection.marketplace.models.platforms import Platform


class Budget(models.Model):
    """How many automatic actions an hour may bring: of the platform, a merchant, or a rule in a merchant."""

    class Purse(models.TextChoices):
        GENERAL = "", _("Everything else")
        ORDER_HOLDS = "ORDER_HOLDS", _("Holding orders")
        SHOP_HOLDS = "SHOP_HOLDS", _("Holding new orders of a shop")

    class Scope(models.TextChoices):
        PLATFORM = "PLATFORM", _("Whole platform")
        MERCHANT = "MERCHANT", _("Each merchant")
        RULE = "RULE", _("Each rule of a merchant")

    scope = models.CharField(_("scope"), max_length=8, choices=Scope)
    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, blank=True, related_name="+")
    purse = models.CharField(_("for"), max_length=40, blank=True, choices=Purse)
    cap = models.PositiveIntegerField(_("cap an hour"))
    catalogue_share = models.DecimalField(
        _("share of the catalogue"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    raise_to = models.PositiveIntegerField(_("raise asked to"), null=True, blank=True)
    raise_asked_by = models.BigIntegerField(null=True, blank=True)
    raise_asked_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            tenancy.TenantRows(name="marketplace_budget_tenant"),
            models.UniqueConstraint(
                fields=["merchant", "scope", "purse"], nulls_distinct=False, name="marketplace_budget_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.cap}/h"


class BudgetUse(models.Model):
    """What has been used of one budget in one hour; the database counts, so nothing slips past the cap."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, blank=True, related_name="+")
    scope = models.CharField(max_length=8, choices=Budget.Scope)
    purse = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=170, blank=True)
    hour = models.DateTimeField(_("hour"))
    used = models.PositiveIntegerField(_("used"), default=0)
    cap = models.PositiveIntegerField(_("cap"))
    tripped_at = models.DateTimeField(_("tripped"), null=True, blank=True)

    class Meta:
        verbose_name = _("budget use")
        verbose_name_plural = _("budget use")
        constraints = [
            tenancy.TenantRows(name="marketplace_budgetuse_tenant"),
            models.UniqueConstraint(
                fields=["merchant", "scope", "purse", "key", "hour"],
                nulls_distinct=False,
                name="marketplace_budgetuse_once",
            ),
            models.CheckConstraint(condition=models.Q(used__lte=models.F("cap")), name="marketplace_budgetuse_cap"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.used}/{self.cap}"


class RulePause(models.Model):
    """A rule that a budget or a person stopped in one merchant; only a person resumes it."""

    BY_BUDGET = "budget"

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    feature = models.CharField(_("feature"), max_length=40)
    rule = models.CharField(_("rule"), max_length=120)
    reason = models.CharField(_("reason"), max_length=200)
    paused_at = models.DateTimeField(_("paused"))
    paused_by = models.CharField(_("by"), max_length=200)
    resume_asked_by = models.BigIntegerField(null=True, blank=True)
    resume_asked_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(_("resumed"), null=True, blank=True)
    resumed_by = models.CharField(_("resumed by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("paused rule")
        verbose_name_plural = _("paused rules")
        constraints = [
            tenancy.TenantRows(name="marketplace_rulepause_tenant"),
            models.UniqueConstraint(
                fields=["merchant", "feature", "rule"],
                condition=models.Q(resumed_at__isnull=True),
                name="marketplace_rulepause_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feature} {self.rule}"


class Switch(models.Model):
    """A kill switch for the platform, a merchant or a feature's rule: stopped means nothing new leaves."""

    class Scope(models.TextChoices):
        PLATFORM = "PLATFORM", _("Whole platform")
        MERCHANT = "MERCHANT", _("One merchant")
        RULE = "RULE", _("One rule everywhere")

    scope = models.CharField(_("scope"), max_length=8, choices=Scope)
    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.CharField(_("rule"), max_length=170, blank=True)
    is_stopped = models.BooleanField(_("stopped"), default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.CharField(_("by"), max_length=200)
    resume_asked_by = models.BigIntegerField(null=True, blank=True)
    resume_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("kill switch")
        verbose_name_plural = _("kill switches")
        constraints = [
            tenancy.TenantRows(name="marketplace_switch_tenant"),
            models.UniqueConstraint(
                fields=["merchant", "scope", "rule"], nulls_distinct=False, name="marketplace_switch_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.rule} {'stopped' if self.is_stopped else 'on'}"


class Breaker(models.Model):
    """A platform that failed too often is left alone for a while, then tried with one call."""

    platform = models.OneToOneField(Platform, models.PROTECT, related_name="breaker")
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    open_until = models.DateTimeField(_("open until"), null=True, blank=True)
    open_seconds = models.PositiveIntegerField(default=0)
    probe_until = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(_("asked to wait until"), null=True, blank=True)
    is_ramping = models.BooleanField(_("catching up slowly"), default=False)
    ramp_tokens = models.FloatField(default=0)
    ramp_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("breaker")
        verbose_name_plural = _("breakers")

    def __str__(self) -> str:
        return f"{self.platform_id}: {self.failures}"


class DoubtedListing(models.Model):
    """A listing that a feature doubts just now: new orders on it are answered with hold until the doubt is gone."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+")
    sku = models.CharField(_("SKU"), max_length=80)
    feature = models.CharField(_("feature"), max_length=40)
    subject_id = models.BigIntegerField()
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("doubted listing")
        verbose_name_plural = _("doubted listings")
        indexes = [models.Index(fields=["merchant", "sku"], name="marketplace_doubted_sku")]
        constraints = [
            tenancy.TenantRows(name="marketplace_doubtedlisting_tenant"),
            tenancy.SameMerchant(field="listing", name="marketplace_doubtedlisting_listing"),
            models.UniqueConstraint(fields=["merchant", "feature", "listing"], name="marketplace_doubtedlisting_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} doubted by {self.feature}"
