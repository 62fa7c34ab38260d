"""What incidents, claims and decisions cost or spared."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models.listings import MONEY


class Outcome(models.Model):
    """What an incident, a claim or a decision cost, spared, brought back or lost, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    feature = models.CharField(_("feature"), max_length=40)
    kind = models.CharField(_("kind"), max_length=40)
    subject_id = models.CharField(_("subject"), max_length=80)
    at = models.DateTimeField(_("at"))
    currency = models.CharField(_("currency"), max_length=3)
    exposed = models.DecimalField(_("exposed"), default=0, **MONEY)
    prevented = models.DecimalField(_("prevented"), default=0, **MONEY)
    recovered = models.DecimalField(_("recovered"), default=0, **MONEY)
    lost = models.DecimalField(_("lost"), default=0, **MONEY)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        indexes = [models.Index(fields=["merchant", "-at"], name="risk_outcome_recent")]
        constraints = [
            tenancy.TenantRows(name="risk_outcome_tenant"),
            tenancy.AppendOnly(name="risk_outcome_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.feature} {self.kind} {self.subject_id}"
