"""Writing a draft: its texts, its files, the order of its lessons; and beginning one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.files.lifecycle import UPLOADING
from merchant_protection.files.rules import limits
from merchant_protection.files.services import uploads
from merchant_protection.foundation.errors import Conflict, Invalid, NotFound, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from training import policies
from training.lifecycle import VersionStatus
from training.models import Course, CourseFile, CourseVersion
from training.queries import courses, folders
from training.rules import course_folder, folder_files, folder_writing
from training.rules.course_parts import CourseParts
from training.services import importing, receiving


def folder_of(version: CourseVersion) -> dict[str, bytes]:
    """Return a version as its folder, files included."""
    content = folder_writing.write(folders.parts_of(version))
    return content | {file.name: receiving.content_of(file) for file in courses.files_of(version.pk)}


@transaction
def save_texts(*, actor: Actor, version_id: int, texts: Mapping[str, str], edited: int, at: datetime) -> CourseVersion:
    """Save texts of a draft's folder; raises `Faulty` when the whole would no longer be a course.

    `edited` is the count that was read: somebody else's change in between is not overwritten.
    An empty text takes the file out.
    """
    draft = _draft(actor, version_id)
    if draft.edited != edited:
        raise Conflict(_("Somebody else saved this draft meanwhile. Open it again and repeat your change."))
    content = folder_writing.write(folders.parts_of(draft))
    for name, text in texts.items():
        content.pop(name, None)
        if text.strip():
            content[name] = text.replace("\r\n", "\n").encode()
    files = list(courses.files_of(draft.pk))
    parts = course_folder.read(content, kept=[file.name for file in files])
    if parts.code != draft.course.code:
        raise Invalid(fields={"texts": [_("The code of a course never changes.")]})
    _keep(draft, parts, files)
    return draft


def add_file(*, actor: Actor, version_id: int, name: str, content: bytes, at: datetime) -> CourseVersion:
    """Put a file that came whole into a draft's folder; it must be what its name says."""
    require(policies.can_author(actor))
    path = name if name.startswith("files/") else f"files/{name}"
    if what := folder_files.fault_of(path, content):
        raise Invalid(fields={"file": [what]})
    stored_id = receiving.take_in(actor=actor, name=path, content=content, at=at)
    return attach_file(actor=actor, version_id=version_id, file_id=stored_id, at=at)


@transaction
def attach_file(*, actor: Actor, version_id: int, file_id: int, at: datetime) -> CourseVersion:
    """Put a file that was sent in pieces into a draft's folder, in place of one of the same name.

    What telephones send (HEIC, MOV, M4V) gets the name of what it is kept as.
    It may still be in quarantine: learners see it, and the version can be handed in, once it was found clean.
    """
    draft = _draft(actor, version_id)
    stored = uploads.bind(actor=actor, file_id=file_id, to=f"course {draft.course.code}"[:60])
    path = folder_files.kept_name(f"files/{stored.name.replace(' ', '-')}")
    if stored.purpose != limits.COURSE_FILE or stored.status == UPLOADING:
        raise Conflict(_("Send the whole file first."))
    if what := folder_files.fault_of_name(path):
        raise Invalid(fields={"file": [what]})
    file = CourseFile(
        name=path,
        media_type=folder_files.media_type(path),
        size=stored.bytes_expected,
        digest=receiving.fingerprint(stored),
        stored_id=stored.pk,
    )
    files = [each for each in courses.files_of(draft.pk) if each.name != path]
    _keep(draft, folders.parts_of(draft), [*files, file])
    return draft


@transaction
def remove_file(*, actor: Actor, version_id: int, name: str, at: datetime) -> CourseVersion:
    """Take a file out of a draft; raises `Faulty` while a lesson still needs it."""
    draft = _draft(actor, version_id)
    files = [file for file in courses.files_of(draft.pk) if file.name != name]
    content = folder_writing.write(folders.parts_of(draft))
    _keep(draft, course_folder.read(content, kept=[file.name for file in files]), files)
    return draft


@transaction
def move_lesson(*, actor: Actor, version_id: int, code: str, before: str, at: datetime) -> CourseVersion:
    """Put a lesson before another (or last, when none is named), in the module of that one."""
    draft = _draft(actor, version_id)
    parts = folders.parts_of(draft)
    moved = next((lesson for lesson in parts.lessons if lesson.code == code), None)
    if moved is None or (before and all(lesson.code != before for lesson in parts.lessons)):
        raise NotFound
    if before == code:
        return draft
    modules = []
    for module in parts.modules:
        lessons = [lesson for lesson in module.lessons if lesson.code != code]
        places = [place for place, lesson in enumerate(lessons) if lesson.code == before]
        if places:
            lessons.insert(places[0], moved)
        modules.append(replace(module, lessons=lessons))
    if not before:
        modules[-1] = replace(modules[-1], lessons=[*modules[-1].lessons, moved])
    if any(not module.lessons for module in modules):
        raise Invalid(fields={"lesson": [_("A chapter needs at least one lesson.")]})
    _keep(draft, replace(parts, modules=modules), list(courses.files_of(draft.pk)))
    return draft


@transaction
def begin_next(*, actor: Actor, course_id: int, at: datetime) -> CourseVersion:
    """Begin the next version of a published course as a copy of it; returns the draft there is."""
    require(policies.can_author(actor))
    course = Course.objects.select_for_update(of=("self",)).select_related("published").filter(pk=course_id).first()
    if course is None:
        raise NotFound
    draft = courses.draft_of(course.pk)
    if draft is not None:
        return draft
    if course.published is None:
        raise Conflict(_("Nothing of this course is published yet."))
    return _copy(course, course.published, actor=actor, at=at)


@transaction
def duplicate(*, actor: Actor, course_id: int, code: str, at: datetime) -> CourseVersion:
    """Begin a new course as a copy of another, under its own code."""
    require(policies.can_author(actor))
    source = Course.objects.select_related("published").filter(pk=course_id).first()
    version = source and (source.published or courses.draft_of(source.pk))
    if not version:
        raise NotFound
    if courses.by_code(code) is not None:
        raise Invalid(fields={"code": [_("A course with this code exists.")]})
    course = Course.objects.create(code=code, created_at=at, **courses.facts_of(version))
    return _copy(course, version, actor=actor, at=at)


@transaction_required
def _copy(course: Course, version: CourseVersion, *, actor: Actor, at: datetime) -> CourseVersion:
    parts = replace(folders.parts_of(version), code=course.code, change_note={})
    draft = importing.new_draft(course, actor=actor, at=at, facts=parts.facts, change_note={})
    importing.fill(draft, parts, kept=courses.files_of(version.pk))
    return draft


def _draft(actor: Actor, version_id: int) -> CourseVersion:
    draft = courses.lock_version(version_id)
    require(policies.can_author(actor))
    if draft.status != VersionStatus.DRAFT:
        raise Conflict(_("Only a draft can be written. Send it back, or begin the next version."))
    return draft


@transaction_required
def _keep(draft: CourseVersion, parts: CourseParts, files: Iterable[CourseFile]) -> None:
    for name, value in {**parts.facts, "change_note": parts.change_note, "edited": draft.edited + 1}.items():
        setattr(draft, name, value)
    draft.save()
    importing.fill(draft, parts, kept=list(files))
