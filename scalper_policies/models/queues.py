"""Queues of policies that sell by one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from scalper_policies.models.policies import Policy


class Queue(models.Model):
    """How far a policy's queue (排队) reaches: the last place that was given, and when it is due."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False)
    last_place = models.PositiveBigIntegerField(_("last place"))
    last_due_at = models.DateTimeField(_("last turn"))

    class Meta:
        verbose_name = _("sale queue")
        verbose_name_plural = _("sale queues")
        constraints = [
            tenancy.TenantRows(name="scalper_queue_tenant"),
            tenancy.SameMerchant(field="policy", name="scalper_queue_policy"),
            models.UniqueConstraint(fields=["merchant", "policy"], name="scalper_queue_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id}: {self.last_place}"
