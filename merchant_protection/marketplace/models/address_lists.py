"""The words by which stored addresses are tagged, and the work of tagging them again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work


class AddressList(models.Model):
    """One version of the words that tag an address, beside the built-in ones (地址词库).

    Of a shop, or of the platform for every shop; the newest of each counts, older ones are kept.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    words = models.JSONField(_("words"))
    author = models.CharField(_("by"), max_length=200)
    created_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("address list")
        verbose_name_plural = _("address lists")
        indexes = [models.Index(fields=["merchant", "-id"], name="marketplace_addresslist_newest")]
        constraints = [
            tenancy.TenantRows(name="marketplace_addresslist_tenant"),
            tenancy.AppendOnly(name="marketplace_addresslist_append_only"),
        ]

    def __str__(self) -> str:
        return f"address list {self.pk}"


class Retagging(Work):
    """A shop's stored addresses are to be tagged by the newest lists; done up to the order `reached`."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    reached = models.BigIntegerField(default=0)
    tagged = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="marketplace_retagging_due")
        ]
        constraints = [
            tenancy.TenantRows(name="marketplace_retagging_tenant"),
            models.UniqueConstraint(fields=["merchant"], name="marketplace_retagging_once"),
        ]

    def __str__(self) -> str:
        return f"retagging of {self.merchant_id}, reached {self.reached}"
