"""Rules of the marketplace that a shop broke, and what relieves the points they cost."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy

MOST_POINTS = 100


class Violation(models.Model):
    """A rule of the marketplace that a shop broke, and the penalty points it cost (违规扣分)."""

    class Kind(models.TextChoices):
        MISLEADING_PRICE = "MISLEADING_PRICE", _("Misleading price")
        FALSE_ADVERTISING = "FALSE_ADVERTISING", _("False advertising")
        LATE_DISPATCH = "LATE_DISPATCH", _("Late dispatch")
        AFTER_SALES = "AFTER_SALES", _("After-sales duties")
        BUYER_PRIVACY = "BUYER_PRIVACY", _("Buyers' privacy")
        OTHER = "OTHER", _("Other")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    reference = models.CharField(_("reference"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    reason = models.CharField(_("reason"), max_length=300)
    points = models.PositiveSmallIntegerField(_("points"))
    relieved = models.PositiveSmallIntegerField(_("relieved"), default=0)
    happened_at = models.DateTimeField(_("happened"))
    ends_at = models.DateTimeField(_("points end"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.CharField(_("by"), max_length=200)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_note = models.CharField(_("why withdrawn"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("violation")
        verbose_name_plural = _("violations")
        indexes = [models.Index(fields=["merchant", "-happened_at", "-id"], name="risk_violation_recent")]
        constraints = [
            tenancy.TenantRows(name="risk_violation_tenant"),
            models.UniqueConstraint(fields=["merchant", "reference"], name="risk_violation_reference"),
            models.UniqueConstraint(fields=["merchant", "id"], name="risk_violation_key"),
            models.CheckConstraint(
                condition=models.Q(points__gte=1, points__lte=MOST_POINTS), name="risk_violation_points"
            ),
            models.CheckConstraint(
                condition=models.Q(relieved__lte=models.F("points")), name="risk_violation_relieved_at_most_all"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def left(self) -> int:
        """How many of its points are not relieved."""
        return self.points - self.relieved


class Relief(models.Model):
    """Points of a violation that were taken off, by which policy and why, append-only."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    violation = models.ForeignKey(Violation, models.PROTECT, related_name="reliefs")
    points = models.PositiveSmallIntegerField(_("points"))
    policy = models.CharField(_("policy"), max_length=60)
    subject = models.CharField(_("subject"), max_length=80)
    params = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("relief")
        verbose_name_plural = _("reliefs")
        indexes = [models.Index(fields=["merchant", "policy", "at"], name="risk_relief_policy")]
        constraints = [
            tenancy.TenantRows(name="risk_relief_tenant"),
            tenancy.SameMerchant(field="violation", name="risk_relief_violation"),
            tenancy.AppendOnly(name="risk_relief_append_only"),
            models.UniqueConstraint(fields=["merchant", "violation", "policy", "subject"], name="risk_relief_once"),
            models.CheckConstraint(condition=models.Q(points__gte=1), name="risk_relief_points"),
        ]

    def __str__(self) -> str:
        return f"{self.points} of {self.violation_id}"
