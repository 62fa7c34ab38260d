"""What a version consists of; the database refuses to change any of it once the version left the draft."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from training.models.courses import CourseVersion


class Module(models.Model):
    """A chapter of a course."""

    version = models.ForeignKey(CourseVersion, models.CASCADE, related_name="modules")
    code = models.SlugField(max_length=60)
    title = models.JSONField(_("title"), default=dict)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="training_module_code"),
            models.UniqueConstraint(
                fields=["version", "position"],
                name="training_module_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Lesson(models.Model):
    """One thing to learn in a sitting: an article, a video, a file, a quiz or a live session."""

    class Kind(models.TextChoices):
        ARTICLE = "ARTICLE", _("Article")
        VIDEO = "VIDEO", _("Video")
        DOWNLOAD = "DOWNLOAD", _("Download")
        QUIZ = "QUIZ", _("Quiz")
        LIVE = "LIVE", _("Live session")

    version = models.ForeignKey(CourseVersion, models.CASCADE, related_name="lessons")
    module = models.ForeignKey(Module, models.CASCADE, related_name="lessons")
    code = models.SlugField(max_length=60)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    title = models.JSONField(_("title"), default=dict)
    minutes = models.PositiveIntegerField(_("minutes"), default=1)
    position = models.PositiveIntegerField()
    body = models.JSONField(_("text"), default=dict, blank=True)
    video = models.CharField(_("video"), max_length=500, blank=True)
    duration = models.PositiveIntegerField(_("seconds"), null=True, blank=True)
    threshold = models.PositiveIntegerField(_("percent to be seen"), default=90, validators=[MaxValueValidator(100)])
    captions = models.JSONField(_("captions"), default=dict, blank=True)
    file = models.JSONField(_("file"), default=dict, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="training_lesson_code"),
            models.UniqueConstraint(
                fields=["version", "position"],
                name="training_lesson_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CourseFile(models.Model):
    """A picture, caption, video or download of a version.

    What people send is a stored file: quarantined, opened apart, and shown by its clean copy. What the portal brings
    itself is kept under its fingerprint.
    """

    version = models.ForeignKey(CourseVersion, models.CASCADE, related_name="files")
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    stored_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="training_coursefile_name")]

    def __str__(self) -> str:
        return self.name


class Quiz(models.Model):
    """How a quiz lesson examines: what it draws from, what must be reached, how often and how fast."""

    version = models.ForeignKey(CourseVersion, models.CASCADE, related_name="quizzes")
    lesson = models.OneToOneField(Lesson, models.CASCADE, related_name="quiz")
    topics = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    questions = models.PositiveIntegerField(_("questions"))
    pass_mark = models.PositiveIntegerField(_("percent to pass"), validators=[MaxValueValidator(100)])
    attempts = models.PositiveIntegerField(_("attempts"), null=True, blank=True)
    cooldown_minutes = models.PositiveIntegerField(_("minutes between attempts"), default=0)
    time_limit_minutes = models.PositiveIntegerField(_("minutes allowed"), null=True, blank=True)

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")

    def __str__(self) -> str:
        return f"quiz {self.lesson_id}"


class Question(models.Model):
    """A question of a course's bank; `code` names the same question through all versions."""

    class Kind(models.TextChoices):
        SINGLE = "SINGLE", _("One answer")
        MULTIPLE = "MULTIPLE", _("Several answers")
        TRUE_FALSE = "TRUE_FALSE", _("True or false")
        NUMERIC = "NUMERIC", _("A number")
        ORDERING = "ORDERING", _("Put in order")

    version = models.ForeignKey(CourseVersion, models.CASCADE, related_name="questions")
    code = models.SlugField(max_length=60)
    topic = models.SlugField(_("topic"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    points = models.PositiveIntegerField(_("points"), default=1)
    position = models.PositiveIntegerField(default=0)
    text = models.JSONField(_("text"), default=dict)
    options = models.JSONField(default=list, blank=True)
    answer = models.JSONField(null=True, blank=True)
    tolerance = models.FloatField(default=0)
    unit = models.JSONField(default=dict, blank=True)
    explanation = models.JSONField(_("explanation"), default=dict, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="training_question_code")]

    def __str__(self) -> str:
        return self.code
