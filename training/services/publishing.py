"""A version on its way: submitted, read by a second person, published, superseded; and its learners told."""

import logging
from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling
from training import policies
from training.lifecycle import VersionStatus
from training.models import Course, CourseVersion
from training.queries import courses, learning
from training.rules import grams
from training.services import receiving, version_moves

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 100


@transaction
def submit(*, actor: Actor, version_id: int, at: datetime, note: str = "") -> CourseVersion:
    """Hand a draft to a second person."""
    version = courses.lock_version(version_id)
    require(policies.can_author(actor))
    if not version.lesson_count:
        raise Invalid(fields={"lessons": [_("A course needs at least one lesson.")]})
    if unready := receiving.states(version):
        raise Conflict("; ".join(f"{name}: {state}" for name, state in unready.items()))
    version_moves.move(version, "submit", actor=actor, at=at, note=note, submitted_by_id=_person(actor))
    return version


@transaction
def send_back(*, actor: Actor, version_id: int, at: datetime, note: str) -> CourseVersion:
    """Give a version back to its author, saying what to mend."""
    version = courses.lock_version(version_id)
    require(policies.can_review(actor, submitted_by_id=None))
    version_moves.move(version, "send_back", actor=actor, at=at, note=note, reviewed_by_id=None, publish_at=None)
    return version


@transaction
def approve(
    *, actor: Actor, version_id: int, at: datetime, note: str = "", publish_at: datetime | None = None
) -> CourseVersion:
    """Say that a version may be published: by hand, or by itself when `publish_at` has come."""
    version = courses.lock_version(version_id)
    require(policies.can_review(actor, submitted_by_id=version.submitted_by_id))
    fields = {"reviewed_by_id": _person(actor), "publish_at": publish_at}
    version_moves.move(version, "approve", actor=actor, at=at, note=note, **fields)
    return version


@transaction
def publish(*, actor: Actor, version_id: int, at: datetime) -> CourseVersion:
    """Publish an approved version in place of the one before; its learners will be told."""
    version = courses.lock_version(version_id)
    require(policies.can_author(actor) or policies.can_review(actor, submitted_by_id=None))
    _publish(version, actor=actor, at=at)
    return version


@transaction
def publish_own(*, actor: Actor, version_id: int, at: datetime) -> CourseVersion:
    """Publish a course the portal brings itself, which was reviewed as code is."""
    version = courses.lock_version(version_id)
    require(actor.kind == Kind.CLOCK)
    for name in ("submit", "approve"):
        version_moves.move(version, name, actor=actor, at=at)
    _publish(version, actor=actor, at=at)
    return version


def publish_due(*, now: datetime) -> int:
    """Publish the approved versions whose moment has come; return how many.

    Safe to run at any time and by several at once: each is looked at again under its lock.
    """
    published = 0
    for version_id in courses.to_publish(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            published += _publish_if_due(version_id=version_id, now=now)
        except Exception:
            logger.exception("Could not publish version %s", version_id)
    return published


def tell_learners(*, now: datetime) -> int:
    """Tell the shops whose people learned an older version what is new; return how many shops were told."""
    told = 0
    for version in courses.to_tell(now)[:SWEEP_LIMIT]:
        try:
            told += _tell(version, now=now)
        except Exception:
            logger.exception("Could not tell the learners of version %s", version.pk)
    return told


@transaction
def _publish_if_due(*, version_id: int, now: datetime) -> bool:
    version = courses.lock_version(version_id)
    if version.status != VersionStatus.APPROVED or version.publish_at is None or version.publish_at > now:
        return False
    _publish(version, actor=Actor.clock("training.publish_due"), at=now)
    return True


@transaction_required
def _publish(version: CourseVersion, *, actor: Actor, at: datetime) -> None:
    course = version.course
    older = course.published
    if older is not None:
        if older.number >= version.number:
            raise Conflict(_("A newer version is published already."))
        version_moves.move(older, "supersede", actor=actor, at=at, superseded_at=at)
    tell = at if older is not None else None
    version_moves.move(version, "publish", actor=actor, at=at, published_at=at, publish_at=None, tell_due_at=tell)
    _show(course, version, at=at)


def _show(course: Course, version: CourseVersion, *, at: datetime) -> None:
    for name, value in courses.facts_of(version).items():
        setattr(course, name, value)
    texts = [*version.title.values(), *version.summary.values(), course.code]
    course.published, course.published_at = version, at
    course.first_published_at = course.first_published_at or at
    course.grams = grams.of(*texts)
    course.words = " ".join(grams.plain(text) for text in texts)
    course.save()


def _tell(version: CourseVersion, *, now: datetime) -> int:
    told = 0
    for merchant_id in learning.shops_behind(version):  # each shop by itself; one that was told already stays so
        told += _tell_shop(version, merchant_id=merchant_id, now=now)
    _told(version_id=version.pk)
    return told


@transaction
def _tell_shop(version: CourseVersion, *, merchant_id: int, now: datetime) -> bool:
    notice = telling.queue(
        merchant_id=merchant_id,
        kind="training.new_version",
        at=now,
        params={"title": version.title, "note": version.change_note, "number": version.number},
        path=f"/m/training/courses/{version.course.code}/changes/",
        subject_id=version.pk,
        dedupe_key=f"course-version-{version.pk}",
    )
    return notice is not None


@transaction
def _told(*, version_id: int) -> None:
    version = courses.lock_version(version_id)
    version.tell_due_at = None
    version.save(update_fields=["tell_due_at"])


def _person(actor: Actor) -> int | None:
    return actor.id if actor.kind == Kind.USER else None
