"""What a person of a shop learned, and when: rows of that shop."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from training.models.courses import Course, CourseVersion
from training.models.lessons import Lesson, Question


class Learner(models.Model):
    """A person of a shop as a learner: the row that is locked while learning time is counted, and their calendar."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    feed_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["feed_digest"], condition=~models.Q(feed_digest=""), name="training_learner_feed")
        ]
        constraints = [
            tenancy.TenantRows(name="training_learner_tenant"),
            models.UniqueConstraint(fields=["merchant", "user"], name="training_learner_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.merchant_id}"


class Enrolment(models.Model):
    """A person learns a course, in the version they began or moved on to."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, related_name="enrolments")
    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="enrolments")
    enrolled_at = models.DateTimeField(_("enrolled"))
    active_at = models.DateTimeField(_("last active"))
    lessons_done = models.PositiveIntegerField(_("lessons done"), default=0)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    renewed_at = models.DateTimeField(_("renewed"), null=True, blank=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        indexes = [
            models.Index(fields=["merchant", "user", "-active_at"], name="training_enrolment_recent"),
            models.Index(fields=["course", "completed_at"], name="training_enrolment_of_course"),
        ]
        constraints = [
            tenancy.TenantRows(name="training_enrolment_tenant"),
            models.UniqueConstraint(fields=["merchant", "user", "course"], name="training_enrolment_once"),
            models.UniqueConstraint(fields=["merchant", "id"], name="training_enrolment_key"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} learns {self.course_id}"


class Progress(models.Model):
    """How far a person is in one lesson: which parts they saw, where they stopped, when they finished."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="progress")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(pgettext_lazy("lesson", "opened"))
    seen = models.JSONField(_("seen"), default=list, blank=True)
    position = models.FloatField(_("stopped at"), default=0)
    seconds = models.PositiveIntegerField(_("seconds learned"), default=0)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        constraints = [
            tenancy.TenantRows(name="training_progress_tenant"),
            tenancy.SameMerchant(field="enrolment", name="training_progress_enrolment"),
            models.UniqueConstraint(fields=["merchant", "enrolment", "lesson"], name="training_progress_once"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} at {self.lesson_id}"


class StudySpan(models.Model):
    """Time a person really spent learning; two spans of one person never overlap."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, null=True, blank=True, related_name="+")
    lesson = models.ForeignKey(Lesson, models.PROTECT, null=True, blank=True, related_name="+")
    session = models.ForeignKey("LiveSession", models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(_("learned from"))
    ended_at = models.DateTimeField(_("learned until"))

    class Meta:
        verbose_name = _("learning time")
        verbose_name_plural = _("learning time")
        indexes = [
            models.Index(fields=["merchant", "user", "-ended_at"], name="training_studyspan_recent"),
            models.Index(fields=["started_at"], name="training_studyspan_period"),
        ]
        constraints = [
            tenancy.TenantRows(name="training_studyspan_tenant"),
            models.CheckConstraint(
                condition=models.Q(ended_at__gt=models.F("started_at")), name="training_studyspan_lasts"
            ),
            models.CheckConstraint(
                condition=models.Q(lesson__isnull=False) | models.Q(session__isnull=False),
                name="training_studyspan_of_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at}"


class Attempt(models.Model):
    """One go at a quiz: the questions that were drawn, until when, and what came of it."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="attempts")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    paper = models.JSONField(default=list)
    started_at = models.DateTimeField(_("started"))
    deadline_at = models.DateTimeField(_("until"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    points = models.PositiveIntegerField(_("points"), default=0)
    out_of = models.PositiveIntegerField(_("out of"), default=0)
    passed = models.BooleanField(_("passed"), null=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [
            models.Index(
                fields=["deadline_at"],
                condition=models.Q(closed_at__isnull=True, deadline_at__isnull=False),
                name="training_attempt_due",
            )
        ]
        constraints = [
            tenancy.TenantRows(name="training_attempt_tenant"),
            tenancy.SameMerchant(field="enrolment", name="training_attempt_enrolment"),
            models.UniqueConstraint(
                fields=["merchant", "enrolment", "lesson", "number"], name="training_attempt_number"
            ),
            models.UniqueConstraint(
                fields=["merchant", "enrolment", "lesson"],
                condition=models.Q(closed_at__isnull=True),
                name="training_attempt_one_open",
            ),
            models.UniqueConstraint(fields=["merchant", "id"], name="training_attempt_key"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, passed__isnull=True)
                | models.Q(closed_at__isnull=False, passed__isnull=False),
                name="training_attempt_closed_is_judged",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.enrolment_id}"


class Answer(models.Model):
    """What was answered to one question of an attempt: once, and for good."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    given = models.JSONField()
    is_right = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            tenancy.TenantRows(name="training_answer_tenant"),
            tenancy.SameMerchant(field="attempt", name="training_answer_attempt"),
            models.UniqueConstraint(fields=["merchant", "attempt", "question"], name="training_answer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.question_id}"
