"""Courses from folders: everything is written, or nothing is."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.files.services import uploads
from merchant_protection.foundation.errors import Conflict, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.lifecycle import VersionStatus
from training.models import Course, CourseFile, CourseVersion, Lesson, Module, Question, Quiz
from training.outside import file_store
from training.queries import courses
from training.rules import course_folder, folder_files
from training.rules.course_parts import CourseParts, LessonPart, QuestionPart
from training.services import receiving, version_moves


def draft_from_folder(
    *, actor: Actor, content: Mapping[str, bytes], at: datetime, only_changes: bool = False
) -> CourseVersion:
    """Make, or replace, the draft of a course from its folder; raises `Faulty` when anything in it is wrong.

    Files are kept first; should the draft be refused they do no harm. What a person sends is quarantined and checked;
    the portal's own is as good as its code.
    """
    require(policies.can_author(actor))
    parts = course_folder.read(content)
    stored: dict[str, int] = {}
    for name, body in parts.files.items():
        if actor.kind == Kind.CLOCK:
            file_store.keep(body)
        else:
            stored[name] = receiving.take_in(actor=actor, name=name, content=body, at=at)
    return _write_draft(actor=actor, parts=parts, stored=stored, at=at, only_changes=only_changes)


def draft_of_changes(*, actor: Actor, content: Mapping[str, bytes], at: datetime) -> CourseVersion | None:
    """Make the draft as `draft_from_folder` does; None, and nothing written, when the course says the same already."""
    try:
        return draft_from_folder(actor=actor, content=content, at=at, only_changes=True)
    except _Unchanged:
        return None


class _Unchanged(Exception):
    """Undoes the draft of a course that says nothing new."""


@transaction
def _write_draft(
    *, actor: Actor, parts: CourseParts, stored: Mapping[str, int], at: datetime, only_changes: bool
) -> CourseVersion:
    course = courses.lock_by_code(parts.code)
    if course is None:
        course = Course.objects.create(code=parts.code, created_at=at, **parts.facts)
    draft = courses.draft_of(course.pk)
    if draft is not None and draft.status != VersionStatus.DRAFT:
        raise Conflict(_("The next version is being reviewed. Send it back before replacing it."))
    if draft is None:
        draft = new_draft(course, actor=actor, at=at, facts=parts.facts, change_note=parts.change_note)
    else:
        for name, value in {**parts.facts, "change_note": parts.change_note, "edited": draft.edited + 1}.items():
            setattr(draft, name, value)
        draft.save()
    for file_id in stored.values():
        uploads.bind(actor=actor, file_id=file_id, to=f"course {parts.code}"[:60])
    fill(draft, parts, stored=stored)
    if only_changes and not courses.differs_from_published(draft):
        raise _Unchanged
    return draft


@transaction_required
def new_draft(
    course: Course, *, actor: Actor, at: datetime, facts: Mapping[str, Any], change_note: Mapping[str, str]
) -> CourseVersion:
    """Begin the next version of a course."""
    newest = CourseVersion.objects.filter(course=course).order_by("-number").first()
    draft = CourseVersion.objects.create(
        course=course,
        number=newest.number + 1 if newest else 1,
        change_note=dict(change_note),
        created_at=at,
        created_by_id=actor.id if actor.kind == Kind.USER else None,
        **facts,
    )
    version_moves.write(draft, "begin", actor=actor, at=at)
    return draft


@transaction_required
def fill(
    draft: CourseVersion,
    parts: CourseParts,
    *,
    kept: Iterable[CourseFile] = (),
    stored: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Write the modules, lessons, questions and files of a draft, in place of those it had.

    `kept` are files of this or another version that stay as they are, `stored` the numbers under which new ones wait.
    """
    staying = [CourseFile(version=draft, **{name: getattr(file, name) for name in FILE_COLUMNS}) for file in kept]
    for model in (Quiz, Question, CourseFile, Lesson, Module):
        model._default_manager.filter(version=draft).delete()
    digests = {name: file_store.fingerprint(body) for name, body in parts.files.items()}
    new = [
        CourseFile(
            version=draft,
            name=name,
            media_type=folder_files.media_type(name),
            size=len(body),
            digest=digests[name],
            stored_id=stored.get(name),
        )
        for name, body in parts.files.items()
    ]
    files = [*new, *(file for file in staying if file.name not in digests)]
    CourseFile.objects.bulk_create(files)
    digests = {file.name: file.digest for file in files}
    _write_lessons(draft, parts, digests)
    _write_questions(draft, parts.questions)
    draft.minutes = sum(lesson.minutes for lesson in parts.lessons)
    draft.lesson_count = len(parts.lessons)
    draft.save(update_fields=["minutes", "lesson_count"])


def fingerprint(lesson: LessonPart, *, questions: Sequence[QuestionPart], digests: Mapping[str, str]) -> str:
    """Return the fingerprint of what a lesson says; its title and its place may change without it."""
    said: dict[str, Any] = {key: value for key, value in asdict(lesson).items() if key not in UNSAID}
    for key in ("captions", "file"):
        said[key] = {language: digests.get(name, name) for language, name in said[key].items()}
    said["video"] = digests.get(lesson.video, lesson.video)
    said["pictures"] = sorted(
        digest for name, digest in digests.items() if any(name in text for text in lesson.body.values())
    )
    if lesson.quiz is not None:
        topics = set(lesson.quiz.topics)
        said["questions"] = [asdict(each) for each in questions if not topics or each.topic in topics]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


FILE_COLUMNS = ("name", "media_type", "size", "digest", "stored_id")
UNSAID = {"code", "title", "minutes"}


def _write_lessons(draft: CourseVersion, parts: CourseParts, digests: Mapping[str, str]) -> None:
    position = 0
    for place, chapter in enumerate(parts.modules):
        module = Module.objects.create(version=draft, code=chapter.code, title=chapter.title, position=place)
        for part in chapter.lessons:
            lesson = Lesson.objects.create(
                version=draft,
                module=module,
                position=position,
                digest=fingerprint(part, questions=parts.questions, digests=digests),
                **{name: getattr(part, name) for name in LESSON_COLUMNS},
            )
            position += 1
            if part.quiz is not None:
                settings = asdict(part.quiz) | {"topics": list(part.quiz.topics)}
                Quiz.objects.create(version=draft, lesson=lesson, **settings)


LESSON_COLUMNS = (
    *("code", "kind", "title", "minutes", "body", "video"),
    *("duration", "threshold", "captions", "file"),
)


def _write_questions(draft: CourseVersion, questions: Sequence[QuestionPart]) -> None:
    Question.objects.bulk_create(
        Question(
            version=draft,
            position=position,
            **{**{name: getattr(part, name) for name in QUESTION_COLUMNS}, "options": [dict(o) for o in part.options]},
        )
        for position, part in enumerate(questions)
    )


QUESTION_COLUMNS = (
    *("code", "topic", "kind", "points", "text"),
    *("answer", "tolerance", "unit", "explanation"),
)
