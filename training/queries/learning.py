"""Every read of who learns what."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Extract

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from training.models import Answer, Attempt, CourseVersion, Enrolment, Learner, Lesson, Progress, StudySpan
from training.queries.sight import sees_all, sees_team


def visible_to(actor: Actor) -> QuerySet[Enrolment]:
    """Return who learns what in the actor's shops: owners see all, others themselves, trainers everybody."""
    tenancy.require_scope()
    enrolments = Enrolment.objects.prefetch_related("course", "version", "user", "merchant")  # see sight.py
    if sees_all(actor):
        return enrolments
    shop = actor.merchant_id or 0
    mine = enrolments.filter(merchant_id=shop)
    return mine if sees_team(actor) else mine.filter(user_id=actor.id)


def enrolment(*, merchant_id: int, user_id: int | None, course_id: int) -> Enrolment | None:
    """Return a person's place in a course, if they have one."""
    rows = Enrolment.objects.filter(merchant_id=merchant_id, user_id=user_id, course_id=course_id)
    return rows.select_related("version", "course").first()


def enrolments_in(*, merchant_id: int, user_id: int | None, course_ids: Iterable[int]) -> dict[int, Enrolment]:
    """Return a person's places in these courses, by course."""
    rows = Enrolment.objects.filter(merchant_id=merchant_id, user_id=user_id, course_id__in=list(course_ids))
    return {row.course_id: row for row in rows.select_related("version")}


def to_continue(*, merchant_id: int, user_id: int | None) -> QuerySet[Enrolment]:
    """Return what a person began and did not finish, last touched first."""
    rows = Enrolment.objects.filter(merchant_id=merchant_id, user_id=user_id, completed_at__isnull=True)
    return rows.select_related("course", "version").order_by("-active_at", "-pk")


def shops_behind(version: CourseVersion) -> list[int]:
    """Return the shops whose people learned an older version of this course."""
    tenancy.require_scope()
    rows = Enrolment.objects.filter(course_id=version.course_id).exclude(version_id=version.pk)
    return list(rows.values_list("merchant_id", flat=True).distinct().order_by("merchant_id"))


def lock_enrolment(*, merchant_id: int | None, user_id: int | None, course_id: int) -> Enrolment:
    """Return a person's place in a course, locked."""
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("version", "course")
    found = rows.filter(merchant_id=merchant_id, user_id=user_id, course_id=course_id).first()
    if found is None:
        raise NotFound
    return found


def lock_own(enrolment: Enrolment) -> Enrolment:
    """Return the same place in a course, locked and as it is now."""
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("version", "course")
    return rows.get(merchant_id=enrolment.merchant_id, pk=enrolment.pk)


def progress_of(enrolment: Enrolment) -> dict[int, Progress]:
    """Return how far somebody is, by lesson."""
    rows = Progress.objects.filter(merchant_id=enrolment.merchant_id, enrolment=enrolment)
    return {row.lesson_id: row for row in rows}


def progress_in(enrolment: Enrolment, lesson_id: int) -> Progress | None:
    """Return how far somebody is in one lesson."""
    return Progress.objects.filter(merchant_id=enrolment.merchant_id, enrolment=enrolment, lesson_id=lesson_id).first()


def lessons_left(enrolment: Enrolment) -> int:
    """Return how many lessons of the version somebody learns are not finished."""
    done = Progress.objects.filter(
        merchant_id=enrolment.merchant_id, enrolment=enrolment, completed_at__isnull=False
    ).values("lesson_id")
    return Lesson.objects.filter(version_id=enrolment.version_id).exclude(pk__in=done).count()


def lock_learner(*, merchant_id: int, user_id: int) -> Learner:
    """Return the person as learner, locked while their time is counted."""
    Learner.objects.get_or_create(merchant_id=merchant_id, user_id=user_id)
    return Learner.objects.select_for_update().get(merchant_id=merchant_id, user_id=user_id)


