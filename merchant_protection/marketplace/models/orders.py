"""Orders and their lines."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models.buyers import Buyer
from merchant_protection.marketplace.models.imports import Import
from merchant_protection.marketplace.models.listings import MONEY, Listing

# Such a row is tied by the composite key of its SameMerchant constraint, which the database checks once
# instead of twice, and found by indexes that begin with the merchant.
SAME_MERCHANT: dict[str, Any] = {"db_constraint": False, "db_index": False}


class Order(models.Model):
    """An order in a shop; personal data is sealed, and matched only by keyed hashes."""

    class Status(models.TextChoices):
        PLACED = "PLACED", _("Placed")
        PAID = "PAID", _("Paid")
        SHIPPED = "SHIPPED", _("Shipped")
        DELIVERED = "DELIVERED", _("Delivered")
        CANCELLED = "CANCELLED", _("Cancelled")
        EXPIRED = "EXPIRED", _("Expired unpaid")
        REFUNDED = "REFUNDED", _("Refunded")

    class Kind(models.TextChoices):
        SALE = "SALE", _("Sale")
        CANCELLATION = "CANCELLATION", _("Cancellation")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("order number"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SALE)
    buyer = models.ForeignKey(Buyer, models.PROTECT, null=True, blank=True, related_name="orders", **SAME_MERCHANT)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    placed_at = models.DateTimeField(_("placed"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    total = models.DecimalField(_("total"), **MONEY)
    units = models.IntegerField(_("units"), default=0)
    lines_count = models.PositiveIntegerField(_("lines"), default=0)
    skus = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    recipient_sealed = models.TextField(blank=True)
    phone_key = models.CharField(max_length=64, blank=True)
    recipient_key = models.CharField(max_length=64, blank=True)
    address_exact = models.CharField(max_length=64, blank=True)
    address_building = models.CharField(max_length=64, blank=True)
    address_fuzzy = models.CharField(max_length=64, blank=True)
    address_tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    address_list_version = models.PositiveIntegerField(default=0)
    device_key = models.CharField(max_length=64, blank=True)
    ip_key = models.CharField(max_length=64, blank=True)
    ip_net_key = models.CharField(max_length=64, blank=True)
    payment_key = models.CharField(max_length=64, blank=True)
    legal_hold = models.BooleanField(_("legal hold"), default=False)
    personal_erased_at = models.DateTimeField(_("personal data erased"), null=True, blank=True)
    version = models.BigIntegerField(default=0)
    import_job = models.ForeignKey(Import, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["merchant", "-placed_at", "-id"], name="marketplace_order_recent"),
            models.Index(fields=["merchant", "status", "-placed_at", "-id"], name="marketplace_order_status"),
            models.Index(fields=["merchant", "buyer", "-placed_at"], name="marketplace_order_buyer"),
            models.Index(fields=["merchant", "-updated_at"], name="marketplace_order_updated"),
            models.Index(
                fields=["merchant", "address_fuzzy", "-placed_at"],
                condition=~models.Q(address_fuzzy=""),
                name="marketplace_order_address",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_order_tenant"),
            tenancy.SameMerchant(field="buyer", name="marketplace_order_buyer_same"),
            tenancy.SameMerchant(field="import_job", name="marketplace_order_import_same"),
            models.UniqueConstraint(fields=["merchant", "number"], name="marketplace_order_number"),
            models.UniqueConstraint(fields=["merchant", "id"], name="marketplace_order_key"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One line of an order; its identity is the order and its ordinal in it."""

    class Flag(models.TextChoices):
        ZERO_PRICE = "ZERO_PRICE", _("Price is zero")
        RETURN = "RETURN", _("Return")
        NOT_A_PRODUCT = "NOT_A_PRODUCT", _("Not a product")
        NO_BUYER = "NO_BUYER", _("Buyer unknown")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", **SAME_MERCHANT)
    ordinal = models.PositiveIntegerField(_("line"))
    listing = models.ForeignKey(
        Listing, models.PROTECT, null=True, blank=True, related_name="order_lines", **SAME_MERCHANT
    )
    buyer = models.ForeignKey(Buyer, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    sku = models.CharField(_("SKU"), max_length=80)
    title = models.CharField(_("title"), max_length=300, blank=True)
    quantity = models.IntegerField(_("quantity"))
    unit_price = models.DecimalField(_("unit price"), **MONEY)
    discount = models.DecimalField(_("discount"), default=0, **MONEY)
    paid = models.DecimalField(_("paid"), **MONEY)
    at = models.DateTimeField(_("at"))
    flags = ArrayField(models.CharField(max_length=14, choices=Flag), default=list, blank=True)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        indexes = [
            models.Index(fields=["merchant", "listing", "-at"], name="marketplace_line_listing"),
            models.Index(fields=["merchant", "sku", "-at"], name="marketplace_line_sku"),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_orderline_tenant"),
            tenancy.SameMerchant(field="order", name="marketplace_orderline_order"),
            tenancy.SameMerchant(field="listing", name="marketplace_orderline_listing"),
            tenancy.SameMerchant(field="buyer", name="marketplace_orderline_buyer"),
            models.UniqueConstraint(fields=["merchant", "order", "ordinal"], name="marketplace_orderline_once"),
            models.CheckConstraint(condition=~models.Q(quantity=0), name="marketplace_orderline_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.ordinal} {self.sku} × {self.quantity}"


class OrderStatusChange(models.Model):
    """One step of an order's history as the platform told it, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    order = models.ForeignKey(Order, models.PROTECT, related_name="status_changes", **SAME_MERCHANT)
    version = models.BigIntegerField()
    status = models.CharField(_("status"), max_length=10, choices=Order.Status)
    occurred_at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("order history")
        verbose_name_plural = _("order history")
        constraints = [
            tenancy.TenantRows(name="marketplace_orderstatus_tenant"),
            tenancy.SameMerchant(field="order", name="marketplace_orderstatus_order"),
            tenancy.AppendOnly(name="marketplace_orderstatus_append_only"),
            models.UniqueConstraint(fields=["merchant", "order", "version"], name="marketplace_orderstatus_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.status}"
