"""The writer's desk: texts, order, files, and folders that go out and come back."""

from collections.abc import Callable
from datetime import datetime

import pytest

from merchant_protection.foundation.errors import Conflict, Invalid
from tests.fixtures.people import Persona
from tests.training import folders
from training.models import Course, CourseVersion, Lesson
from training.outside import course_disk
from training.queries import courses
from training.rules.yaml_reading import Faulty
from training.services import importing, writing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]


@pytest.fixture
def draft(trainer: Persona, now: datetime, check_files: Callable[..., int]) -> CourseVersion:
    made = importing.draft_from_folder(actor=trainer.actor, content=folders.of_disk(), at=now)
    check_files()
    return made


def codes(version: CourseVersion) -> list[str]:
    return [lesson.code for lesson in courses.lessons_of(version.pk)]


def test_a_folder_that_went_out_comes_back_the_same(
    trainer: Persona, draft: CourseVersion, now: datetime, check_files: Callable[..., int]
) -> None:
    before = courses.fingerprints_of(draft.pk)
    packed = course_disk.to_zip(writing.folder_of(draft), name="welcome")

    again = importing.draft_from_folder(actor=trainer.actor, content=course_disk.read_zip(packed), at=now)

    assert again.pk == draft.pk
    assert courses.fingerprints_of(again.pk) == before
    check_files()
    assert writing.folder_of(again) == course_disk.read_zip(packed)


def test_a_text_is_saved_and_a_stale_one_is_not(trainer: Persona, draft: CourseVersion, now: datetime) -> None:
    name = "lessons/the-day.en.md"
    saved = writing.save_texts(
        actor=trainer.actor, version_id=draft.pk, texts={name: "New words."}, edited=draft.edited, at=now
    )

    with pytest.raises(Conflict):
        writing.save_texts(actor=trainer.actor, version_id=draft.pk, texts={name: "Mine."}, edited=draft.edited, at=now)

    assert saved.edited == draft.edited + 1
    assert Lesson.objects.get(version=draft, code="the-day").body["en"] == "New words."


def test_a_slip_is_told_with_its_line_and_nothing_is_saved(
    trainer: Persona, draft: CourseVersion, now: datetime
) -> None:
    broken = writing.folder_of(draft)["course.yaml"].decode().replace("kind: download", "kind: downlod")

    with pytest.raises(Faulty) as refused:
        writing.save_texts(
            actor=trainer.actor, version_id=draft.pk, texts={"course.yaml": broken}, edited=draft.edited, at=now
        )

    line = broken.splitlines().index(next(each for each in broken.splitlines() if "downlod" in each)) + 1
    assert any((fault.file, fault.line) == ("course.yaml", line) for fault in refused.value.faults)
    assert codes(draft) == ["the-day", "who-may-what", "daily-list", "quiz"]


def test_a_lesson_is_put_before_another_and_to_the_end(trainer: Persona, draft: CourseVersion, now: datetime) -> None:
    writing.move_lesson(actor=trainer.actor, version_id=draft.pk, code="daily-list", before="the-day", at=now)
    moved = codes(draft)
    writing.move_lesson(actor=trainer.actor, version_id=draft.pk, code="the-day", before="", at=now)

    assert moved == ["daily-list", "the-day", "who-may-what", "quiz"]
    assert codes(draft) == ["daily-list", "who-may-what", "quiz", "the-day"]
    writing.move_lesson(actor=trainer.actor, version_id=draft.pk, code="quiz", before="daily-list", at=now)
    with pytest.raises(Invalid):
        writing.move_lesson(actor=trainer.actor, version_id=draft.pk, code="the-day", before="daily-list", at=now)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.mp4", b"not a video at all"),
        ("a.png", b"<script>"),
        ("../a.png", b"\x89PNG\r\n\x1a\n"),
        ("a.exe", b"MZ"),
        ("a.vtt", b"<script>alert(1)</script>"),
        ("a.pdf", b""),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    name: str, content: bytes, trainer: Persona, draft: CourseVersion, now: datetime
) -> None:
    with pytest.raises(Invalid):
        writing.add_file(actor=trainer.actor, version_id=draft.pk, name=name, content=content, at=now)

    assert courses.files_of(draft.pk).count() == 2


def test_a_file_comes_and_goes_and_one_that_is_needed_stays(
    trainer: Persona, draft: CourseVersion, now: datetime
) -> None:
    writing.add_file(actor=trainer.actor, version_id=draft.pk, name="more.txt", content=b"More.", at=now)
    there = [file.name for file in courses.files_of(draft.pk)]
    writing.remove_file(actor=trainer.actor, version_id=draft.pk, name="files/more.txt", at=now)

    with pytest.raises(Faulty):
        writing.remove_file(actor=trainer.actor, version_id=draft.pk, name="files/daily-list.zh.txt", at=now)

    assert "files/more.txt" in there
    assert [file.name for file in courses.files_of(draft.pk)] == ["files/daily-list.en.txt", "files/daily-list.zh.txt"]


def test_a_copy_and_a_next_version_begin_with_what_there_is(trainer: Persona, now: datetime) -> None:
    published = folders.publish(folders.of_disk(), at=now)

    following = writing.begin_next(actor=trainer.actor, course_id=published.course_id, at=now)
    copy = writing.duplicate(actor=trainer.actor, course_id=published.course_id, code="welcome-too", at=now)

    assert (following.number, following.status) == (2, "DRAFT")
    assert codes(copy) == codes(published) == codes(following)
    assert Course.objects.get(code="welcome-too").published is None
    with pytest.raises(Invalid):
        writing.duplicate(actor=trainer.actor, course_id=published.course_id, code="welcome", at=now)
