"""Courses and their versions: what trainers write and everybody may learn. They belong to no shop."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.foundation import tenancy
from training.lifecycle import UNPUBLISHED, VersionStatus


class Area(models.TextChoices):
    """What a course is about."""

    PRICE_GUARD = "PRICE_GUARD", _("Price guard")
    CLAIMS = "CLAIMS", _("Complaints and evidence")
    SCALPERS = "SCALPERS", _("Scalpers")
    COMPLIANCE = "COMPLIANCE", _("Rules and law")
    QUALITY = "QUALITY", _("Store quality")
    GENERAL = "GENERAL", _("General")


class Level(models.TextChoices):
    """How much a course presupposes."""

    BASIC = "BASIC", _("Basic")
    INTERMEDIATE = "INTERMEDIATE", _("Intermediate")
    ADVANCED = "ADVANCED", _("Advanced")


class CourseFacts(models.Model):
    """What a version says of the course, and the course of its published version; texts by language (zh, en)."""

    title = models.JSONField(_("title"), default=dict)
    summary = models.JSONField(_("summary"), default=dict)
    teacher = models.JSONField(_("teacher"), default=dict, blank=True)
    area = models.CharField(_("area"), max_length=12, choices=Area)
    level = models.CharField(_("level"), max_length=12, choices=Level)
    audience = ArrayField(models.CharField(max_length=12), verbose_name=_("audience"), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=2), verbose_name=_("languages"), default=list)
    prerequisites = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    minutes = models.PositiveIntegerField(_("minutes"), default=0)
    lesson_count = models.PositiveIntegerField(_("lessons"), default=0)
    cover = models.CharField(_("cover"), max_length=120, default="school")
    feature = models.CharField(_("part of the portal"), max_length=40, blank=True)
    certificate_months = models.PositiveIntegerField(_("certificate valid for months"), null=True, blank=True)

    class Meta:
        abstract = True


class Course(CourseFacts):
    """A course as the catalogue shows it: the facts of its published version, and where to find it."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    published = models.ForeignKey(
        "CourseVersion", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("published version")
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    first_published_at = models.DateTimeField(_("first published"), null=True, blank=True)
    # Words by pairs of letters, since two Chinese characters inside a title must be found by an index.
    grams = ArrayField(models.CharField(max_length=2), default=list)
    words = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        indexes = [
            models.Index(
                fields=["-published_at", "-id"],
                condition=models.Q(published__isnull=False),
                name="training_course_recent",
            ),
            models.Index(
                fields=["area", "-published_at", "-id"],
                condition=models.Q(published__isnull=False),
                name="training_course_of_area",
            ),
            GinIndex(fields=["grams"], name="training_course_grams"),
        ]

    def __str__(self) -> str:
        return self.code


class CourseVersion(CourseFacts):
    """One edition of a course: written as a draft, read by a second person, published, and never changed again."""

    class Status(models.TextChoices):
        DRAFT = VersionStatus.DRAFT, _("Draft")
        IN_REVIEW = VersionStatus.IN_REVIEW, _("Being reviewed")
        APPROVED = VersionStatus.APPROVED, _("Approved")
        PUBLISHED = VersionStatus.PUBLISHED, _("Published")
        SUPERSEDED = VersionStatus.SUPERSEDED, _("Superseded")

    course = models.ForeignKey(Course, models.PROTECT, related_name="versions", verbose_name=_("course"))
    number = models.PositiveIntegerField(_("version"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    change_note = models.JSONField(_("change note"), default=dict, blank=True)
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    edited = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("written by")
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("handed in by")
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True)
    tell_due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("version of a course")
        verbose_name_plural = _("versions of courses")
        indexes = [
            models.Index(
                fields=["publish_at"],
                condition=models.Q(status=VersionStatus.APPROVED, publish_at__isnull=False),
                name="training_version_due",
            ),
            models.Index(
                fields=["tell_due_at"],
                condition=models.Q(tell_due_at__isnull=False),
                name="training_version_to_tell",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="training_version_number"),
            models.UniqueConstraint(
                fields=["course"], condition=models.Q(status=VersionStatus.PUBLISHED), name="training_version_one_live"
            ),
            models.UniqueConstraint(
                fields=["course"], condition=models.Q(status__in=UNPUBLISHED), name="training_version_one_draft"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=UNPUBLISHED, published_at__isnull=True)
                | (~models.Q(status__in=UNPUBLISHED) & models.Q(published_at__isnull=False)),
                name="training_version_publication_is_dated",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True) | ~models.Q(reviewed_by=models.F("submitted_by")),
                name="training_version_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id} v{self.number}"


class VersionMove(models.Model):
    """One line of a version's history, append-only."""

    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="history")
    move = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=CourseVersion.Status)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=200)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [tenancy.AppendOnly(name="training_versionmove_append_only")]

    def __str__(self) -> str:
        return f"{self.move} {self.version_id}"
