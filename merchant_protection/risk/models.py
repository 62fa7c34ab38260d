"""What features share about orders and buyers: warnings, clusters, outcomes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Buyer, Order
from merchant_protection.marketplace.models.listings import MONEY
from merchant_protection.risk.lifecycle import UNANSWERED, WarningStatus


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


class Warning(models.Model):
    """Something about an order, a buyer or a listing that the merchant should look at (风险预警)."""

    class Level(models.TextChoices):
        HIGH = "HIGH", _("High")
        MEDIUM = "MEDIUM", _("Medium")
        LOW = "LOW", _("Low")

    class Status(models.TextChoices):
        OPEN = WarningStatus.OPEN, _("To handle")
        ACKNOWLEDGED = WarningStatus.ACKNOWLEDGED, _("Acknowledged")
        REPORTED = WarningStatus.REPORTED, _("Reported")
        NORMAL = WarningStatus.NORMAL, _("Verified normal")
        EXPIRED = WarningStatus.EXPIRED, _("Expired")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=40)
    level = models.CharField(_("level"), max_length=6, choices=Level)
    source = models.CharField(_("found by"), max_length=40)
    dedupe_key = models.CharField(max_length=160)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="warnings")
    buyer = models.ForeignKey(Buyer, models.PROTECT, null=True, blank=True, related_name="warnings")
    cluster = models.ForeignKey(BuyerCluster, models.PROTECT, null=True, blank=True, related_name="warnings")
    facts = models.JSONField(_("facts"), default=dict)
    amount = models.DecimalField(_("amount"), null=True, blank=True, **MONEY)
    currency = models.CharField(max_length=3, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.OPEN)
    raised_at = models.DateTimeField(_("raised"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.CharField(_("by"), max_length=200, blank=True)
    answer_note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("warning")
        verbose_name_plural = _("warnings")
        indexes = [
            models.Index(fields=["merchant", "status", "-raised_at", "-id"], name="risk_warning_inbox"),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status__in=UNANSWERED, expires_at__isnull=False),
                name="risk_warning_expiry",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="risk_warning_tenant"),
            tenancy.SameMerchant(field="order", name="risk_warning_order"),
            tenancy.SameMerchant(field="buyer", name="risk_warning_buyer"),
            tenancy.SameMerchant(field="cluster", name="risk_warning_cluster"),
            models.UniqueConstraint(
                fields=["merchant", "kind", "dedupe_key"],
                condition=models.Q(status__in=UNANSWERED),
                name="risk_warning_one_open",
            ),
            models.UniqueConstraint(fields=["merchant", "id"], name="risk_warning_key"),
            models.CheckConstraint(
                condition=models.Q(status__in=UNANSWERED, answered_at__isnull=True)
                | (~models.Q(status__in=UNANSWERED) & models.Q(answered_at__isnull=False)),
                name="risk_warning_answer_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dedupe_key}"

    @property
    def is_unanswered(self) -> bool:
        """Whether somebody has still to answer it."""
        return self.status in UNANSWERED


class WarningMove(models.Model):
    """One line of a warning's history, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    warning = models.ForeignKey(Warning, models.PROTECT, related_name="history")
    move = models.CharField(max_length=20)
    status = models.CharField(max_length=12, choices=Warning.Status)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=200)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            tenancy.TenantRows(name="risk_warningmove_tenant"),
            tenancy.SameMerchant(field="warning", name="risk_warningmove_warning"),
            tenancy.AppendOnly(name="risk_warningmove_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.warning_id}"


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
