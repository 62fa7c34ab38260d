"""Risk-order warnings, their history, and how a shop tunes them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant, User
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from merchant_protection.marketplace.models import Buyer, Order
from merchant_protection.marketplace.models.listings import MONEY
from merchant_protection.risk.lifecycle import UNANSWERED, BulkStatus, WarningStatus
from merchant_protection.risk.models.clusters import BuyerCluster


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
    rank = models.GeneratedField(
        expression=models.Case(models.When(level="HIGH", then=1), models.When(level="MEDIUM", then=2), default=3),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
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
            models.Index(fields=["merchant", "status", "rank", "-raised_at", "-id"], name="risk_warning_urgent"),
            models.Index(fields=["merchant", "buyer", "-raised_at"], name="risk_warning_buyer_recent"),
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


class WarningLimits(models.Model):
    """From where on each kind warns in one shop; what is not named is as for everybody."""

    merchant = models.OneToOneField(Merchant, models.PROTECT, related_name="+")
    values = models.JSONField(_("limits"), default=dict)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("limits of warnings")
        verbose_name_plural = _("limits of warnings")
        constraints = [tenancy.TenantRows(name="risk_warninglimits_tenant")]

    def __str__(self) -> str:
        return f"limits of {self.merchant_id} v{self.version}"


class Snooze(models.Model):
    """One kind of warning says nothing about one buyer until a date, because a person verified that all is normal."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    buyer = models.ForeignKey(Buyer, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=40)
    until = models.DateTimeField(_("until"))
    made_at = models.DateTimeField(_("made"))
    made_by = models.CharField(_("by"), max_length=200)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("snooze")
        verbose_name_plural = _("snoozes")
        constraints = [
            tenancy.TenantRows(name="risk_snooze_tenant"),
            tenancy.SameMerchant(field="buyer", name="risk_snooze_buyer"),
            models.UniqueConstraint(fields=["merchant", "buyer", "kind"], name="risk_snooze_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.buyer_id} until {self.until:%Y-%m-%d}"


class Label(models.Model):
    """What a person found an order to be, append-only: the newest counts. Backtests are held against it."""

    class Value(models.TextChoices):
        ORDINARY = "ORDINARY", _("Ordinary")
        SUSPECT = "SUSPECT", _("Suspect")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    value = models.CharField(_("label"), max_length=8, choices=Value)
    source = models.CharField(_("from"), max_length=40)
    at = models.DateTimeField(_("at"))
    actor_name = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        indexes = [models.Index(fields=["merchant", "order", "-id"], name="risk_label_newest")]
        constraints = [
            tenancy.TenantRows(name="risk_label_tenant"),
            tenancy.SameMerchant(field="order", name="risk_label_order"),
            tenancy.AppendOnly(name="risk_label_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.value}"


class BulkAnswer(Work):
    """One answer to many warnings, with what became of each; long ones are worked off in the background."""

    class Status(models.TextChoices):
        RUNNING = BulkStatus.RUNNING, _("Running")
        DONE = BulkStatus.DONE, _("Done")
        CANCELLED = BulkStatus.CANCELLED, _("Cancelled")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=20)
    note = models.TextField(_("note"), blank=True)
    snooze_until = models.DateTimeField(null=True, blank=True)
    warning_ids = ArrayField(models.BigIntegerField())
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.RUNNING)
    answered = models.PositiveIntegerField(_("answered"), default=0)
    refused = models.PositiveIntegerField(_("left as they are"), default=0)
    refusals = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("asked"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("answer to many warnings")
        verbose_name_plural = _("answers to many warnings")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="risk_bulkanswer_due"),
        ]
        constraints = [tenancy.TenantRows(name="risk_bulkanswer_tenant")]

    def __str__(self) -> str:
        return f"{self.answer} of {len(self.warning_ids)}"

    @property
    def handled(self) -> int:
        """How many rows it has come to."""
        return self.answered + self.refused
