"""What a shop should or must learn, why, and by when; and the reminders that are due."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant, Role
from merchant_protection.foundation import tenancy
from training.models.courses import Course


class AssignmentRule(models.Model):
    """When this happens to a shop, this course is recommended to it or required of it."""

    class Trigger(models.TextChoices):
        WARNING = "WARNING", _("A risk warning")
        OUTCOME = "OUTCOME", _("An outcome with a loss")
        VIOLATION = "VIOLATION", _("A violation")

    name = models.CharField(_("name"), max_length=120)
    trigger = models.CharField(_("what happens"), max_length=9, choices=Trigger)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    feature = models.CharField(_("part of the portal"), max_length=40, blank=True)
    course = models.ForeignKey(Course, models.PROTECT, related_name="rules", verbose_name=_("course"))
    is_required = models.BooleanField(_("required"), default=False)
    due_days = models.PositiveIntegerField(_("days to complete it"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    looked_until = models.DateTimeField(_("looked at until"))
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("rule of assignment")
        verbose_name_plural = _("rules of assignment")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_required=False) | models.Q(due_days__isnull=False),
                name="training_rule_required_has_a_date",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A course recommended to a shop or required of it, of one person, of a role, or of everybody."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, related_name="assignments", verbose_name=_("course"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True)
    is_required = models.BooleanField(_("required"))
    due_at = models.DateTimeField(_("by"), null=True, blank=True)
    rule = models.ForeignKey(AssignmentRule, models.PROTECT, null=True, blank=True, related_name="assignments")
    reason = models.CharField(_("why"), max_length=200, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    assigned_by = models.CharField(_("by whom"), max_length=200)
    assigned_at = models.DateTimeField(_("assigned"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        indexes = [
            models.Index(
                fields=["merchant", "due_at"],
                condition=models.Q(ended_at__isnull=True),
                name="training_assignment_open",
            )
        ]
        constraints = [
            tenancy.TenantRows(name="training_assignment_tenant"),
            models.UniqueConstraint(
                fields=["merchant", "course", "user", "role"],
                condition=models.Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="training_assignment_one_open",
            ),
            models.UniqueConstraint(fields=["merchant", "id"], name="training_assignment_key"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) | models.Q(role=""), name="training_assignment_person_or_role"
            ),
            models.CheckConstraint(
                condition=models.Q(is_required=False) | models.Q(due_at__isnull=False),
                name="training_assignment_required_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id} for {self.merchant_id}"


class Reminder(models.Model):
    """Something a shop is to be reminded of, and when."""

    class Kind(models.TextChoices):
        SESSION = "SESSION", _("A live session")
        CERTIFICATE = "CERTIFICATE", _("A certificate ends")
        ASSIGNMENT = "ASSIGNMENT", _("A course is due")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    subject_id = models.BigIntegerField()
    step = models.CharField(max_length=12)
    due_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(due_at__isnull=False), name="training_reminder_due"
            )
        ]
        constraints = [
            tenancy.TenantRows(name="training_reminder_tenant"),
            models.UniqueConstraint(fields=["merchant", "kind", "subject_id", "step"], name="training_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} {self.step}"
