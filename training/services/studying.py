"""Learning a lesson: opening it, reading or seeing it, and the time it took."""

from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.models import Enrolment, Lesson, Progress
from training.queries import courses, learning
from training.services import completing


@transaction
def open_lesson(*, actor: Actor, course_id: int, code: str, at: datetime) -> Progress:
    """Note that somebody opened a lesson, so that it can be continued."""
    enrolment, lesson = _place(actor, course_id, code)
    return _progress(enrolment, lesson, at=at)


@transaction
def mark_read(*, actor: Actor, course_id: int, code: str, at: datetime) -> Progress:
    """Say that a text was read to its end."""
    enrolment, lesson = _place(actor, course_id, code)
    if lesson.kind != Lesson.Kind.ARTICLE:
        raise Conflict(_("Only a text is finished by saying so."))
    progress = _progress(enrolment, lesson, at=at)
    completing.finish(progress, enrolment, at=at)
    return progress


@transaction
def note_download(*, actor: Actor, course_id: int, code: str, at: datetime) -> Progress:
    """Note that somebody took the file of a lesson."""
    enrolment, lesson = _place(actor, course_id, code)
    if lesson.kind != Lesson.Kind.DOWNLOAD:
        raise Conflict(_("This lesson has no file to take."))
    progress = _progress(enrolment, lesson, at=at)
    completing.finish(progress, enrolment, at=at)
    return progress


def _place(actor: Actor, course_id: int, code: str) -> tuple[Enrolment, Lesson]:
    enrolment = learning.lock_enrolment(merchant_id=actor.merchant_id, user_id=actor.id, course_id=course_id)
    require(policies.can_learn(actor, enrolment.merchant_id))
    return enrolment, courses.lesson(enrolment.version_id, code)


@transaction_required
def _progress(enrolment: Enrolment, lesson: Lesson, *, at: datetime) -> Progress:
    progress, _new = Progress.objects.get_or_create(
        merchant_id=enrolment.merchant_id, enrolment=enrolment, lesson=lesson, defaults={"opened_at": at}
    )
    enrolment.active_at = at
    enrolment.save(update_fields=["active_at"])
    return progress
