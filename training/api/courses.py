"""Courses over the API: the catalogue for programs, learning for people."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from merchant_protection.accounts.api.programs import ForPrograms
from merchant_protection.foundation.api.pagination import Cursor
from merchant_protection.foundation.api.views import Resource
from training.api import filters
from training.api.attempts import detail_of
from training.api.serializers import AttemptDetailOut, BeatIn, CourseDetailOut, CourseOut, EnrolmentOut, ProgressOut
from training.models import Course
from training.policies import READ
from training.queries import courses, learning
from training.services import attempts, enrolling, studying, timing

CODE = "[a-z0-9][a-z0-9-]{0,59}"
LESSON = rf"lessons/(?P<lesson>{CODE})"


class Newest(Cursor):
    """The course published last first."""

    ordering = ("-published_at", "-id")  # type: ignore[assignment]  # unique together, as a cursor needs


@extend_schema(tags=["Training"])
class Courses(mixins.ListModelMixin, ForPrograms, Resource):
    """The catalogue of courses, and learning them."""

    read_scope = READ
    people_only = frozenset({"enrol", "read", "beat", "attempts", "move_on"})
    queryset = Course._default_manager.none()
    serializer_class = CourseOut
    filterset_class = filters.CourseFilter
    pagination_class = Newest
    lookup_field = "code"
    lookup_value_regex = CODE

    def get_queryset(self) -> QuerySet[Course]:
        return courses.catalogue().select_related("published")

    @extend_schema(responses=CourseDetailOut)
    def retrieve(self, request: Request, code: str) -> Response:
        """Return a course with its lessons, and how far the person is who asks."""
        course = self.get_object()
        mine = learning.enrolment(merchant_id=self.actor.merchant_id or 0, user_id=self.actor.id, course_id=course.pk)
        mine = mine if self.actor.merchant_roles else None
        progress = learning.progress_of(mine) if mine else {}
        lessons = courses.lessons_with_modules(mine.version_id if mine else course.published_id)
        for lesson in lessons:
            known = progress.get(lesson.pk)
            lesson.completed_at = known.completed_at if known else None  # type: ignore[attr-defined]
        return Response(CourseDetailOut(course, context={"lessons": lessons}).data)

    @extend_schema(request=None, responses={201: EnrolmentOut})
    @action(detail=True, methods=["post"])
    def enrol(self, request: Request, code: str) -> Response:
        """Take a course up."""
        enrolment = enrolling.enrol(actor=self.actor, course_id=self.get_object().pk, at=timezone.now())
        return Response(EnrolmentOut(enrolment).data, status=201)

    @extend_schema(request=None, responses=EnrolmentOut)
    @action(detail=True, methods=["post"], url_path="move-on")
    def move_on(self, request: Request, code: str) -> Response:
        """Go over to the published version; what says the same counts as learned."""
        enrolment = enrolling.move_on(actor=self.actor, course_id=self.get_object().pk, at=timezone.now())
        return Response(EnrolmentOut(enrolment).data)

    @extend_schema(request=None, responses=ProgressOut)
    @action(detail=True, methods=["post"], url_path=f"{LESSON}/read")
    def read(self, request: Request, code: str, lesson: str) -> Response:
        """Say that a text was read."""
        course = self.get_object()
        done = studying.mark_read(actor=self.actor, course_id=course.pk, code=lesson, at=timezone.now())
        return Response(ProgressOut(done).data)

    @extend_schema(request=BeatIn, responses=ProgressOut)
    @action(detail=True, methods=["post"], url_path=f"{LESSON}/beat")
    def beat(self, request: Request, code: str, lesson: str) -> Response:
        """Count learning time and the seen parts of a video."""
        course = self.get_object()
        told = told_in(request.data)
        done = timing.beat(actor=self.actor, course_id=course.pk, code=lesson, told=told, at=timezone.now())
        return Response(ProgressOut(done).data)

    @extend_schema(request=None, responses={201: AttemptDetailOut})
    @action(detail=True, methods=["post"], url_path=f"{LESSON}/attempts")
    def attempts(self, request: Request, code: str, lesson: str) -> Response:
        """Begin an attempt at a quiz, or return the one that is going on."""
        course = self.get_object()
        made = attempts.start(actor=self.actor, course_id=course.pk, code=lesson, at=timezone.now())
        return Response(detail_of(self.actor, made.pk), status=201)


def told_in(data: Any) -> timing.Beat:
    """Return a heartbeat as it was sent."""
    said = BeatIn(data=data)
    said.is_valid(raise_exception=True)
    return timing.Beat(**said.validated_data)
