"""Which course takes off how many penalty points."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.risk.models import Violation
from merchant_protection.risk.models.violations import MOST_POINTS
from training.models.courses import Course


class ReliefPolicy(models.Model):
    """Whoever completes this course takes so many penalty points off their shop, within a limit per period."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="reliefs", verbose_name=_("course"))
    kind = models.CharField(_("kind of violation"), max_length=20, choices=Violation.Kind, blank=True)
    points = models.PositiveSmallIntegerField(_("points per completion"))
    most_points = models.PositiveSmallIntegerField(_("most points in the period"))
    period_days = models.PositiveSmallIntegerField(_("period (days)"), default=365)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))
    created_by = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("policy of relief")
        verbose_name_plural = _("policies of relief")
        constraints = [
            models.UniqueConstraint(
                fields=["course", "kind"], condition=models.Q(is_active=True), name="training_relief_one_active"
            ),
            models.CheckConstraint(
                condition=models.Q(points__gte=1, points__lte=models.F("most_points"), most_points__lte=MOST_POINTS),
                name="training_relief_points",
            ),
            models.CheckConstraint(condition=models.Q(period_days__gte=1), name="training_relief_period"),
        ]

    def __str__(self) -> str:
        return f"{self.course_id} −{self.points}"
