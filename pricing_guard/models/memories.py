"""What the guard remembers of each listing, small enough to sit in one row."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Listing, Promotion
from merchant_protection.marketplace.models.listings import MONEY


class GuardShop(models.Model):
    """One shop of the guard: its stamp rises whenever what holds for its listings changes."""

    merchant = models.OneToOneField(Merchant, models.PROTECT, related_name="+")
    stamp = models.PositiveIntegerField(default=1)
    second_person_above = models.DecimalField(
        _("second person above"), null=True, blank=True, max_digits=16, decimal_places=4
    )
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("shop of the price guard")
        verbose_name_plural = _("shops of the price guard")
        constraints = [tenancy.TenantRows(name="pricing_guard_shop_tenant")]

    def __str__(self) -> str:
        return f"{self.merchant_id} #{self.stamp}"


class ListingGuard(models.Model):
    """The references of a listing, its own floor, and the bounds by which plain SQL finds what needs a look.

    `price` copies the asking price that was judged last, so that a look at the whole catalogue
    reads one table once. A row whose `stamp` is behind its shop's, or whose `valid_until` has
    passed, is looked at whatever its price.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    listing = models.ForeignKey(
        Listing, models.PROTECT, related_name="guards", related_query_name="guard", db_constraint=False, db_index=False
    )
    price = models.DecimalField(_("price"), null=True, blank=True, **MONEY)
    low = models.DecimalField(_("lowest price without a look"), max_digits=18, decimal_places=6, default=0)
    high = models.DecimalField(
        _("highest price without a look"), max_digits=20, decimal_places=6, null=True, blank=True
    )
    valid_until = models.DateTimeField(null=True, blank=True)
    stamp = models.PositiveIntegerField(default=0)
    price_version = models.BigIntegerField(default=-1)
    listing_version = models.BigIntegerField(default=-1)
    floor_price = models.DecimalField(_("own floor price"), null=True, blank=True, **MONEY)
    memory = models.JSONField(default=dict)
    trusted_price = models.DecimalField(_("price orders are held against"), null=True, blank=True, **MONEY)
    judged_at = models.DateTimeField(_("last judged"), null=True, blank=True)

    class Meta:
        verbose_name = _("guarded listing")
        verbose_name_plural = _("guarded listings")
        constraints = [
            tenancy.TenantRows(name="pricing_guard_listing_tenant"),
            tenancy.SameMerchant(field="listing", name="pricing_guard_listing_same"),
            models.UniqueConstraint(fields=["merchant", "listing"], name="pricing_guard_listing_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="pricing_guard_listing_key"),
            models.CheckConstraint(
                condition=models.Q(floor_price__isnull=True) | models.Q(floor_price__gt=0),
                name="pricing_guard_listing_floor_is_a_price",
            ),
        ]

    def __str__(self) -> str:
        return f"guard of {self.listing_id}"


class PriceUse(models.Model):
    """How many listings of a shop have had a price: a price the shop uses everywhere is no slip of a digit."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    price = models.DecimalField(_("price"), **MONEY)
    listings = models.PositiveIntegerField(_("listings"), default=0)

    class Meta:
        constraints = [
            tenancy.TenantRows(name="pricing_guard_priceuse_tenant"),
            models.UniqueConstraint(fields=["merchant", "price"], name="pricing_guard_priceuse_once"),
        ]

    def __str__(self) -> str:
        return f"{self.price}: {self.listings}"


class HadPrice(models.Model):
    """A listing that has had a price: what alike listings have cost tells a moved point from a new price."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    listing = models.ForeignKey(
        Listing,
        models.PROTECT,
        related_name="had_prices",
        related_query_name="had",
        db_constraint=False,
        db_index=False,
    )
    price = models.DecimalField(_("price"), **MONEY)

    class Meta:
        indexes = [models.Index(fields=["merchant", "price", "listing"], name="pricing_guard_had_by_price")]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_had_tenant"),
            tenancy.SameMerchant(field="listing", name="pricing_guard_had_same"),
            models.UniqueConstraint(fields=["merchant", "listing", "price"], name="pricing_guard_had_once"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id}: {self.price}"


class PromotionLook(models.Model):
    """When a promotion is looked at next: a day ahead, when it starts, when it has ended; no event is needed."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    promotion = models.ForeignKey(
        Promotion, models.PROTECT, related_name="looks", related_query_name="look", db_index=False
    )
    due_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="pricing_guard_look_due")
        ]
        constraints = [
            tenancy.TenantRows(name="pricing_guard_look_tenant"),
            tenancy.SameMerchant(field="promotion", name="pricing_guard_look_promotion"),
            models.UniqueConstraint(fields=["merchant", "promotion"], name="pricing_guard_look_once"),
        ]

    def __str__(self) -> str:
        return f"{self.promotion_id} at {self.due_at}"
