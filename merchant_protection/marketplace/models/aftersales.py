"""After-sales: refunds, returns and exchanges that buyers ask for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models.buyers import Buyer
from merchant_protection.marketplace.models.listings import MONEY
from merchant_protection.marketplace.models.orders import Order


class AfterSale(models.Model):
    """A buyer's request after the sale, as the platform tells it."""

    class Kind(models.TextChoices):
        REFUND_ONLY = "REFUND_ONLY", _("Refund only")
        RETURN = "RETURN", _("Return and refund")
        EXCHANGE = "EXCHANGE", _("Exchange")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        AGREED = "AGREED", _("Agreed")
        REFUNDED = "REFUNDED", _("Refunded")
        RETURNED = "RETURNED", _("Returned")
        REJECTED = "REJECTED", _("Rejected")
        CLOSED = "CLOSED", _("Closed")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    number = models.CharField(_("after-sale number"), max_length=80)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="after_sales")
    order_number = models.CharField(_("order number"), max_length=80)
    buyer = models.ForeignKey(Buyer, models.PROTECT, null=True, blank=True, related_name="after_sales")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    wording = models.TextField(_("wording"), blank=True)
    amount = models.DecimalField(_("amount"), **MONEY)
    currency = models.CharField(_("currency"), max_length=3)
    opened_at = models.DateTimeField(_("opened"))
    pictures = ArrayField(models.URLField(max_length=500), default=list, blank=True)
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_key = models.CharField(max_length=64, blank=True)
    version = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("after-sale")
        verbose_name_plural = _("after-sales")
        indexes = [
            models.Index(fields=["merchant", "-opened_at", "-id"], name="marketplace_aftersale_recent"),
            models.Index(
                fields=["merchant", "order_number"],
                condition=models.Q(order__isnull=True),
                name="marketplace_aftersale_loose",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_aftersale_tenant"),
            tenancy.SameMerchant(field="order", name="marketplace_aftersale_order"),
            tenancy.SameMerchant(field="buyer", name="marketplace_aftersale_buyer"),
            models.UniqueConstraint(fields=["merchant", "number"], name="marketplace_aftersale_number"),
            models.UniqueConstraint(fields=["merchant", "id"], name="marketplace_aftersale_key"),
        ]

    def __str__(self) -> str:
        return self.number
