"""Staff pages: courses and their versions, on their way from draft to published."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextInputWidget

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.staff_admin import NoteForm, ReasonForm
from training.admin.pages import TEACHING, ConfirmForm, TrainingAdmin, words
from training.admin.writing import WritersDesk
from training.lifecycle import VersionStatus
from training.models import Course, CourseVersion
from training.queries import courses
from training.services import enrolling, figures, publishing, writing

TONES = {"DRAFT": "info", "IN_REVIEW": "warning", "APPROVED": "warning", "PUBLISHED": "success", "SUPERSEDED": ""}


class ApproveForm(NoteForm):
    """A note, and when the version is published by itself."""

    publish_at = forms.SplitDateTimeField(
        label=gettext_lazy("Publish by itself at"), required=False, widget=UnfoldAdminSplitDateTimeWidget
    )
    field_order = ("publish_at", "note")


class CodeForm(BaseDialogForm):
    """The code of the copy."""

    code = forms.SlugField(
        label=gettext_lazy("Code of the new course"), max_length=60, widget=UnfoldAdminTextInputWidget
    )


class PeopleForm(BaseDialogForm):
    """Whose people begin a course."""

    shop = forms.CharField(label=gettext_lazy("Shop number"), max_length=40, widget=UnfoldAdminTextInputWidget)


@admin.register(Course)
class CourseAdmin(TrainingAdmin):
    """What can be learned, and what is being written."""

    list_display = ("code", "title_shown", "area", "level", "languages", "lesson_count", "published_at")
    list_filter = (("area", ChoicesDropdownFilter), ("level", ChoicesDropdownFilter))
    search_fields = ("code", "words")
    fields = (
        *("code", "title_shown", "area", "level", "audience", "languages", "minutes", "lesson_count"),
        *("certificate_months", "published", "published_at", "first_published_at"),
    )
    actions_list = ("import_folder",)
    actions_detail = ("next_version", "copy", "enrol_people", "see_effect", "see_questions")
    own_pages = {"<int:pk>/effect/": "effect", "<int:pk>/questions/": "questions"}

    def rows(self, actor: Actor) -> QuerySet[Course]:
        return courses.visible_to(actor)

    @display(description=gettext_lazy("Title"))
    def title_shown(self, course: Course) -> str:
        return words(course.title)

    @action(description=gettext_lazy("Import a folder"), url_path="import", icon="upload", permissions=["act"])
    def import_folder(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:training_courseversion_take_in"))

    @action(
        description=gettext_lazy("Write the next version"),
        url_path="next",
        icon="edit",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Write the next version"),
            "form_class": ConfirmForm,
            "form_submit_text": gettext_lazy("Write the next version"),
        },
    )
    def next_version(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        def run() -> None:
            writing.begin_next(actor=request.actor, course_id=int(object_id), at=timezone.now())

        return self.carry_out(request, run, done=_("The draft is made."), object_id=object_id)

    @action(
        description=gettext_lazy("Duplicate"),
        url_path="copy",
        icon="content_copy",
        permissions=["act"],
        dialog={"title": gettext_lazy("Duplicate"), "form_class": CodeForm, "form_submit_text": gettext_lazy("Copy")},
    )
    def copy(self, request: HttpRequest, form: CodeForm, object_id: str) -> HttpResponse:
        def run() -> None:
            code = form.cleaned_data["code"]
            writing.duplicate(actor=request.actor, course_id=int(object_id), code=code, at=timezone.now())

        return self.carry_out(request, run, done=_("The copy is a draft."), object_id=object_id)

    @action(
        description=gettext_lazy("Enrol a shop's people"),
        url_path="enrol",
        icon="group_add",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Enrol a shop's people"),
            "form_class": PeopleForm,
            "form_submit_text": gettext_lazy("Enrol"),
        },
    )
    def enrol_people(self, request: HttpRequest, form: PeopleForm, object_id: str) -> HttpResponse:
        def run() -> None:
            shop = form.cleaned_data["shop"]
            enrolling.enrol_shop(actor=request.actor, course_id=int(object_id), shop=shop, at=timezone.now())

        return self.carry_out(request, run, done=_("Everybody of the shop has a place."), object_id=object_id)

    @action(description=gettext_lazy("Effect"), url_path="see-effect", icon="monitoring")
    def see_effect(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.back_to("effect", object_id)

    @action(description=gettext_lazy("Questions"), url_path="see-questions", icon="quiz")
    def see_questions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.back_to("questions", object_id)

    def effect(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show incidents and losses before and after the course, against shops that did not take it."""
        course = self._course(request, pk)
        days = 90 if request.GET.get("days") == "90" else 30
        found = figures.effect_of(course, actor=request.actor, days=days, now=timezone.now())
        return self.page(request, "effect", f"{words(course.title)} · {_('Effect')}", course=course, effect=found)

    def questions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how each question was answered."""
        course = self._course(request, pk)
        rows = figures.questions_of(course, actor=request.actor)
        return self.page(request, "questions", f"{words(course.title)} · {_('Questions')}", course=course, rows=rows)

    def _course(self, request: HttpRequest, pk: int) -> Course:
        course: Any = self.get_object(request, str(pk)) if self.has_view_permission(request) else None
        if course is None:
            raise Http404
        return course


@admin.register(CourseVersion)
class CourseVersionAdmin(WritersDesk):
    """Editions of courses: written, read by a second person, published."""

    list_display = (
        "title_shown",
        "number",
        "status_shown",
        "publish_at",
        "published_at",
        "submitted_by",
        "reviewed_by",
    )
    list_select_related = ("course", "submitted_by", "reviewed_by")
    list_filter = (("status", ChoicesDropdownFilter),)
    search_fields = ("course__code", "course__words")
    fields = (
        *("course", "number", "status", "title_shown", "note_shown", "area", "level", "minutes", "lesson_count"),
        *("certificate_months", "publish_at", "created_by", "submitted_by", "reviewed_by"),
        *("published_at", "superseded_at", "history_shown"),
    )
    actions_list = ("import_folder",)
    actions_detail = ("open_desk", "take_along", "submit", "approve", "send_back", "publish")

    def rows(self, actor: Actor) -> QuerySet[CourseVersion]:
        return courses.versions_visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        version = self.get_object(request, object_id)
        moves = {
            VersionStatus.DRAFT: {"submit"},
            VersionStatus.IN_REVIEW: {"approve", "send_back"},
            VersionStatus.APPROVED: {"publish", "send_back"},
        }
        return {"open_desk", "take_along"} | moves.get(version.status if version else "", set())  # type: ignore[call-overload]

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the person may read and approve: trainers and operations."""
        return bool(request.actor.has_staff_role(*TEACHING))

    @display(description=gettext_lazy("Title"))
    def title_shown(self, version: CourseVersion) -> str:
        return words(version.title)

    @display(description=gettext_lazy("Change note"))
    def note_shown(self, version: CourseVersion) -> str:
        return words(version.change_note)

    @display(description=CourseVersion._meta.get_field("status").verbose_name, ordering="status", label=TONES)
    def status_shown(self, version: CourseVersion) -> tuple[str, str]:
        return version.status, version.get_status_display()

    @display(description=gettext_lazy("History"))
    def history_shown(self, version: CourseVersion) -> str:
        moves = courses.history_of(version)[:20]
        return " · ".join(f"{move.at:%Y-%m-%d %H:%M} {move.move} {move.actor_name} {move.note}" for move in moves)

    @action(description=gettext_lazy("Import a folder"), url_path="import-folder", icon="upload", permissions=["act"])
    def import_folder(self, request: HttpRequest) -> HttpResponse:
        return self.back_to("take_in")

    @action(description=gettext_lazy("Read or write"), url_path="desk", icon="edit_note")
    def open_desk(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.back_to("write", object_id)

    @action(description=gettext_lazy("Export"), url_path="take-along", icon="download")
    def take_along(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.back_to("export", object_id)

    @action(
        description=gettext_lazy("Hand in for review"),
        url_path="submit",
        icon="send",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Hand in for review"),
            "description": gettext_lazy("It is frozen until a second person has read it."),
            "form_class": NoteForm,
            "form_submit_text": gettext_lazy("Hand in"),
        },
    )
    def submit(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        def run() -> None:
            note = form.cleaned_data["note"]
            publishing.submit(actor=request.actor, version_id=int(object_id), at=timezone.now(), note=note)

        return self.carry_out(request, run, done=_("Handed in."), object_id=object_id)

    @action(
        description=gettext_lazy("Approve"),
        url_path="approve",
        icon="check",
        permissions=["review"],
        dialog={
            "title": gettext_lazy("Approve"),
            "description": gettext_lazy("You have read it and stand for it. Whoever handed it in cannot approve it."),
            "form_class": ApproveForm,
            "form_submit_text": gettext_lazy("Approve"),
        },
    )
    def approve(self, request: HttpRequest, form: ApproveForm, object_id: str) -> HttpResponse:
        def run() -> None:
            publishing.approve(
                actor=request.actor,
                version_id=int(object_id),
                at=timezone.now(),
                note=form.cleaned_data["note"],
                publish_at=form.cleaned_data["publish_at"],
            )

        return self.carry_out(request, run, done=_("Approved."), object_id=object_id)

    @action(
        description=gettext_lazy("Send back"),
        url_path="send-back",
        icon="undo",
        permissions=["review"],
        dialog={
            "title": gettext_lazy("Send back"),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Send back"),
        },
    )
    def send_back(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def run() -> None:
            note = form.cleaned_data["reason"]
            publishing.send_back(actor=request.actor, version_id=int(object_id), at=timezone.now(), note=note)

        return self.carry_out(request, run, done=_("Sent back."), object_id=object_id)

    @action(
        description=gettext_lazy("Publish"),
        url_path="publish",
        icon="publish",
        permissions=["review"],
        dialog={
            "title": gettext_lazy("Publish"),
            "description": gettext_lazy("It takes the place of the version before, whose learners are told."),
            "form_class": NoteForm,
            "form_submit_text": gettext_lazy("Publish"),
        },
    )
    def publish(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        def run() -> None:
            publishing.publish(actor=request.actor, version_id=int(object_id), at=timezone.now())

        return self.carry_out(request, run, done=_("Published."), object_id=object_id)
