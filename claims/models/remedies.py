"""What a decision brings: actions on the platform, and the ledger of orders left out of a shop's figures."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.models.claims import Claim, RemedyKind
from claims.models.deciding import Decision
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from merchant_protection.marketplace.models import Order, PlatformAction
from merchant_protection.marketplace.models.listings import MONEY
from merchant_protection.marketplace.models.orders import SAME_MERCHANT


class Remedy(Work):
    """One thing a decision brought; taken back when the decision is overturned."""

    class Status(models.TextChoices):
        PROMISED = "PROMISED", _("Promised")
        ASKED = "ASKED", _("Asked of the platform")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Not carried out")
        RESTORING = "RESTORING", _("Being taken back")
        RESTORED = "RESTORED", _("Taken back")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="remedies", **SAME_MERCHANT)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="promised", **SAME_MERCHANT)
    kind = models.CharField(_("remedy"), max_length=20, choices=RemedyKind)
    ref = models.CharField(_("of what"), max_length=120, blank=True)
    amount = models.DecimalField(_("amount"), null=True, blank=True, **MONEY)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROMISED)
    action = models.ForeignKey(PlatformAction, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT)
    undo_action = models.ForeignKey(
        PlatformAction, models.PROTECT, null=True, blank=True, related_name="+", **SAME_MERCHANT
    )
    promised_at = models.DateTimeField(_("promised"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    restored_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("remedy")
        verbose_name_plural = _("remedies")
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(due_at__isnull=False), name="claims_remedy_due"),
            models.Index(fields=["merchant", "claim"], name="claims_remedy_of"),
        ]
        constraints = [
            tenancy.TenantRows(name="claims_remedy_tenant"),
            tenancy.SameMerchant(field="claim", name="claims_remedy_claim"),
            tenancy.SameMerchant(field="decision", name="claims_remedy_decision"),
            tenancy.SameMerchant(field="action", name="claims_remedy_action"),
            tenancy.SameMerchant(field="undo_action", name="claims_remedy_undo"),
            models.UniqueConstraint(
                fields=["merchant", "claim", "kind"],
                condition=~models.Q(status__in=["RESTORING", "RESTORED"]),
                name="claims_remedy_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.claim_id}"


class Exemption(models.Model):
    """A line of the ledger of orders left out of a shop's figures, append-only: one leaves out, another takes back."""

    class Entry(models.TextChoices):
        EXEMPTED = "EXEMPTED", _("Left out")
        RESTORED = "RESTORED", _("Counted again")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", **SAME_MERCHANT)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+", **SAME_MERCHANT)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="exemptions", **SAME_MERCHANT)
    entry = models.CharField(_("entry"), max_length=8, choices=Entry)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+", **SAME_MERCHANT)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        indexes = [models.Index(fields=["merchant", "order", "id"], name="claims_exemption_of")]
        constraints = [
            tenancy.TenantRows(name="claims_exemption_tenant"),
            tenancy.SameMerchant(field="order", name="claims_exemption_order"),
            tenancy.SameMerchant(field="claim", name="claims_exemption_claim"),
            tenancy.SameMerchant(field="decision", name="claims_exemption_decision"),
            tenancy.AppendOnly(name="claims_exemption_append_only"),
            models.UniqueConstraint(fields=["merchant", "decision", "order", "entry"], name="claims_exemption_once"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.order_id}"
