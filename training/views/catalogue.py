"""The training home: what to continue, what is asked of one, and everything there is to learn."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from merchant_protection.foundation import keyset
from training import policies
from training.forms import NEW_DAYS, SHOWN, CatalogueFilter
from training.models import Area, Course, CourseVersion, Enrolment, Level
from training.queries import assignments, certificates, courses, learning, reliefs, sessions
from training.rules import changes
from training.services import enrolling

PAGE = 12
CONTINUED = 3
MOST_ASKED = 12
SHOWN_VERSIONS, MOST_VERSIONS = 10, 400  # more than one a day
# What a course is about, as the page it leads to; a page that is not there is not linked.
FEATURES = {
    "warnings": ("warnings", _("Open the risk warnings")),
    "claims": ("claims", _("Open the complaints")),
    "price_guard": ("price_guard", _("Open the price guard")),
    "scalper_policies": ("scalper_policies", _("Open the scalper policies")),
    "orders": ("orders", _("Open the orders")),
    "listings": ("listings", _("Open the listings")),
    "settings": ("settings", _("Open the settings")),
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the catalogue, newest first, and above it what concerns this person."""
    actor = request.actor
    wishes = CatalogueFilter(request.GET, queryset=courses.catalogue(), request=request)
    page = keyset.page(
        wishes.qs if wishes.is_valid() else courses.catalogue(),
        by=courses.RECENT,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context: dict[str, Any] = {
        "page": page,
        "cards": cards(request, page.rows),
        "rows_empty": not page.rows,
        "filtered": wishes.is_narrowed,
        "areas": Area.choices,
        "levels": Level.choices,
        "kinds": SHOWN,
        "may_assign": policies.can_assign(actor, actor.merchant_id),
    }
    if not request.htmx:
        now = timezone.now()
        context |= _asked_of(request, now) | _next_session(request, now)
        asked = [each["course"].pk for each in context["required"]]
        going_on = learning.to_continue(merchant_id=actor.merchant_id, user_id=actor.id).exclude(course_id__in=asked)
        context["to_continue"] = [card(each.course, each, now=now) for each in going_on[:CONTINUED]]
    return render(request, "training/catalogue.html", context)


@require_GET
def course(request: HttpRequest, code: str) -> HttpResponse:
    """Show one course: what it teaches, how far one is, where to go on."""
    course = get_object_or_404(courses.catalogue().select_related("published"), code=code)
    enrolment = _mine(request, course)
    version_id = enrolment.version_id if enrolment else course.published_id
    modules = courses.modules_of(version_id)
    progress = learning.progress_of(enrolment) if enrolment else {}
    lessons = [lesson for module in modules for lesson in module.in_order]
    for lesson in lessons:
        lesson.mine = progress.get(lesson.pk)
    versions = list(courses.versions_of(course)[:MOST_VERSIONS])
    context = {
        "course": course,
        "enrolment": enrolment,
        "modules": modules,
        "next": next((each for each in lessons if each.mine is None or each.mine.completed_at is None), None),
        "versions": versions[:SHOWN_VERSIONS],
        "updates": _updates(versions, _year(timezone.now())),
        "prerequisites": courses.titles_of(course.prerequisites).values(),
        "is_behind": enrolment is not None and enrolment.version_id != course.published_id,
        "certificate": certificates.newest_of(enrolment) if enrolment else None,
        "feature": FEATURES.get(course.feature),
        "certificate_months": course.certificate_months,
        "reliefs": reliefs.of_course(course.pk),
        "may_assign": policies.can_assign(request.actor, request.actor.merchant_id),
    }
    return render(request, "training/course.html", context)


@require_POST
def enrol(request: HttpRequest, code: str) -> HttpResponse:
    """Take a course up and open its first lesson."""
    course = get_object_or_404(courses.catalogue(), code=code)
    enrolment = enrolling.enrol(actor=request.actor, course_id=course.pk, at=timezone.now())
    first = courses.lessons_of(enrolment.version_id)[:1]
    return redirect("training_lesson", code, first[0].code) if first else redirect("training_course", code)


@require_GET
def differences(request: HttpRequest, code: str) -> HttpResponse:
    """Show what the published version changed against the one that one learned."""
    course = get_object_or_404(courses.catalogue(), code=code)
    enrolment = _mine(request, course)
    if enrolment is None or enrolment.version_id == course.published_id:
        return redirect("training_course", code)
    old, new = courses.fingerprints_of(enrolment.version_id), courses.fingerprints_of(course.published_id)
    found = changes.between(old, new)
    titles = {each.code: each.title for each in courses.lessons_of(enrolment.version_id)}
    titles |= {each.code: each.title for each in courses.lessons_of(course.published_id)}
    since = [each for each in courses.versions_of(course) if each.number > enrolment.version.number]
    context = {
        "course": course,
        "enrolment": enrolment,
        "versions": since,
        "to_learn": found.to_learn,
        **{name: [titles[each] for each in getattr(found, name)] for name in ("added", "changed", "removed", "same")},
    }
    return render(request, "training/changes.html", context)


@require_POST
def move_on(request: HttpRequest, code: str) -> HttpResponse:
    """Go over to the published version, keeping what says the same."""
    course = get_object_or_404(courses.catalogue(), code=code)
    enrolling.move_on(actor=request.actor, course_id=course.pk, at=timezone.now())
    return redirect("training_course", code)


def _asked_of(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """Return what this person must learn, and what is recommended to them."""
    rows = list(assignments.open_for(request.actor)[:MOST_ASKED])
    ids = [row.course_id for row in rows]
    mine = learning.enrolments_in(merchant_id=request.actor.merchant_id, user_id=request.actor.id, course_ids=ids)
    shown = [card(row.course, mine.get(row.course_id), now=now) | {"assignment": row} for row in rows]
    once = list({each["course"].pk: each for each in reversed(shown)}.values())[::-1]
    return {
        "required": [each for each in once if each["assignment"].is_required],
        "recommended": [each for each in once if not each["assignment"].is_required],
        "now": now,
    }


def _next_session(request: HttpRequest, now: datetime) -> dict[str, Any]:
    actor = request.actor
    session = sessions.to_come(now).first()
    if session is None:
        return {}
    seat = sessions.registration_of(merchant_id=actor.merchant_id, user_id=actor.id, session_id=session.pk)
    return {"next_session": session, "next_seat": seat}


def cards(request: HttpRequest, rows: list[Course]) -> list[dict[str, Any]]:
    """Return courses as the catalogue's cards, with how far this person is: two queries for any number."""
    now, ids = timezone.now(), [course.pk for course in rows]
    mine = learning.enrolments_in(merchant_id=request.actor.merchant_id, user_id=request.actor.id, course_ids=ids)
    updates = courses.versions_published_since(ids, _year(now))
    return [card(course, mine.get(course.pk), updates=updates.get(course.pk, 0), now=now) for course in rows]


def card(course: Course, enrolment: Enrolment | None, *, now: datetime, updates: int = 0) -> dict[str, Any]:
    """Return what a card shows of a course."""
    is_new = course.first_published_at is not None and (now - course.first_published_at).days < NEW_DAYS
    return {
        "course": course,
        "enrolment": enrolment,
        "lessons": enrolment.version.lesson_count if enrolment else course.lesson_count,
        "updates": updates,
        "is_new": is_new,
        "is_behind": enrolment is not None and enrolment.version_id != course.published_id,
    }


def _updates(versions: list[CourseVersion], since: datetime) -> int:
    """Return how often a course was published anew since a moment, its first version left out."""
    return sum(each.number > 1 and each.published_at is not None and each.published_at >= since for each in versions)


def _mine(request: HttpRequest, course: Course) -> Enrolment | None:
    actor = request.actor
    return learning.enrolment(merchant_id=actor.merchant_id, user_id=actor.id, course_id=course.pk)


def _year(now: datetime) -> datetime:
    return timezone.localtime(now).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
