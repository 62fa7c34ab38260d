"""Taking a course up, and moving on to its newer version."""

from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.models import Course, Enrolment, Lesson, Progress
from training.queries import assignments, certificates, courses, learning
from training.rules import changes
from training.services import completing


@transaction
def enrol(*, actor: Actor, course_id: int, at: datetime) -> Enrolment:
    """Take up a course; doing it again changes nothing."""
    require(policies.can_learn(actor, actor.merchant_id))
    return step_in(merchant_id=_shop(actor), user_id=_person(actor), course_id=course_id, at=at)


@transaction_required
def step_in(*, merchant_id: int, user_id: int, course_id: int, at: datetime) -> Enrolment:
    """Give a person a place in the published version of a course, or return the one they have."""
    course = courses.catalogue().filter(pk=course_id).first()
    if course is None:
        raise NotFound
    enrolment, _new = Enrolment.objects.get_or_create(
        merchant_id=merchant_id,
        user_id=user_id,
        course=course,
        defaults={"version_id": course.published_id, "enrolled_at": at, "active_at": at},
    )
    return enrolment


@transaction
def enrol_shop(*, actor: Actor, course_id: int, shop: str, at: datetime) -> int:
    """Give everybody of a shop (by its number) a place in a course; return how many people that is."""
    require(policies.can_author(actor))
    people = assignments.people_of_shop(shop)
    if not people:
        raise Invalid(fields={"shop": [_("There is no shop with this number, or nobody in it.")]})
    for merchant_id, user_id in people:
        step_in(merchant_id=merchant_id, user_id=user_id, course_id=course_id, at=at)
    audit.record(
        actor=actor,
        action="training.shop_enrolled",
        at=at,
        merchant_id=people[0][0],
        subject_kind="course",
        subject_id=course_id,
        after={"people": len(people)},
    )
    return len(people)


@transaction
def move_on(*, actor: Actor, course_id: int, at: datetime) -> Enrolment:
    """Go over to the published version: what says the same there counts as learned, the rest is to be learned."""
    enrolment = learning.lock_enrolment(merchant_id=actor.merchant_id, user_id=actor.id, course_id=course_id)
    require(policies.can_learn(actor, enrolment.merchant_id))
    course: Course = enrolment.course
    if course.published_id is None or course.published_id == enrolment.version_id:
        return enrolment
    _carry_over(enrolment, course.published_id)
    enrolment.version = course.published  # type: ignore[assignment]
    enrolment.active_at = at
    enrolment.completed_at = None
    enrolment.save(update_fields=["version", "active_at", "completed_at"])
    completing.count(enrolment, at=at)
    return enrolment


@transaction
def renew(*, actor: Actor, course_id: int, at: datetime) -> Enrolment:
    """Take a course up again for a new certificate: in its present version, its quizzes to be passed anew."""
    enrolment = learning.lock_enrolment(merchant_id=actor.merchant_id, user_id=actor.id, course_id=course_id)
    require(policies.can_learn(actor, enrolment.merchant_id))
    newest = certificates.newest_of(enrolment)
    if enrolment.completed_at is None or newest is None or not newest.is_near_its_end(at):
        raise Conflict(_("There is nothing to renew yet."))
    version_id = enrolment.course.published_id
    if version_id is not None and version_id != enrolment.version_id:
        _carry_over(enrolment, version_id)
        enrolment.version_id = version_id
    quizzes = Lesson.objects.filter(version_id=enrolment.version_id, kind=Lesson.Kind.QUIZ)
    Progress.objects.filter(merchant_id=enrolment.merchant_id, enrolment=enrolment, lesson__in=quizzes).delete()
    enrolment.renewed_at, enrolment.active_at, enrolment.completed_at = at, at, None
    enrolment.save(update_fields=["version", "renewed_at", "active_at", "completed_at"])
    enrolment.version = enrolment.course.published or enrolment.version
    completing.count(enrolment, at=at)
    return enrolment


def _carry_over(enrolment: Enrolment, version_id: int) -> None:
    old = courses.fingerprints_of(enrolment.version_id)
    same = set(changes.between(old, courses.fingerprints_of(version_id)).same)
    new_ids = dict(Lesson.objects.filter(version_id=version_id, code__in=same).values_list("code", "pk"))
    rows = Progress.objects.filter(merchant_id=enrolment.merchant_id, enrolment=enrolment).select_related("lesson")
    Progress.objects.bulk_create(
        [
            Progress(
                merchant_id=enrolment.merchant_id,
                enrolment=enrolment,
                lesson_id=new_ids[row.lesson.code],
                opened_at=row.opened_at,
                seen=row.seen,
                position=row.position,
                seconds=row.seconds,
                completed_at=row.completed_at,
            )
            for row in rows
            if row.lesson.version_id == enrolment.version_id and row.lesson.code in new_ids
        ],
        ignore_conflicts=True,
    )


def _shop(actor: Actor) -> int:
    return actor.merchant_id or 0


def _person(actor: Actor) -> int:
    return actor.id or 0