def spans_between(*, merchant_id: int, user_id: int, since: datetime, until: datetime) -> QuerySet[StudySpan]:
    """Return the learning time of a person that touches a period, newest first."""
    rows = StudySpan.objects.filter(merchant_id=merchant_id, user_id=user_id, ended_at__gte=since)
    return rows.filter(started_at__lte=until).order_by("-ended_at")


def spans_visible_to(actor: Actor) -> QuerySet[StudySpan]:
    """Return the learning time the actor may see."""
    tenancy.require_scope()
    rows = StudySpan.objects.select_related("user", "merchant")
    if sees_all(actor):
        return rows
    mine = rows.filter(merchant_id=actor.merchant_id or 0)
    return mine if sees_team(actor) else mine.filter(user_id=actor.id)


def seconds_by_person(spans: QuerySet[StudySpan]) -> QuerySet[StudySpan, Any]:
    """Return how many seconds each person learned, with name and shop."""
    people = spans.values("merchant_id", "user_id", "user__display_name", "user__email", "merchant__name")
    seconds = Extract(F("ended_at") - F("started_at"), "epoch")
    return people.annotate(seconds=Sum(seconds)).order_by("merchant_id", "user__display_name", "user_id")


def attempts_at(enrolment: Enrolment, lesson_id: int) -> QuerySet[Attempt]:
    """Return somebody's attempts at a quiz, newest first; those before a renewal no longer count."""
    rows = Attempt.objects.filter(merchant_id=enrolment.merchant_id, enrolment=enrolment, lesson_id=lesson_id)
    if enrolment.renewed_at is not None:
        rows = rows.filter(started_at__gte=enrolment.renewed_at)
    return rows.order_by("-number")


def attempts_ever(enrolment: Enrolment, lesson_id: int) -> int:
    """Return how many attempts there ever were, which numbers the next."""
    return Attempt.objects.filter(merchant_id=enrolment.merchant_id, enrolment=enrolment, lesson_id=lesson_id).count()


def attempts_visible_to(actor: Actor) -> QuerySet[Attempt]:
    """Return the attempts of the actor's shop; owners see all, others their own, trainers everybody's."""
    tenancy.require_scope()
    rows = Attempt.objects.select_related("enrolment", "enrolment__course", "lesson")
    if sees_all(actor):
        return rows
    mine = rows.filter(merchant_id=actor.merchant_id or 0)
    return mine if sees_team(actor) else mine.filter(enrolment__user_id=actor.id)


def attempt_of(*, merchant_id: int, user_id: int | None, attempt_id: int) -> Attempt:
    """Return one of a person's own attempts."""
    rows = Attempt.objects.select_related("enrolment", "enrolment__course", "lesson")
    found = rows.filter(merchant_id=merchant_id, enrolment__user_id=user_id, pk=attempt_id).first()
    if found is None:
        raise NotFound
    return found


def lock_attempt(*, merchant_id: int | None, user_id: int | None, attempt_id: int) -> Attempt:
    """Return one of a person's own attempts, locked."""
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("enrolment", "lesson")
    found = rows.filter(merchant_id=merchant_id, enrolment__user_id=user_id, pk=attempt_id).first()
    if found is None:
        raise NotFound
    return found


def answers_of(attempt: Attempt) -> dict[int, Answer]:
    """Return what was answered in an attempt, by question."""
    return {row.question_id: row for row in Answer.objects.filter(merchant_id=attempt.merchant_id, attempt=attempt)}


def answers_to(course_id: int) -> list[dict[str, Any]]:
    """Return every answer to the questions of a course in closed attempts, of all shops."""
    tenancy.require_scope()
    rows: Any = Answer.objects.filter(attempt__enrolment__course_id=course_id, attempt__closed_at__isnull=False)
    columns = ("attempt_id", "is_right", "question__code", "question__text")
    return list(rows.order_by("attempt_id", "pk").values(*columns)[:200_000])


def overdue_attempts(now: datetime) -> QuerySet[Attempt]:
    """Return the open attempts whose time is up."""
    tenancy.require_scope()
    return Attempt.objects.filter(closed_at__isnull=True, deadline_at__lte=now).order_by("deadline_at", "pk")
