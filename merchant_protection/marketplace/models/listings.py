"""What a merchant sells, at which price, under which promotions."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 4}


class Listing(models.Model):
    """A product on sale in a shop, by the shop's own number (SKU)."""

    class Status(models.TextChoices):
        LISTED = "LISTED", _("On sale")
        DELISTED = "DELISTED", _("Off sale")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    sku = models.CharField(_("SKU"), max_length=80)
    title = models.CharField(_("title"), max_length=300)
    category = models.CharField(_("category"), max_length=120, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    list_price = models.DecimalField(_("list price"), null=True, blank=True, **MONEY)
    price = models.DecimalField(_("price"), null=True, blank=True, **MONEY)
    cost = models.DecimalField(_("cost"), null=True, blank=True, **MONEY)
    # As the listing's own event last told them; a price event comes before them, whichever arrives first.
    told_price = models.DecimalField(null=True, blank=True, **MONEY)
    told_list_price = models.DecimalField(null=True, blank=True, **MONEY)
    told_cost = models.DecimalField(null=True, blank=True, **MONEY)
    stock = models.IntegerField(_("stock"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.LISTED)
    image_url = models.URLField(blank=True)
    version = models.BigIntegerField(default=0)
    price_version = models.BigIntegerField(default=0)
    price_changed_at = models.DateTimeField(_("price changed"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes = [
            models.Index(fields=["merchant", "-updated_at", "-id"], name="marketplace_listing_recent"),
            models.Index(fields=["merchant", "category"], name="marketplace_listing_category"),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="marketplace_listing_title"),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_listing_tenant"),
            models.UniqueConstraint(fields=["merchant", "sku"], name="marketplace_listing_sku"),
            models.UniqueConstraint(fields=["merchant", "id"], name="marketplace_listing_key"),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | models.Q(price__gte=0), name="marketplace_listing_price"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.title}"


class PricePoint(models.Model):
    """One asking price a listing had, append-only; older versions arriving late are kept too."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    listing = models.ForeignKey(
        Listing, models.PROTECT, related_name="price_points", db_constraint=False, db_index=False
    )
    version = models.BigIntegerField()
    price = models.DecimalField(_("price"), **MONEY)
    list_price = models.DecimalField(_("list price"), null=True, blank=True, **MONEY)
    cost = models.DecimalField(_("cost"), null=True, blank=True, **MONEY)
    currency = models.CharField(_("currency"), max_length=3)
    by = models.CharField(_("changed by"), max_length=80, blank=True)
    occurred_at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("price history")
        indexes = [
            models.Index(fields=["merchant", "listing", "-occurred_at", "-version"], name="marketplace_price_history"),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_pricepoint_tenant"),
            tenancy.SameMerchant(field="listing", name="marketplace_pricepoint_listing"),
            tenancy.AppendOnly(name="marketplace_pricepoint_append_only"),
            models.UniqueConstraint(fields=["merchant", "listing", "version"], name="marketplace_pricepoint_once"),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="marketplace_pricepoint_price"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.price} {self.currency}"


class Promotion(models.Model):
    """A coupon, threshold discount, percentage or fixed price on named listings for a while."""

    class Kind(models.TextChoices):
        COUPON = "COUPON", _("Coupon")
        THRESHOLD = "THRESHOLD", _("Money off above a threshold")
        PERCENTAGE = "PERCENTAGE", _("Percentage off")
        FIXED_PRICE = "FIXED_PRICE", _("Fixed price")

    class Status(models.TextChoices):
        PLANNED = "PLANNED", _("Planned")
        RUNNING = "RUNNING", _("Running")
        ENDED = "ENDED", _("Ended")
        CANCELLED = "CANCELLED", _("Cancelled")

    class Funding(models.TextChoices):
        MERCHANT = "MERCHANT", _("Paid by the shop")
        PLATFORM = "PLATFORM", _("Paid by the platform")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    code = models.CharField(_("promotion"), max_length=80)
    title = models.CharField(_("title"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    skus = ArrayField(models.CharField(max_length=80), default=list)
    value = models.DecimalField(_("value"), **MONEY)
    threshold = models.DecimalField(_("threshold"), null=True, blank=True, **MONEY)
    stack_group = models.CharField(_("stack group"), max_length=40, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    funding = models.CharField(_("paid by"), max_length=10, choices=Funding, default=Funding.MERCHANT)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNED)
    version = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        indexes = [
            models.Index(fields=["merchant", "starts_at"], name="marketplace_promotion_start"),
            GinIndex(fields=["skus"], name="marketplace_promotion_skus"),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_promotion_tenant"),
            models.UniqueConstraint(fields=["merchant", "code"], name="marketplace_promotion_code"),
            models.UniqueConstraint(fields=["merchant", "id"], name="marketplace_promotion_key"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="marketplace_promotion_window"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.code
