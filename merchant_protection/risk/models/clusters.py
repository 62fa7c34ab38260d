"""Accounts tied together."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Buyer


class BuyerCluster(models.Model):
    """Accounts in one shop tied together by at least two independent signals."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    signals = models.JSONField(_("signals"), default=list)
    size = models.PositiveIntegerField(_("accounts"), default=0)
    is_disputed = models.BooleanField(_("disputed"), default=False)
    created_at = models.DateTimeField(_("found"))
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("buyer cluster")
        verbose_name_plural = _("buyer clusters")
        constraints = [
            tenancy.TenantRows(name="risk_buyercluster_tenant"),
            models.UniqueConstraint(fields=["merchant", "key"], name="risk_buyercluster_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="risk_buyercluster_key"),
        ]

    def __str__(self) -> str:
        return f"cluster {self.pk} of {self.size}"


class ClusterMember(models.Model):
    """A buyer's place in a cluster, with the signals that tie it."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    cluster = models.ForeignKey(BuyerCluster, models.CASCADE, related_name="members")
    buyer = models.ForeignKey(Buyer, models.PROTECT, related_name="+")
    signals = models.JSONField(default=list)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            tenancy.TenantRows(name="risk_clustermember_tenant"),
            tenancy.SameMerchant(field="cluster", name="risk_clustermember_cluster"),
            tenancy.SameMerchant(field="buyer", name="risk_clustermember_buyer"),
            models.UniqueConstraint(fields=["merchant", "buyer"], name="risk_clustermember_once"),
        ]

    def __str__(self) -> str:
        return f"{self.buyer_id} in {self.cluster_id}"
