"""Buyers, as one shop knows them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy


class Buyer(models.Model):
    """A buyer in one shop: the platform's reference, facts of the account, keyed hashes, nothing readable.

    `key` is the keyed hash of the platform's reference: equal over shops, so that
    aggregates can be made without names.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    ref = models.CharField(_("buyer"), max_length=80)
    key = models.CharField(max_length=64, db_index=True)
    account_created_at = models.DateTimeField(_("account since"), null=True, blank=True)
    level = models.CharField(_("level"), max_length=40, blank=True)
    phone_verified = models.BooleanField(_("phone verified"), default=False)
    real_name_verified = models.BooleanField(_("real name verified"), default=False)
    paid_orders = models.IntegerField(_("paid orders on the platform"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    first_order_at = models.DateTimeField(_("first order"), null=True, blank=True)
    version = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("buyer")
        verbose_name_plural = _("buyers")
        constraints = [
            tenancy.TenantRows(name="marketplace_buyer_tenant"),
            models.UniqueConstraint(fields=["merchant", "ref"], name="marketplace_buyer_ref"),
            models.UniqueConstraint(fields=["merchant", "id"], name="marketplace_buyer_id"),
        ]

    def __str__(self) -> str:
        return f"buyer {self.pk}"
