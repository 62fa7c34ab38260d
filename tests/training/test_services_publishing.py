"""A version on its way, and TR-03: what was published never changes."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, NotAllowed
from merchant_protection.notices.models import Notice
from tests.factories.accounts import UserFactory
from tests.fixtures.people import Persona
from tests.training import folders
from training.lifecycle import VERSION_MOVES
from training.models import Course, CourseVersion, Lesson, Question, VersionMove
from training.services import enrolling, importing, publishing, writing

pytestmark = pytest.mark.django_db
STATUSES = ("DRAFT", "IN_REVIEW", "APPROVED", "PUBLISHED", "SUPERSEDED")
LEGAL = {
    ("DRAFT", "submit"): "IN_REVIEW",
    ("IN_REVIEW", "send_back"): "DRAFT",
    ("APPROVED", "send_back"): "DRAFT",
    ("IN_REVIEW", "approve"): "APPROVED",
    ("APPROVED", "publish"): "PUBLISHED",
    ("PUBLISHED", "supersede"): "SUPERSEDED",
}


@pytest.fixture
def second(db: None) -> Persona:
    return Persona(UserFactory(trainer=True, display_name="Tom Trainer"))


def draft_of(trainer: Persona, at: datetime, **changes: str) -> CourseVersion:
    return importing.draft_from_folder(actor=trainer.actor, content=folders.articles(**changes), at=at)  # type: ignore[arg-type]


def test_every_move_from_every_status() -> None:
    found = {
        (status, name): VERSION_MOVES[name].target
        for status in STATUSES
        for name in VERSION_MOVES
        if status in VERSION_MOVES[name].sources
    }

    assert found == LEGAL


@pytest.mark.usefixtures("platform_scope")
def test_a_draft_is_published_by_two_people(trainer: Persona, second: Persona, now: datetime) -> None:
    draft = draft_of(trainer, now)
    publishing.submit(actor=trainer.actor, version_id=draft.pk, at=now)

    with pytest.raises(NotAllowed):
        publishing.approve(actor=trainer.actor, version_id=draft.pk, at=now)
    publishing.approve(actor=second.actor, version_id=draft.pk, at=now, note="Read.")
    publishing.publish(actor=trainer.actor, version_id=draft.pk, at=now)

    course = Course.objects.get()
    assert course.published_id == draft.pk
    assert course.title == draft.title
    moves = VersionMove.objects.filter(version=draft).order_by("pk").values_list("move", flat=True)
    assert list(moves) == ["begin", "submit", "approve", "publish"]


@pytest.mark.usefixtures("platform_scope")
@pytest.mark.parametrize("who", ["merchant", "reviewer", "staff"])
def test_nobody_else_writes_courses(who: str, request: pytest.FixtureRequest, now: datetime) -> None:
    person: Persona = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        importing.draft_from_folder(actor=person.actor, content=folders.articles(), at=now)

    assert not Course.objects.exists()


@pytest.mark.usefixtures("platform_scope")
def test_an_approved_version_is_published_when_its_moment_comes(
    trainer: Persona, second: Persona, now: datetime
) -> None:
    draft = draft_of(trainer, now)
    publishing.submit(actor=trainer.actor, version_id=draft.pk, at=now)
    publishing.approve(actor=second.actor, version_id=draft.pk, at=now, publish_at=now + timedelta(hours=1))

    early = publishing.publish_due(now=now + timedelta(minutes=59))
    due = publishing.publish_due(now=now + timedelta(hours=1))
    again = publishing.publish_due(now=now + timedelta(hours=2))

    assert (early, due, again) == (0, 1, 0)


@pytest.mark.case("TR-03")
@pytest.mark.usefixtures("platform_scope")
def test_a_published_version_never_changes_and_a_new_one_tells_its_learners(
    trainer: Persona, merchant: Persona, rival: Persona, now: datetime
) -> None:
    first = folders.publish(folders.articles(), at=now)
    enrolling.enrol(actor=merchant.actor, course_id=first.course_id, at=now)

    # Nobody changes it: not the services, not the ORM, not SQL.
    with pytest.raises(Conflict):
        writing.save_texts(
            actor=trainer.actor, version_id=first.pk, texts={"lessons/one.en.md": "New"}, edited=first.edited, at=now
        )
    attempts = (
        lambda: Lesson.objects.filter(version=first).update(title={"zh": "改"}),
        lambda: Lesson.objects.filter(version=first).delete(),
        lambda: Question.objects.create(version=first, code="q", topic="t", kind="SINGLE"),
        lambda: CourseVersion.objects.filter(pk=first.pk).update(title={"zh": "改"}),
        lambda: CourseVersion.objects.filter(pk=first.pk).update(status="DRAFT", published_at=None),
    )
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()

    # The next one supersedes it, and its learners' shop is told, once; a shop that learns nothing is not.
    second = folders.publish(folders.articles(note="Two is new.", two="Other words."), at=now + timedelta(days=1))
    told = publishing.tell_learners(now=now + timedelta(days=1))
    again = publishing.tell_learners(now=now + timedelta(days=1))
    first.refresh_from_db()
    assert (first.status, second.status, second.number) == ("SUPERSEDED", "PUBLISHED", 2)
    assert (told, again) == (1, 0)
    notice = Notice.objects.get(kind="training.new_version")
    assert notice.merchant == merchant.shop
    assert notice.params["note"]["en"] == "Two is new."


@pytest.mark.usefixtures("platform_scope")
def test_importing_the_same_folder_again_publishes_nothing_new(now: datetime) -> None:
    folders.publish(folders.articles(), at=now)

    draft = importing.draft_from_folder(actor=Actor.clock("tests"), content=folders.articles(), at=now)

    assert not folders.differs(draft)


def test_reading_a_version_needs_no_scope_and_a_learner_sees_no_draft(trainer: Persona, now: datetime) -> None:
    with tenancy.platform():
        draft_of(trainer, now)

    assert folders.courses.catalogue().count() == 0
