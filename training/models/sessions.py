"""Live sessions: their times and seats belong to no shop; who comes and what they ask is a shop's own."""

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from training.lifecycle import TO_COME, QuestionStatus, SessionStatus
from training.models.courses import Course


class LiveSession(models.Model):
    """A lesson held at an hour, with a stream, seats and questions (直播)."""

    class Status(models.TextChoices):
        SCHEDULED = SessionStatus.SCHEDULED, _("Scheduled")
        LIVE = SessionStatus.LIVE, _("Live now")
        ENDED = SessionStatus.ENDED, _("Over")
        CANCELLED = SessionStatus.CANCELLED, _("Cancelled")

    title = models.JSONField(_("title"), default=dict)
    summary = models.JSONField(_("summary"), default=dict, blank=True)
    course = models.ForeignKey(Course, models.PROTECT, null=True, blank=True, related_name="sessions")
    lesson_code = models.SlugField(_("lesson"), max_length=60, blank=True)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("host"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    capacity = models.PositiveIntegerField(_("seats"), validators=[MinValueValidator(1)])
    seats_taken = models.PositiveIntegerField(_("seats taken"), default=0)
    waiting = models.PositiveIntegerField(_("waiting"), default=0)
    seats_due_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.SCHEDULED)
    stream_url = models.CharField(_("stream (HLS)"), max_length=500, blank=True)
    recording_url = models.CharField(_("recording"), max_length=500, blank=True)
    recording_seconds = models.PositiveIntegerField(_("length of the recording (s)"), null=True, blank=True)
    attendance_percent = models.PositiveIntegerField(
        _("percent to be attended"), default=70, validators=[MaxValueValidator(100)]
    )
    went_live_at = models.DateTimeField(_("went live"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(_("created"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("live session")
        verbose_name_plural = _("live sessions")
        indexes = [
            models.Index(
                fields=["starts_at", "id"], condition=models.Q(status__in=TO_COME), name="training_livesession_next"
            ),
            models.Index(fields=["-starts_at", "-id"], name="training_livesession_recent"),
            models.Index(
                fields=["seats_due_at"],
                condition=models.Q(seats_due_at__isnull=False),
                name="training_livesession_seats",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="training_livesession_lasts"
            ),
            models.CheckConstraint(
                condition=models.Q(seats_taken__lte=models.F("capacity")), name="training_livesession_capacity"
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"

    def window(self) -> tuple[datetime, datetime]:
        """Between which moments attending counts: as it was held, or as it is planned."""
        return self.went_live_at or self.starts_at, self.ended_at or self.ends_at

    @property
    def recording_is_stream(self) -> bool:
        """Whether the recording is an HLS address rather than a file."""
        return self.recording_url.split("?")[0].endswith(".m3u8")

    def needed_seconds(self) -> float:
        """How long one must have been there to have attended."""
        start, end = self.window()
        return (end - start).total_seconds() * self.attendance_percent / 100


class Registration(models.Model):
    """A person's seat in a session, or their place in the queue for one."""

    class Status(models.TextChoices):
        SEATED = "SEATED", _("Registered")
        WAITING = "WAITING", _("On the waiting list")
        CANCELLED = "CANCELLED", _("Cancelled")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    session = models.ForeignKey(LiveSession, models.PROTECT, related_name="registrations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=Status)
    queued_at = models.DateTimeField(_("asked for"))
    seated_at = models.DateTimeField(_("seated"), null=True, blank=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        indexes = [
            models.Index(
                fields=["session", "queued_at", "id"],
                condition=models.Q(status="WAITING"),
                name="training_registration_queue",
            )
        ]
        constraints = [
            tenancy.TenantRows(name="training_registration_tenant"),
            models.UniqueConstraint(fields=["merchant", "session", "user"], name="training_registration_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.session_id}"


class RoomPost(models.Model):
    """What everybody in a room sees: an announcement, or a question without the name of who asked."""

    class Kind(models.TextChoices):
        ANNOUNCEMENT = "ANNOUNCEMENT", _("Announcement")
        QUESTION = "QUESTION", _("Question")

    session = models.ForeignKey(LiveSession, models.PROTECT, related_name="posts")
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.TextField()
    answer = models.TextField(blank=True)
    by_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["session", "-at", "-id"], name="training_roompost_recent")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.session_id}"


class RoomQuestion(models.Model):
    """A question somebody asked in a room; only its shop and the trainers see who."""

    class Status(models.TextChoices):
        PENDING = QuestionStatus.PENDING, _("Waits for the host")
        SHOWN = QuestionStatus.SHOWN, _("Shown to all")
        ANSWERED = QuestionStatus.ANSWERED, _("The host answered")
        DECLINED = QuestionStatus.DECLINED, _("Not taken up")

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    session = models.ForeignKey(LiveSession, models.PROTECT, related_name="questions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("question"), max_length=500)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PENDING)
    post = models.ForeignKey(RoomPost, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("question of a room")
        verbose_name_plural = _("questions of rooms")
        indexes = [models.Index(fields=["session", "-asked_at"], name="training_roomquestion_recent")]
        constraints = [tenancy.TenantRows(name="training_roomquestion_tenant")]

    def __str__(self) -> str:
        return f"question {self.pk} in {self.session_id}"


class Attendance(models.Model):
    """Which parts of a session a person saw while it was live, and which in the recording."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+")
    session = models.ForeignKey(LiveSession, models.PROTECT, related_name="attendances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    live = models.JSONField(default=list)
    live_seconds = models.PositiveIntegerField(_("seconds live"), default=0)
    replay = models.JSONField(default=list)
    replay_seconds = models.PositiveIntegerField(_("seconds of the recording"), default=0)
    position = models.FloatField(default=0)
    opened_at = models.DateTimeField()
    attended_at = models.DateTimeField(_("attended"), null=True, blank=True)
    replayed_at = models.DateTimeField(_("saw the recording"), null=True, blank=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            tenancy.TenantRows(name="training_attendance_tenant"),
            models.UniqueConstraint(fields=["merchant", "session", "user"], name="training_attendance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.session_id}"
