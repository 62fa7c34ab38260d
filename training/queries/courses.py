"""Every read of courses and their versions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import NotFound
from training.lifecycle import UNPUBLISHED, VersionStatus
from training.models import Course, CourseFile, CourseVersion, Lesson, Module, Question, Quiz, VersionMove
from training.queries import assignments
from training.queries.sight import sees_all
from training.rules import grams

RECENT = ["-published_at", "-id"]
MOST_ASKED = 500


def visible_to(actor: Actor) -> QuerySet[Course]:
    """Return the published courses, which everybody may know; trainers see those being written too."""
    courses = Course.objects.all()
    return courses if sees_all(actor) else courses.filter(published__isnull=False)


def catalogue() -> QuerySet[Course]:
    """Return the courses that can be learned."""
    return Course.objects.filter(published__isnull=False)


def search(courses: QuerySet[Course], text: str) -> QuerySet[Course]:
    """Return the courses that hold every word of the query, in Chinese or English, inside words too."""
    wanted = grams.needed(text)
    if not wanted:
        return courses.none() if text.strip() else courses
    found = courses.filter(grams__contains=wanted)
    for term in grams.terms(text):
        found = found.filter(words__contains=term)
    return found


def for_role(courses: QuerySet[Course], role: str | None) -> QuerySet[Course]:
    """Return the courses meant for a role, or for everybody."""
    return courses.filter(Q(audience=[]) | Q(audience__contains=[role or ""]))


def first_published_since(courses: QuerySet[Course], since: datetime) -> QuerySet[Course]:
    """Return the courses that did not exist before a moment."""
    return courses.filter(first_published_at__gte=since)


def asked_of(courses: QuerySet[Course], actor: Actor, *, is_required: bool) -> QuerySet[Course]:
    """Return the courses that are required of a person, or recommended to them."""
    asked = assignments.open_for(actor).order_by().filter(is_required=is_required)
    return courses.filter(pk__in=list(asked.values_list("course_id", flat=True)[:MOST_ASKED]))


def versions_published_since(course_ids: Iterable[int], since: datetime) -> dict[int, int]:
    """Return how often each of these courses was published anew since a moment, its first version left out."""
    rows = CourseVersion.objects.filter(course_id__in=list(course_ids), published_at__gte=since, number__gt=1)
    return dict(rows.values_list("course_id").annotate(count=Count("pk")))


def versions_of(course: Course) -> QuerySet[CourseVersion]:
    """Return what was published of a course, newest first."""
    return CourseVersion.objects.filter(course=course).exclude(status__in=UNPUBLISHED).order_by("-number")


def versions_visible_to(actor: Actor) -> QuerySet[CourseVersion]:
    """Return all versions to trainers, the published ones to everybody else."""
    versions = CourseVersion.objects.select_related("course")
    return versions if sees_all(actor) else versions.exclude(status__in=UNPUBLISHED)


def titles_of(codes: Sequence[str]) -> dict[str, Course]:
    """Return the published courses with these codes."""
    return {course.code: course for course in catalogue().filter(code__in=codes)}


def modules_of(version_id: int | None) -> list[Module]:
    """Return a version's modules in order, each with its lessons in order."""
    lessons = lessons_with_modules(version_id)
    modules = {lesson.module_id: lesson.module for lesson in lessons}
    for module in modules.values():
        module.in_order = [lesson for lesson in lessons if lesson.module_id == module.pk]  # type: ignore[attr-defined]
    return sorted(modules.values(), key=lambda module: module.position)


def lessons_of(version_id: int) -> list[Lesson]:
    """Return a version's lessons in order, without their texts."""
    return list(Lesson.objects.filter(version_id=version_id).defer("body").order_by("position"))


def lessons_with_modules(version_id: int | None) -> list[Lesson]:
    """Return a version's lessons in order, each with its module."""
    rows = Lesson.objects.filter(version_id=version_id).select_related("module").defer("body")
    return list(rows.order_by("position"))


