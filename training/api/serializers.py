"""What the API of training takes and answers; texts come by language (zh, en)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from merchant_protection.accounts.models import Role
from merchant_protection.foundation.api.fields import Flag, Moment, Number, Text, Whole
from training.models import (
    Assignment,
    Attempt,
    Attendance,
    Certificate,
    Course,
    Enrolment,
    LiveSession,
    Registration,
    RoomQuestion,
)

PAIR = {"type": "object", "additionalProperties": {"type": "string"}}
MOST = 2_000_000_000
SECONDS = 1_000_000


@extend_schema_field(PAIR)
class Words(serializers.JSONField):
    """A text by language."""


class LessonOut(serializers.Serializer[Any]):
    """A lesson of a course."""

    code = serializers.CharField(read_only=True)
    module = serializers.CharField(read_only=True, source="module.code")
    kind = serializers.CharField(read_only=True)
    title = Words(read_only=True)
    minutes = serializers.IntegerField(read_only=True)
    completed_at = serializers.DateTimeField(read_only=True, allow_null=True)


class CourseOut(serializers.ModelSerializer[Course]):
    """A course of the catalogue."""

    title = Words(read_only=True)
    summary = Words(read_only=True)
    version = serializers.IntegerField(read_only=True, source="published.number")

    class Meta:
        model = Course
        fields: tuple[str, ...] = (
            *("id", "code", "title", "summary", "area", "level", "audience", "languages", "prerequisites", "minutes"),
            *("lesson_count", "feature", "certificate_months", "version", "published_at", "first_published_at"),
        )
        read_only_fields = fields


class CourseDetailOut(CourseOut):
    """A course with its lessons."""

    lessons = serializers.SerializerMethodField()

    class Meta(CourseOut.Meta):
        fields = (*CourseOut.Meta.fields, "lessons")

    @extend_schema_field(LessonOut(many=True))
    def get_lessons(self, course: Course) -> Any:
        return LessonOut(self.context.get("lessons", []), many=True).data


class EnrolmentOut(serializers.ModelSerializer[Enrolment]):
    """Who learns what, and how far they are."""

    course = serializers.CharField(read_only=True, source="course.code")
    version = serializers.IntegerField(read_only=True, source="version.number")
    lesson_count = serializers.IntegerField(read_only=True, source="version.lesson_count")
    person = serializers.CharField(read_only=True, source="user.display_name")

    class Meta:
        model = Enrolment
        fields: tuple[str, ...] = (
            *("id", "course", "version", "user", "person", "enrolled_at", "active_at", "lessons_done"),
            *("lesson_count", "completed_at"),
        )
        read_only_fields = fields


class ProgressOut(serializers.Serializer[Any]):
    """How far somebody is in a lesson."""

    seconds = serializers.IntegerField(read_only=True)
    position = serializers.FloatField(read_only=True)
    completed_at = serializers.DateTimeField(read_only=True, allow_null=True)


class BeatIn(serializers.Serializer[Any]):
    """When one was at it (seconds ago, from and until), which parts of a video were seen, and where one is."""

    spans = serializers.ListField(
        child=serializers.ListField(child=Number(min_value=0, max_value=SECONDS), min_length=2, max_length=2),
        max_length=50,
        default=list,
    )
    seen = serializers.ListField(
        child=serializers.ListField(child=Number(min_value=0, max_value=SECONDS), min_length=2, max_length=2),
        max_length=50,
        default=list,
    )
    position = Number(min_value=0, max_value=SECONDS, required=False)


class AttemptOut(serializers.ModelSerializer[Attempt]):
    """An attempt at a quiz."""

    lesson = serializers.CharField(read_only=True, source="lesson.code")
    course = serializers.CharField(read_only=True, source="enrolment.course.code")

    class Meta:
        model = Attempt
        fields: tuple[str, ...] = (
            *("id", "course", "lesson", "number", "started_at", "deadline_at", "closed_at", "points", "out_of"),
            "passed",
        )
        read_only_fields = fields


class QuestionOut(serializers.Serializer[Any]):
    """A question as an attempt shows it; options are named by their place in this list."""

    id = serializers.IntegerField(read_only=True)
    kind = serializers.CharField(read_only=True)
    text = Words(read_only=True)
    options = serializers.ListField(child=Words(), read_only=True)
    is_answered = serializers.BooleanField(read_only=True)


class AttemptDetailOut(AttemptOut):
    """An attempt with its questions."""

    questions = serializers.SerializerMethodField()

    class Meta(AttemptOut.Meta):
        fields = (*AttemptOut.Meta.fields, "questions")

    @extend_schema_field(QuestionOut(many=True))
    def get_questions(self, attempt: Attempt) -> Any:
        return QuestionOut(self.context["questions"], many=True).data


class AnswerIn(serializers.Serializer[Any]):
    """An answer: places of options, true or false, or a number, as the kind of the question wants it."""

    question = Whole(min_value=1, max_value=MOST)
    given = serializers.JSONField()


class AnswerOut(serializers.Serializer[Any]):
    """Whether an answer was right, and why."""

    question = serializers.IntegerField(read_only=True, source="question_id")
    is_right = serializers.BooleanField(read_only=True)
    explanation = Words(read_only=True, source="question.explanation")


class CertificateOut(serializers.ModelSerializer[Certificate]):
    """A certificate."""

    course = serializers.CharField(read_only=True, source="course.code")
    version = serializers.IntegerField(read_only=True, source="version.number")
    revoked_reason = serializers.CharField(read_only=True)

    class Meta:
        model = Certificate
        fields: tuple[str, ...] = (
            *("id", "code", "course", "version", "user", "holder_name", "shop_name", "issued_at", "expires_at"),
            *("revoked_at", "revoked_reason"),
        )
        read_only_fields = fields


class SessionOut(serializers.ModelSerializer[LiveSession]):
    """A live session."""

    title = Words(read_only=True)
    summary = Words(read_only=True)
    course = serializers.CharField(read_only=True, source="course.code", allow_null=True, default=None)
    host = serializers.CharField(read_only=True, source="host.display_name")

    class Meta:
        model = LiveSession
        fields: tuple[str, ...] = (
            *("id", "title", "summary", "course", "host", "starts_at", "ends_at", "time_zone", "capacity"),
            *("seats_taken", "waiting", "status", "attendance_percent"),
        )
        read_only_fields = fields


class RegistrationOut(serializers.ModelSerializer[Registration]):
    """A seat, or a place in the queue."""

    class Meta:
        model = Registration
        fields: tuple[str, ...] = ("session", "user", "status", "queued_at", "seated_at")
        read_only_fields = fields


class QuestionIn(serializers.Serializer[Any]):
    """A question to the host."""

    text = Text(max_length=500)


class RoomQuestionOut(serializers.ModelSerializer[RoomQuestion]):
    """A question to the host, and what became of it."""

    class Meta:
        model = RoomQuestion
        fields: tuple[str, ...] = ("id", "session", "text", "status", "asked_at")
        read_only_fields = fields


class AttendanceOut(serializers.ModelSerializer[Attendance]):
    """What somebody saw of a session, live and of the recording."""

    class Meta:
        model = Attendance
        fields: tuple[str, ...] = ("session", "user", "live_seconds", "replay_seconds", "attended_at", "replayed_at")
        read_only_fields = fields


class AssignmentOut(serializers.ModelSerializer[Assignment]):
    """What a shop should or must learn."""

    course = serializers.CharField(read_only=True, source="course.code")
    role = serializers.CharField(read_only=True)
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = Assignment
        fields: tuple[str, ...] = (
            *("id", "course", "user", "role", "is_required", "due_at", "reason", "assigned_by", "assigned_at"),
            "ended_at",
        )
        read_only_fields = fields


class AssignmentIn(serializers.Serializer[Any]):
    """A course asked of a person, a role, or everybody in the shop."""

    course = Text(max_length=60)
    user = Whole(min_value=1, max_value=MOST, required=False, allow_null=True)
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_required = Flag(default=True)
    due_at = Moment(required=False, allow_null=True)
    reason = Text(max_length=200, allow_blank=True, default="")


class LearningTimeOut(serializers.Serializer[Any]):
    """How long a person learned in a period."""

    user = serializers.IntegerField(read_only=True, source="user_id")
    person = serializers.CharField(read_only=True, source="user__display_name")
    seconds = serializers.IntegerField(read_only=True)


class PeriodIn(serializers.Serializer[Any]):
    """A period; the last 30 days when nothing is said."""

    since = Moment(required=False)
    until = Moment(required=False)
