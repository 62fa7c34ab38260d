"""Staff pages: who learned what, with reports; certificates, assignments, rules."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tables, tenancy
from merchant_protection.foundation.staff_admin import ReasonForm, filled_in
from training.admin.pages import ConfirmForm, TrainingAdmin, words
from training.models import Assignment, AssignmentRule, Attendance, Certificate, Enrolment
from training.queries import assignments, certificates, courses, learning, sessions
from training.services import assigning, certifying, ruling

MOST_ROWS = 100_000
PERIOD = timedelta(days=30)


class RuleForm(BaseDialogForm):
    """When this happens to a shop, this course is asked of it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=UnfoldAdminTextInputWidget)
    trigger = forms.ChoiceField(
        label=gettext_lazy("What happens"), choices=AssignmentRule.Trigger.choices, widget=UnfoldAdminSelectWidget
    )
    kind = forms.CharField(
        label=gettext_lazy("Kind"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Empty means any kind."),
        widget=UnfoldAdminTextInputWidget,
    )
    feature = forms.CharField(
        label=gettext_lazy("Part of the portal"), required=False, max_length=40, widget=UnfoldAdminTextInputWidget
    )
    course = forms.CharField(label=gettext_lazy("Course (code)"), max_length=60, widget=UnfoldAdminTextInputWidget)
    is_required = forms.BooleanField(label=gettext_lazy("Required"), required=False, widget=UnfoldBooleanSwitchWidget)
    due_days = forms.IntegerField(
        label=gettext_lazy("Days to complete it"), required=False, min_value=1, widget=UnfoldAdminTextInputWidget
    )


@admin.register(Enrolment)
class EnrolmentAdmin(TrainingAdmin):
    """Who learns what, and how long they learned."""

    list_display = ("user", "merchant", "course", "version", "lessons_done", "enrolled_at", "completed_at")
    list_select_related: Sequence[str] = []  # fetched for the page alone
    paginator = InfinitePaginator
    search_fields = ("course__code", "merchant__code", "merchant__name", "user__display_name")
    fields = ("user", "merchant", "course", "version", "lessons_done", "enrolled_at", "active_at", "completed_at")
    actions_list = ("completion_csv", "time_csv")
    own_pages = {"completion.csv": "completion", "time.csv": "time"}

    def rows(self, actor: Actor) -> QuerySet[Enrolment]:
        return learning.visible_to(actor)

    @action(description=gettext_lazy("Completion (CSV)"), url_path="completion", icon="download")
    def completion_csv(self, request: HttpRequest) -> HttpResponse:
        return self.back_to("completion")

    @action(description=gettext_lazy("Learning time, 30 days (CSV)"), url_path="time", icon="schedule")
    def time_csv(self, request: HttpRequest) -> HttpResponse:
        return self.back_to("time")

    def completion(self, request: HttpRequest) -> StreamingHttpResponse:
        """Send who completed what."""
        self._may_see(request)
        head = (_("Shop"), _("Person"), _("Course"), _("Version"), _("Enrolled"), _("Lessons done"), _("Completed"))
        rows = self.rows(request.actor).order_by("merchant_id", "user_id", "pk")[:MOST_ROWS]
        return _csv([head], (_completion(row) for row in rows.iterator(2000)), "completion.csv")

    def time(self, request: HttpRequest) -> StreamingHttpResponse:
        """Send how long each person learned in a period: `?since=2026-11-01&until=2026-12-01`, or the last 30 days."""
        self._may_see(request)
        until = _day(request.GET.get("until")) or timezone.now()
        since = _day(request.GET.get("since")) or until - PERIOD
        spans = learning.spans_visible_to(request.actor).filter(started_at__gte=since, started_at__lt=until)
        head = (_("Shop"), _("Person"), _("E-mail"), _("Hours"))
        rows = (
            (
                row["merchant__name"],
                row["user__display_name"],
                row["user__email"],
                f"{float(row['seconds']) / 3600:.2f}",
            )
            for row in learning.seconds_by_person(spans)[:MOST_ROWS]
        )
        return _csv([head], rows, "learning-time.csv")

    def _may_see(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


@admin.register(Attendance)
class AttendanceAdmin(TrainingAdmin):
    """Who was in which session, live and in the recording."""

    list_display = ("user", "merchant", "session_shown", "live_seconds", "attended_at", "replay_seconds", "replayed_at")
    list_select_related: Sequence[str] = []  # fetched for the page alone
    paginator = InfinitePaginator
    fields = ("user", "merchant", "session_shown", "live_seconds", "attended_at", "replay_seconds", "replayed_at")
    actions_list = ("attendance_csv",)
    own_pages = {"attendance.csv": "attendance"}

    def rows(self, actor: Actor) -> QuerySet[Attendance]:
        return sessions.attendances_visible_to(actor)

    @display(description=gettext_lazy("Session"))
    def session_shown(self, row: Attendance) -> str:
        return words(row.session.title)

    @action(description=gettext_lazy("Attendance (CSV)"), url_path="csv", icon="download")
    def attendance_csv(self, request: HttpRequest) -> HttpResponse:
        return self.back_to("attendance")

    def attendance(self, request: HttpRequest) -> StreamingHttpResponse:
        """Send who attended what."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        head = (_("Session"), _("Shop"), _("Person"), _("Minutes live"), _("Attended"), _("Minutes of the recording"))
        rows = self.rows(request.actor).order_by("session_id", "merchant_id", "pk")[:MOST_ROWS]
        told = (
            (
                words(row.session.title),
                row.merchant.name,
                row.user.display_name,
                round(row.live_seconds / 60, 1),
                row.attended_at.isoformat() if row.attended_at else "",
                round(row.replay_seconds / 60, 1),
            )
            for row in rows.iterator(2000)
        )
        return _csv([head], told, "attendance.csv")


@admin.register(Certificate)
class CertificateAdmin(TrainingAdmin):
    """Certificates, and taking one back."""

    list_display = ("code", "holder_name", "shop_name", "course", "issued_at", "expires_at", "revoked_at")
    list_select_related: Sequence[str] = []  # fetched for the page alone
    paginator = InfinitePaginator
    search_fields = ("code", "holder_name", "shop_name")
    fields = (
        *("code", "holder_name", "shop_name", "course", "version", "issued_at", "expires_at"),
        *("revoked_at", "revoked_reason"),
    )
    actions_detail = ("revoke",)

    def rows(self, actor: Actor) -> QuerySet[Certificate]:
        return certificates.visible_to(actor)

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        certificate = self.get_object(request, object_id)
        return {"revoke"} if certificate and certificate.revoked_at is None else set()

    @action(
        description=gettext_lazy("Revoke"),
        url_path="revoke",
        icon="block",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Revoke"),
            "description": gettext_lazy("Whoever verifies it is told so. This cannot be undone."),
            "form_class": ReasonForm,
            "form_submit_text": gettext_lazy("Revoke"),
        },
    )
    def revoke(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def run() -> None:
            reason = form.cleaned_data["reason"]
            certifying.revoke(actor=request.actor, certificate_id=int(object_id), reason=reason, at=timezone.now())

        return self.carry_out(request, run, done=_("Revoked."), object_id=object_id)


@admin.register(Assignment)
class AssignmentAdmin(TrainingAdmin):
    """What shops should or must learn."""

    list_display = ("merchant", "course", "user", "role", "is_required", "due_at", "assigned_by", "ended_at")
    list_select_related: Sequence[str] = []  # fetched for the page alone
    paginator = InfinitePaginator
    list_filter = ("is_required",)
    search_fields = ("merchant__code", "merchant__name", "course__code")
    fields = (*list_display, "rule", "reason", "assigned_at")
    actions_detail = ("take_back",)

    def rows(self, actor: Actor) -> QuerySet[Assignment]:
        return assignments.visible_to(actor)

    @action(
        description=gettext_lazy("Take back"),
        url_path="take-back",
        icon="undo",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Take back"),
            "form_class": ConfirmForm,
            "form_submit_text": gettext_lazy("Take back"),
        },
    )
    def take_back(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        def run() -> None:
            assigning.end(actor=request.actor, assignment_id=int(object_id), at=timezone.now())

        return self.carry_out(request, run, done=_("Taken back."), object_id=object_id)


@admin.register(AssignmentRule)
class RuleAdmin(TrainingAdmin):
    """Rules that ask courses of shops by what happened to them."""

    list_display = ("name", "trigger", "kind", "feature", "course", "is_required", "due_days", "is_active")
    list_select_related = ("course",)
    fields = (*list_display, "looked_until", "created_at")
    actions_list = ("add_rule",)
    actions_detail = ("switch",)

    def rows(self, actor: Actor) -> QuerySet[AssignmentRule]:
        return assignments.rules()

    @action(
        description=gettext_lazy("Add a rule"),
        url_path="add-rule",
        icon="add",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Add a rule"),
            "form_class": RuleForm,
            "form_submit_text": gettext_lazy("Add"),
        },
    )
    def add_rule(self, request: HttpRequest, form: RuleForm) -> HttpResponse:
        def run() -> None:
            told = filled_in(form)
            code = told.pop("course")
            course = courses.by_code(code)
            ruling.add(actor=request.actor, course_id=course.pk if course else 0, at=timezone.now(), **told)

        return self.carry_out(request, run, done=_("The rule holds from now on."))

    @action(
        description=gettext_lazy("Switch on or off"),
        url_path="switch",
        icon="toggle_on",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Switch on or off"),
            "form_class": ConfirmForm,
            "form_submit_text": gettext_lazy("Switch on or off"),
        },
    )
    def switch(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        def run() -> None:
            ruling.switch(actor=request.actor, rule_id=int(object_id), at=timezone.now())

        return self.carry_out(request, run, done=_("Switched."), object_id=object_id)


def _completion(row: Enrolment) -> tuple[Any, ...]:
    return (
        row.merchant.name,
        row.user.display_name,
        words(row.course.title),
        row.version.number,
        row.enrolled_at.isoformat(),
        f"{row.lessons_done}/{row.version.lesson_count}",
        row.completed_at.isoformat() if row.completed_at else "",
    )


def _hours(seconds: Any) -> str:
    return f"{float(seconds) / 3600:.2f}"


def _csv(head: list[tuple[Any, ...]], rows: Iterator[tuple[Any, ...]], name: str) -> StreamingHttpResponse:
    def every() -> Iterator[tuple[Any, ...]]:
        yield from head
        yield from rows

    return tenancy.keep_for_stream(tables.csv_response(every(), name=name))


def _day(text: str | None) -> datetime | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
