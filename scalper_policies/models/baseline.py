"""The platform's own rules, which hold in every shop: versions of them, their history, and their trials on the past."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Work
from scalper_policies.lifecycle import BaselineStatus, RunStatus
from scalper_policies.models.policies import PolicyVersion, Written


class BaselineVersion(Written):
    """One version of the baseline rules (平台基线规则): what the platform asks of every order in every shop.

    It belongs to no shop, and every shop may read it. Its text stays as it is once somebody was asked to approve it.
    """

    class Status(models.TextChoices):
        DRAFT = BaselineStatus.DRAFT, _("Draft")
        SUBMITTED = BaselineStatus.SUBMITTED, _("Waits for a second person")
        SHADOW = BaselineStatus.SHADOW, _("Shadow")
        ENFORCING = BaselineStatus.ENFORCING, _("Enforcing")
        RETIRED = BaselineStatus.RETIRED, _("Retired")

    number = models.PositiveIntegerField(_("version"), unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    harshest = models.CharField(_("harshest answer"), max_length=6, choices=PolicyVersion.Answer)

    class Meta:
        verbose_name = _("version of the baseline rules")
        verbose_name_plural = _("baseline rules")
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=models.Q(status__in=[BaselineStatus.SHADOW, BaselineStatus.ENFORCING]),
                name="scalper_baseline_one_live",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["DRAFT", "SUBMITTED", "RETIRED"]) | models.Q(approved_at__isnull=False),
                name="scalper_baseline_approval_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"baseline v{self.number}"


class BaselineMove(models.Model):
    """One line of the history of the baseline rules, append-only."""

    version = models.ForeignKey(BaselineVersion, models.PROTECT, related_name="history")
    move = models.CharField(_("move"), max_length=20)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(_("status"), max_length=10, choices=BaselineVersion.Status)
    at = models.DateTimeField(_("at"))
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(_("by"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("history of the baseline rules")
        verbose_name_plural = _("history of the baseline rules")
        constraints = [tenancy.AppendOnly(name="scalper_baseline_move_append_only")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.move}"


class BaselineTrial(Work):
    """A version of the baseline rules tried on the past orders of every shop, in the background, shop after shop."""

    class Status(models.TextChoices):
        WAITING = RunStatus.WAITING, _("In line")
        RUNNING = RunStatus.RUNNING, _("Running")
        DONE = RunStatus.DONE, _("Done")
        FAILED = RunStatus.FAILED, _("Failed")

    version = models.ForeignKey(BaselineVersion, models.PROTECT, related_name="trials")
    revision = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(pgettext_lazy("stretch of time", "from"))
    until = models.DateTimeField(pgettext_lazy("stretch of time", "to"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    reached = models.BigIntegerField(default=0)
    shops_done = models.PositiveIntegerField(_("shops seen"), default=0)
    report = models.JSONField(_("result"), default=dict)
    created_at = models.DateTimeField(_("begun"))
    created_by = models.CharField(_("by"), max_length=200)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("trial of the baseline rules")
        verbose_name_plural = _("trials of the baseline rules")
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="scalper_baseline_trial_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.status}"
