"""What the owner asks the shop's people to learn: who, until when, why; how far each is; a reminder, an end."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merchant_protection.foundation.errors import Conflict, Invalid, require
from training import policies
from training.forms import AskForm
from training.models import Assignment, Enrolment
from training.queries import assignments, courses
from training.services import assigning

MOST = 100


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show what is asked of whom, and how far each person is."""
    actor = request.actor
    require(policies.can_assign(actor, actor.merchant_id))
    rows = list(assignments.open_in(actor)[:MOST])
    people = list(assignments.members(actor.merchant_id))
    steps = assignments.steps_of(actor.merchant_id, {row.course_id for row in rows})
    asked = [{"assignment": row, "people": _people(row, people, steps)} for row in rows]
    return render(request, "training/team.html", {"asked": asked, "now": timezone.now()})


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask a course of somebody in the shop."""
    actor = request.actor
    course = get_object_or_404(courses.catalogue(), code=code)
    require(policies.can_assign(actor, actor.merchant_id))
    form = AskForm(request.POST or None, members=assignments.members(actor.merchant_id))
    if request.method == "POST" and form.is_valid() and _asked(request, form, course.pk):
        messages.success(request, _("It is asked, and they are told."))
        return redirect("training_team")
    context = {"course": course, "form": form}
    return render(request, "training/ask.html", context, status=422 if form.errors else 200)


@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind those who have yet to complete it."""
    assignment = get_object_or_404(assignments.visible_to(request.actor), pk=pk)
    try:
        assigning.remind(actor=request.actor, assignment_id=assignment.pk, at=timezone.now())
    except Conflict as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("They are reminded."))
    return redirect("training_team")


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask no longer."""
    assignment = get_object_or_404(assignments.visible_to(request.actor), pk=pk)
    assigning.end(actor=request.actor, assignment_id=assignment.pk, at=timezone.now())
    messages.success(request, _("It is no longer asked."))
    return redirect("training_team")


def _asked(request: HttpRequest, form: AskForm, course_id: int) -> bool:
    actor = request.actor
    try:
        assigning.assign(
            actor=actor, merchant_id=actor.merchant_id, course_id=course_id, at=timezone.now(), **form.wishes()
        )
    except Invalid as refusal:
        for name, reasons in refusal.fields.items():
            form.add_error(FIELDS.get(name), reasons)
        return False
    return True


FIELDS = {"due_at": "until", "user_id": "who", "role": "who"}


def _people(
    assignment: Assignment, members: list[Any], steps: dict[tuple[int, int], Enrolment]
) -> list[dict[str, Any]]:
    """Return whom an assignment is about, each with how far they are."""
    about = [
        each
        for each in members
        if assignment.user_id == each.user_id or (assignment.user_id is None and assignment.role in ("", each.role))
    ]
    return [{"member": each, "enrolment": steps.get((each.user_id, assignment.course_id))} for each in about]