def lesson(version_id: int, code: str) -> Lesson:
    """Return one lesson of a version."""
    found = Lesson.objects.filter(version_id=version_id, code=code).first()
    if found is None:
        raise NotFound
    return found


def quiz_of(lesson_id: int) -> Quiz:
    """Return how a quiz lesson examines."""
    found = Quiz.objects.select_related("lesson").filter(lesson_id=lesson_id).first()
    if found is None:
        raise NotFound
    return found


def questions_of(version_id: int, topics: Sequence[str] = ()) -> QuerySet[Question]:
    """Return the bank of a version, all of it or some topics."""
    questions = Question.objects.filter(version_id=version_id).order_by("position", "pk")
    return questions.filter(topic__in=list(topics)) if topics else questions


def file_of(version_id: int, name: str) -> CourseFile:
    """Return a file of a version."""
    found = CourseFile.objects.filter(version_id=version_id, name=name).first()
    if found is None:
        raise NotFound
    return found


def files_of(version_id: int) -> QuerySet[CourseFile]:
    """Return the files of a version."""
    return CourseFile.objects.filter(version_id=version_id).order_by("name")


def fingerprints_of(version_id: int) -> dict[str, str]:
    """Return lesson code → fingerprint of what it says, in order."""
    rows = Lesson.objects.filter(version_id=version_id).order_by("position")
    return dict(rows.values_list("code", "digest"))


def history_of(version: CourseVersion) -> QuerySet[VersionMove]:
    """Return what became of a version, newest first."""
    return VersionMove.objects.filter(version=version).order_by("-pk")


def by_code(code: str) -> Course | None:
    """Return the course with this code, published or not."""
    return Course.objects.filter(code=code).first()


def lock_by_code(code: str) -> Course | None:
    """Return the course with this code, locked."""
    return Course.objects.select_for_update().filter(code=code).first()


def draft_of(course_id: int) -> CourseVersion | None:
    """Return the version that is being written or reviewed."""
    return CourseVersion.objects.filter(course_id=course_id, status__in=UNPUBLISHED).first()


def lock_version(version_id: int) -> CourseVersion:
    """Return a version with its course, both locked."""
    version = (
        CourseVersion.objects.select_for_update(of=("self", "course"))
        .select_related("course")
        .filter(pk=version_id)
        .first()
    )
    if version is None:
        raise NotFound
    return version


def to_publish(now: datetime) -> QuerySet[CourseVersion]:
    """Return the approved versions whose moment has come."""
    due = CourseVersion.objects.filter(status=VersionStatus.APPROVED, publish_at__lte=now)
    return due.order_by("publish_at", "pk")


def to_tell(now: datetime) -> QuerySet[CourseVersion]:
    """Return the published versions of which learners have yet to be told."""
    return CourseVersion.objects.filter(tell_due_at__lte=now).select_related("course").order_by("tell_due_at", "pk")


def differs_from_published(draft: CourseVersion) -> bool:
    """Whether a draft says anything that the published version does not."""
    published = draft.course.published
    if published is None:
        return True
    if facts_of(draft) != facts_of(published) or draft.change_note != published.change_note:
        return True
    return any(_said(model, draft) != _said(model, published) for model in (Lesson, Module, CourseFile))


def _said(model: Any, version: CourseVersion) -> list[Any]:
    names = {Lesson: ("code", "title", "minutes", "digest"), Module: ("code", "title"), CourseFile: ("name", "digest")}
    return list(model.objects.filter(version=version).order_by("pk").values_list(*names[model]))


def facts_of(version: CourseVersion) -> Mapping[str, Any]:
    """Return what a version says of the course, as columns."""
    names = [field.name for field in Course._meta.fields if field.name not in OWN]
    return {name: getattr(version, name) for name in names}


OWN = {"id", "code", "published", "published_at", "first_published_at", "grams", "words", "created_at"}
