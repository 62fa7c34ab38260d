"""One lesson: the text, the video, the file; and saying that it is done."""

from datetime import timedelta
from functools import partial
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from training.models import Course, CourseFile, Enrolment, Lesson, Progress
from training.outside import file_answers, file_store
from training.queries import courses, learning, sessions
from training.rules import languages, markdown
from training.services import receiving, studying

NOTED_EVERY = timedelta(minutes=1)
# A video that is a stream is put together in the page.
MEDIA = {
    "media-src": ["'self'", "blob:", *settings.TRAINING_MEDIA_ORIGINS],
    "connect-src": ["'self'", *settings.TRAINING_MEDIA_ORIGINS],
}


@require_GET
@csp_update(MEDIA)
def lesson(request: HttpRequest, code: str, lesson_code: str) -> HttpResponse:
    """Show a lesson of the version one learns."""
    course, enrolment = _place(request, code)
    if enrolment is None:
        return redirect("training_course", code)
    lesson = courses.lesson(enrolment.version_id, lesson_code)
    if lesson.kind == Lesson.Kind.QUIZ:
        return redirect("training_quiz", code, lesson_code)
    shown = outline(course, enrolment, lesson)
    context = {
        **shown,
        "progress": _opened(request, enrolment, lesson, known=shown["steps"].get(lesson.pk)),
        "html": article(lesson),
        **_media(lesson),
        "lesson_sessions": sessions.of_lesson(course.pk, lesson.code)[:5] if lesson.kind == Lesson.Kind.LIVE else (),
    }
    return render(request, "training/lesson.html", context)


def _opened(request: HttpRequest, enrolment: Enrolment, lesson: Lesson, *, known: Progress | None) -> Progress:
    """Return how far one is in a lesson; that it was opened is noted, once a minute."""
    now = timezone.now()
    if known is not None and now - enrolment.active_at < NOTED_EVERY:
        return known
    return studying.open_lesson(actor=request.actor, course_id=enrolment.course_id, code=lesson.code, at=now)


@require_POST
def read(request: HttpRequest, code: str, lesson_code: str) -> HttpResponse:
    """Say that the text was read, and go on."""
    course, enrolment = _place(request, code)
    if enrolment is None:
        raise Http404
    studying.mark_read(actor=request.actor, course_id=course.pk, code=lesson_code, at=timezone.now())
    return redirect(_next_address(course, enrolment, lesson_code))


@require_GET
def download(request: HttpRequest, code: str, lesson_code: str) -> HttpResponseBase:
    """Send the file of a lesson, and note that it was taken."""
    course, enrolment = _place(request, code)
    if enrolment is None:
        raise Http404
    lesson = courses.lesson(enrolment.version_id, lesson_code)
    file = courses.file_of(enrolment.version_id, languages.in_language(lesson.file, get_language()))
    studying.note_download(actor=request.actor, course_id=course.pk, code=lesson_code, at=timezone.now())
    return sent(request, file, as_attachment=True)


@require_GET
def file(request: HttpRequest, code: str, number: int, name: str) -> HttpResponseBase:
    """Send a picture, caption or video of a published version."""
    course = get_object_or_404(courses.catalogue(), code=code)
    version = get_object_or_404(courses.versions_of(course), number=number)
    return sent(request, courses.file_of(version.pk, f"{markdown.OWN_FILES}{name}"))


def sent(request: HttpRequest, file: CourseFile, *, as_attachment: bool = False) -> HttpResponseBase:
    """Answer with a file of a course: the clean copy of what somebody sent, or one of the portal's own."""
    if file.stored_id is not None:
        return file_answers.stored(request, receiving.stored(file))
    name = file.name.removeprefix(markdown.OWN_FILES)
    content = file_store.open_file(file.digest)
    return file_answers.sent(content, name=name, media_type=file.media_type, as_attachment=as_attachment)


def article(lesson: Lesson) -> str:
    """Return the text of a lesson as safe HTML in the reader's language."""
    text = languages.in_language(lesson.body, get_language())
    return markdown.html(text, address=partial(file_address, lesson)) if text else ""


def file_address(lesson: Lesson, name: str) -> str:
    """Return the address of one of a course's own files."""
    version = lesson.version
    return reverse("training_file", args=[version.course.code, version.number, name.removeprefix(markdown.OWN_FILES)])


def outline(course: Course, enrolment: Enrolment, lesson: Lesson) -> dict[str, Any]:
    """Return what stands beside every lesson: the course's outline, what comes before and next."""
    modules = courses.modules_of(enrolment.version_id)
    progress = learning.progress_of(enrolment)
    lessons = [each for module in modules for each in module.in_order]
    for each in lessons:
        each.mine = progress.get(each.pk)
    at = next(place for place, each in enumerate(lessons) if each.pk == lesson.pk)
    return {
        "course": course,
        "enrolment": enrolment,
        "steps": progress,
        "lesson": lesson,
        "modules": modules,
        "number": at + 1,
        "count": len(lessons),
        "before": lessons[at - 1] if at else None,
        "after": lessons[at + 1] if at + 1 < len(lessons) else None,
    }


def _media(lesson: Lesson) -> dict[str, Any]:
    if lesson.kind != Lesson.Kind.VIDEO:
        return {}
    is_own = lesson.video.startswith(markdown.OWN_FILES)
    return {
        "video": file_address(lesson, lesson.video) if is_own else lesson.video,
        "is_stream": not is_own,
        "captions": [
            {"language": "zh-Hans" if key == "zh" else key, "src": file_address(lesson, name)}
            for key, name in lesson.captions.items()
        ],
    }


def _next_address(course: Course, enrolment: Enrolment, lesson_code: str) -> str:
    lessons = courses.lessons_of(enrolment.version_id)
    codes = [lesson.code for lesson in lessons]
    at = codes.index(lesson_code) + 1
    if at < len(codes):
        return reverse("training_lesson", args=[course.code, codes[at]])
    return reverse("training_course", args=[course.code])


def _place(request: HttpRequest, code: str) -> tuple[Course, Enrolment | None]:
    actor = request.actor
    course = get_object_or_404(courses.catalogue(), code=code)
    return course, learning.enrolment(merchant_id=actor.merchant_id, user_id=actor.id, course_id=course.pk)
