"""What was answered to orders, what it was answered from, and what each order keeps of a limit."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from scalper_policies.models.policies import Policy, PolicyVersion


class OrderDecision(models.Model):
    """One answer to the platform about one order, append-only, with all it was answered from."""

    class Source(models.TextChoices):
        ASKED = "ASKED", _("Asked in the checkout")
        LATE = "LATE", _("Asked afterwards")
        DEGRADED = "DEGRADED", _("Answered without the database")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("order number"), max_length=80)
    digest = models.CharField(max_length=64)
    verdict = models.CharField(_("answer"), max_length=6, choices=PolicyVersion.Answer)
    score = models.PositiveSmallIntegerField(_("score"), default=0)
    reasons = models.JSONField(_("reasons"), default=list)
    answers = models.JSONField(_("answers by policy"), default=list)
    policies = ArrayField(models.BigIntegerField(), default=list)
    rules = ArrayField(models.CharField(max_length=60), default=list)
    facts = models.JSONField(_("facts"))
    counts = models.JSONField(_("counts"), default=list)
    buyer_key = models.CharField(max_length=64, blank=True)
    buyer_shown = models.CharField(_("buyer"), max_length=80, blank=True)
    units = models.PositiveIntegerField(_("units"), default=0)
    source = models.CharField(_("how it was asked"), max_length=8, choices=Source, default=Source.ASKED)
    placed_at = models.DateTimeField(_("placed"))
    decided_at = models.DateTimeField(_("answered"))
    expires_at = models.DateTimeField(_("stands until"))

    overruled_by: Any = None  # the `Override` in effect, where somebody looked it up

    class Meta:
        verbose_name = _("order decision")
        verbose_name_plural = _("order decisions")
        indexes = [
            models.Index(fields=["merchant", "-id"], name="scalper_decision_recent"),
            models.Index(
                fields=["merchant", "-decided_at", "-id"],
                condition=~models.Q(verdict="ALLOW"),
                name="scalper_decision_hits",
            ),
            GinIndex(fields=["policies"], name="scalper_decision_policies"),
        ]
        constraints = [
            tenancy.TenantRows(name="scalper_decision_tenant"),
            tenancy.AppendOnly(name="scalper_decision_append_only"),
            models.UniqueConstraint(fields=["merchant", "number"], name="scalper_decision_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="scalper_decision_key"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.verdict}"

    @property
    def stands(self) -> str:
        """The answer that stands: ours, or what staff put in its place."""
        return str(self.overruled_by.verdict if self.overruled_by else self.verdict)


class DecisionNote(models.Model):
    """What a person said of an answer afterwards, append-only: released, right, wrong."""

    class Said(models.TextChoices):
        RELEASED = "RELEASED", _("Released")
        RIGHT = "RIGHT", _("Rightly held")
        WRONG = "WRONG", _("Wrongly held")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    decision = models.ForeignKey(OrderDecision, models.PROTECT, related_name="notes", db_index=False)
    said = models.CharField(_("said"), max_length=8, choices=Said)
    note = models.CharField(_("note"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(_("by"), max_length=200)

    class Meta:
        indexes = [models.Index(fields=["merchant", "decision", "id"], name="scalper_note_of")]
        constraints = [
            tenancy.TenantRows(name="scalper_note_tenant"),
            tenancy.SameMerchant(field="decision", name="scalper_note_decision"),
            tenancy.AppendOnly(name="scalper_note_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.said}"


class VersionFailure(models.Model):
    """A version that could not answer an order; what stood before it answered instead, and the shop is told."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", db_index=False)
    decision = models.ForeignKey(OrderDecision, models.PROTECT, related_name="+", db_index=False)
    error = models.CharField(_("kind of error"), max_length=80)
    at = models.DateTimeField(_("at"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], condition=models.Q(told_at__isnull=True), name="scalper_failure_untold"),
        ]
        constraints = [
            tenancy.TenantRows(name="scalper_failure_tenant"),
            tenancy.SameMerchant(field="version", name="scalper_failure_version"),
            tenancy.SameMerchant(field="decision", name="scalper_failure_decision"),
            models.UniqueConstraint(fields=["merchant", "version", "decision"], name="scalper_failure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.error}"


class Reservation(models.Model):
    """What one admitted order keeps of one rule's limit for one key, until it gives it back, once.

    A dozen are written in a checkout's own request: the database checks shop and policy together, and only so.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    rule = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    sku = models.CharField(max_length=80, blank=True)
    number = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    units = models.PositiveIntegerField()
    gives_back = ArrayField(models.CharField(max_length=9), default=list)
    released_at = models.DateTimeField(null=True, blank=True)
    released_for = models.CharField(max_length=10, blank=True)
    unplaced_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["merchant", "policy", "rule", "key", "sku", "placed_at"],
                condition=models.Q(released_at__isnull=True),
                include=["units"],
                name="scalper_reservation_count",
            ),
            models.Index(
                fields=["unplaced_until"],
                condition=models.Q(unplaced_until__isnull=False),
                name="scalper_reservation_unplaced",
            ),
        ]
        constraints = [
            tenancy.TenantRows(name="scalper_reservation_tenant"),
            tenancy.SameMerchant(field="policy", name="scalper_reservation_policy"),
            models.UniqueConstraint(
                fields=["merchant", "number", "policy", "rule", "key", "sku"], name="scalper_reservation_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.rule} {self.units}"


class DegradedAnswer(models.Model):
    """An answer a process gave while the database could not be reached, and what would have been answered."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("order number"), max_length=80)
    verdict = models.CharField(_("answered"), max_length=6, choices=PolicyVersion.Answer)
    answered_at = models.DateTimeField(_("answered at"))
    decision = models.ForeignKey(OrderDecision, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    reconciled_at = models.DateTimeField(_("reconciled"))
    differs = models.BooleanField(_("would have been answered otherwise"), default=False)

    class Meta:
        verbose_name = _("answer without the database")
        verbose_name_plural = _("answers without the database")
        indexes = [models.Index(fields=["merchant", "-id"], name="scalper_degraded_recent")]
        constraints = [
            tenancy.TenantRows(name="scalper_degraded_tenant"),
            tenancy.SameMerchant(field="decision", name="scalper_degraded_decision"),
            tenancy.AppendOnly(name="scalper_degraded_append_only"),
            models.UniqueConstraint(fields=["merchant", "number", "answered_at"], name="scalper_degraded_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.verdict}"
