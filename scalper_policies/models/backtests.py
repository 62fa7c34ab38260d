"""Policies tried on a shop's own past orders."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from scalper_policies.lifecycle import RunStatus
from scalper_policies.models.policies import PolicyVersion


class BacktestRun(Work):
    """One version tried on the shop's past orders, in one reading, in the background."""

    class Status(models.TextChoices):
        WAITING = RunStatus.WAITING, _("In line")
        RUNNING = RunStatus.RUNNING, _("Running")
        DONE = RunStatus.DONE, _("Done")
        CANCELLED = RunStatus.CANCELLED, _("Cancelled")
        FAILED = RunStatus.FAILED, _("Failed")

    class Reading(models.TextChoices):
        OBSERVED = "observed", _("As it happened")
        ENFORCED = "enforced", _("As it would have gone")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="backtests", db_index=False)
    revision = models.PositiveIntegerField(default=1)
    reading = models.CharField(_("reading"), max_length=8, choices=Reading)
    since = models.DateTimeField(pgettext_lazy("stretch of time", "from"), null=True, blank=True)
    until = models.DateTimeField(pgettext_lazy("stretch of time", "to"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    orders_total = models.PositiveIntegerField(_("orders"), default=0)
    orders_done = models.PositiveIntegerField(_("orders seen"), default=0)
    percent = models.PositiveSmallIntegerField(_("percent done"), default=0, db_default=0)
    report = models.JSONField(_("result"), null=True, blank=True)
    created_at = models.DateTimeField(_("begun"))
    created_by = models.CharField(_("by"), max_length=200)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("backtest")
        verbose_name_plural = _("backtests")
        indexes = [
            models.Index(fields=["merchant", "version", "-id"], name="scalper_run_recent"),
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="scalper_run_due"),
        ]
        constraints = [
            tenancy.TenantRows(name="scalper_run_tenant"),
            tenancy.SameMerchant(field="version", name="scalper_run_version"),
            models.UniqueConstraint(fields=["merchant", "id"], name="scalper_run_key"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.reading}"


class BacktestHit(models.Model):
    """An order of the past that a backtest would not have let pass unremarked."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(BacktestRun, models.CASCADE, related_name="hits", db_index=False)
    ordinal = models.PositiveIntegerField()
    number = models.CharField(_("order number"), max_length=80)
    placed_at = models.DateTimeField(_("placed"))
    buyer_shown = models.CharField(_("buyer"), max_length=80, blank=True)
    verdict = models.CharField(_("answer"), max_length=6, choices=PolicyVersion.Answer)
    units = models.PositiveIntegerField(_("units"), default=0)
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = [
            tenancy.TenantRows(name="scalper_hit_tenant"),
            tenancy.SameMerchant(field="run", name="scalper_hit_run"),
            models.UniqueConstraint(fields=["merchant", "run", "ordinal"], name="scalper_hit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"
