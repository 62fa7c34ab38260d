"""Staff pages: live sessions, and the questions of their rooms."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.staff_admin import NoteForm
from training.admin.pages import ConfirmForm, TrainingAdmin, refusals, words
from training.models import LiveSession, RoomQuestion
from training.queries import courses, sessions
from training.services import rooms
from training.services import sessions as services

ZONES = [(name, name) for name in ("Asia/Shanghai", "Asia/Hong_Kong", "Europe/London", "Europe/Berlin", "UTC")]


class PlanForm(forms.Form):
    """A session as it is planned; times are in its own zone."""

    title_zh = forms.CharField(label=gettext_lazy("Title (Chinese)"), max_length=120, required=False)
    title_en = forms.CharField(label=gettext_lazy("Title (English)"), max_length=120, required=False)
    summary_zh = forms.CharField(label=gettext_lazy("About (Chinese)"), max_length=400, required=False)
    summary_en = forms.CharField(label=gettext_lazy("About (English)"), max_length=400, required=False)
    course = forms.ModelChoiceField(label=gettext_lazy("Course"), queryset=None, required=False)
    lesson_code = forms.CharField(label=gettext_lazy("Lesson (code)"), max_length=60, required=False)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=ZONES)
    starts_at = forms.DateTimeField(label=gettext_lazy("Starts (2026-12-01 20:00)"))
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=600, initial=45)
    capacity = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=100_000, initial=300)
    attendance_percent = forms.IntegerField(
        label=gettext_lazy("Percent to be attended"), min_value=1, max_value=100, initial=70
    )
    stream_url = forms.CharField(label=gettext_lazy("Stream (HLS address)"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = courses.catalogue().order_by("code")  # type: ignore[attr-defined]
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            widget = UnfoldAdminSelectWidget if is_choice else UnfoldAdminTextInputWidget
            field.widget = widget(attrs=field.widget.attrs)
            if is_choice:
                field.widget.choices = field.choices  # type: ignore[attr-defined]

    def plan(self) -> dict[str, Any]:
        """Return the plan as the service takes it."""
        told = self.cleaned_data
        zone = ZoneInfo(told["time_zone"])
        start = told["starts_at"].replace(tzinfo=None).replace(tzinfo=zone)
        return {
            "title": {key: told[f"title_{key}"] for key in ("zh", "en") if told[f"title_{key}"]},
            "summary": {key: told[f"summary_{key}"] for key in ("zh", "en") if told[f"summary_{key}"]},
            "course_id": told["course"].pk if told["course"] else None,
            "lesson_code": told["lesson_code"],
            "time_zone": told["time_zone"],
            "starts_at": start,
            "ends_at": start + timedelta(minutes=told["minutes"]),
            "capacity": told["capacity"],
            "attendance_percent": told["attendance_percent"],
            "stream_url": told["stream_url"],
        }


class StreamForm(BaseDialogForm):
    """Where the stream comes from."""

    stream_url = forms.CharField(
        label=gettext_lazy("Stream (HLS address)"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Leave it empty to keep the one of the plan."),
        widget=UnfoldAdminTextInputWidget,
    )


class RecordingForm(BaseDialogForm):
    """The recording, if there is one yet."""

    url = forms.CharField(
        label=gettext_lazy("Recording (address)"), required=False, max_length=500, widget=UnfoldAdminTextInputWidget
    )
    seconds = forms.IntegerField(
        label=gettext_lazy("Its length in seconds"), required=False, min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )


class TextForm(BaseDialogForm):
    """What is said to the room."""

    text = forms.CharField(label=gettext_lazy("Words"), max_length=2000, widget=UnfoldAdminTextareaWidget({"rows": 4}))


@admin.register(LiveSession)
class LiveSessionAdmin(TrainingAdmin):
    """Live sessions: planned, held, ended, seen again."""

    list_display = ("title_shown", "starts_at", "status_shown", "seats_shown", "waiting", "host")
    list_select_related = ("host", "course")
    list_filter = (("status", ChoicesDropdownFilter),)
    fields = (
        *("title_shown", "course", "lesson_code", "host", "starts_at", "ends_at", "time_zone", "capacity"),
        *("seats_taken", "waiting", "status", "stream_url", "recording_url", "recording_seconds"),
        *("attendance_percent", "went_live_at", "ended_at"),
    )
    ordering = ("-starts_at",)
    actions_list = ("plan_new",)
    actions_detail = ("replan", "go_live", "announce", "end", "add_recording", "cancel")
    own_pages = {"plan/": "plan", "<int:pk>/plan/": "plan"}

    def rows(self, actor: Actor) -> QuerySet[LiveSession]:
        return sessions.all_sessions()

    def possible_actions(self, request: HttpRequest, object_id: Any) -> set[str]:
        session = self.get_object(request, object_id)
        moves = {
            "SCHEDULED": {"replan", "go_live", "announce", "cancel"},
            "LIVE": {"replan", "announce", "end"},
            "ENDED": {"announce", "add_recording"},
        }
        return moves.get(session.status, set()) if session else set()

    @display(description=gettext_lazy("Title"))
    def title_shown(self, session: LiveSession) -> str:
        return words(session.title)

    @display(
        description=LiveSession._meta.get_field("status").verbose_name,
        label={"LIVE": "danger", "SCHEDULED": "info", "ENDED": "success", "CANCELLED": "warning"},
    )
    def status_shown(self, session: LiveSession) -> tuple[str, str]:
        return session.status, session.get_status_display()

    @display(description=gettext_lazy("Seats"))
    def seats_shown(self, session: LiveSession) -> str:
        return f"{session.seats_taken} / {session.capacity}"

    def plan(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Plan a session, or change the plan of one."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        session = sessions.all_sessions().filter(pk=pk).first() if pk else None
        if pk and session is None:
            raise Http404
        form = PlanForm(request.POST or None, initial=_initial(session) if session else None)
        if request.method == "POST" and form.is_valid():
            kept: list[LiveSession] = []
            if refusals(request, lambda: kept.append(_keep(request.actor, form, session)), done=_("The plan is kept.")):
                return self.back_to("change", kept[0].pk)
        return self.page(request, "plan", _("Plan a live session"), form=form)

    @action(description=gettext_lazy("Plan a live session"), url_path="new", icon="add", permissions=["act"])
    def plan_new(self, request: HttpRequest) -> HttpResponse:
        return self.back_to("plan")

    @action(description=gettext_lazy("Change the plan"), url_path="replan", icon="edit_calendar", permissions=["act"])
    def replan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.back_to("plan", object_id)

    @action(
        description=gettext_lazy("Go live"),
        url_path="go-live",
        icon="podcasts",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Go live"),
            "form_class": StreamForm,
            "form_submit_text": gettext_lazy("Go live"),
        },
    )
    def go_live(self, request: HttpRequest, form: StreamForm, object_id: str) -> HttpResponse:
        def run() -> None:
            url = form.cleaned_data["stream_url"]
            services.go_live(actor=request.actor, session_id=int(object_id), at=timezone.now(), stream_url=url)

        return self.carry_out(request, run, done=_("The room is open."), object_id=object_id)

    @action(
        description=gettext_lazy("Announce"),
        url_path="announce",
        icon="campaign",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Announce"),
            "form_class": TextForm,
            "form_submit_text": gettext_lazy("Announce"),
        },
    )
    def announce(self, request: HttpRequest, form: TextForm, object_id: str) -> HttpResponse:
        def run() -> None:
            text = form.cleaned_data["text"]
            rooms.announce(actor=request.actor, session_id=int(object_id), text=text, at=timezone.now())

        return self.carry_out(request, run, done=_("It stands on the board."), object_id=object_id)

    @action(
        description=gettext_lazy("End"),
        url_path="end",
        icon="stop_circle",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("End the session"),
            "description": gettext_lazy("Who attended is judged now, by how long it really lasted."),
            "form_class": RecordingForm,
            "form_submit_text": gettext_lazy("End"),
        },
    )
    def end(self, request: HttpRequest, form: RecordingForm, object_id: str) -> HttpResponse:
        def run() -> None:
            services.end(
                actor=request.actor,
                session_id=int(object_id),
                at=timezone.now(),
                recording_url=form.cleaned_data["url"],
                recording_seconds=form.cleaned_data["seconds"],
            )

        return self.carry_out(request, run, done=_("The session is over."), object_id=object_id)

    @action(
        description=gettext_lazy("Recording"),
        url_path="recording",
        icon="video_library",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Recording"),
            "form_class": RecordingForm,
            "form_submit_text": gettext_lazy("Keep"),
        },
    )
    def add_recording(self, request: HttpRequest, form: RecordingForm, object_id: str) -> HttpResponse:
        def run() -> None:
            services.add_recording(
                actor=request.actor,
                session_id=int(object_id),
                url=form.cleaned_data["url"],
                seconds=form.cleaned_data["seconds"] or 1,
                at=timezone.now(),
            )

        return self.carry_out(request, run, done=_("The recording is there."), object_id=object_id)

    @action(
        description=gettext_lazy("Call the session off"),
        url_path="cancel",
        icon="event_busy",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Call the session off"),
            "description": gettext_lazy("Calendars show it as cancelled. This cannot be undone."),
            "form_class": NoteForm,
            "form_submit_text": gettext_lazy("Call the session off"),
        },
    )
    def cancel(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        def run() -> None:
            services.cancel(actor=request.actor, session_id=int(object_id), at=timezone.now())

        return self.carry_out(request, run, done=_("Called off."), object_id=object_id)


@admin.register(RoomQuestion)
class RoomQuestionAdmin(TrainingAdmin):
    """Questions asked in rooms: shown, answered, or left aside."""

    list_display = ("text", "session_shown", "merchant", "user", "status", "asked_at")
    list_select_related = ("session", "merchant", "user", "post")
    list_filter = (("status", ChoicesDropdownFilter),)
    fields = ("session_shown", "merchant", "user", "text", "status", "asked_at", "answer_shown")
    actions_detail = ("show", "answer", "decline")

    def rows(self, actor: Actor) -> QuerySet[RoomQuestion]:
        return sessions.questions_visible_to(actor)

    @display(description=gettext_lazy("Session"))
    def session_shown(self, question: RoomQuestion) -> str:
        return words(question.session.title)

    @display(description=gettext_lazy("Words of the answer"))
    def answer_shown(self, question: RoomQuestion) -> str:
        return question.post.answer if question.post else "–"

    @action(
        description=gettext_lazy("Show to all"),
        url_path="show",
        icon="visibility",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Show to all"),
            "form_class": ConfirmForm,
            "form_submit_text": gettext_lazy("Show to all"),
        },
    )
    def show(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        def run() -> None:
            rooms.show(actor=request.actor, question_id=int(object_id), at=timezone.now())

        return self.carry_out(request, run, done=_("It stands on the board."), object_id=object_id)

    @action(
        description=gettext_lazy("Answer it"),
        url_path="answer",
        icon="reply",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Answer it"),
            "form_class": TextForm,
            "form_submit_text": gettext_lazy("Answer it"),
        },
    )
    def answer(self, request: HttpRequest, form: TextForm, object_id: str) -> HttpResponse:
        def run() -> None:
            text = form.cleaned_data["text"]
            rooms.answer(actor=request.actor, question_id=int(object_id), text=text, at=timezone.now())

        return self.carry_out(request, run, done=_("It stands on the board."), object_id=object_id)

    @action(
        description=gettext_lazy("Leave aside"),
        url_path="decline",
        icon="close",
        permissions=["act"],
        dialog={
            "title": gettext_lazy("Leave aside"),
            "form_class": ConfirmForm,
            "form_submit_text": gettext_lazy("Leave aside"),
        },
    )
    def decline(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        def run() -> None:
            rooms.decline(actor=request.actor, question_id=int(object_id), at=timezone.now())

        return self.carry_out(request, run, done=_("Left aside."), object_id=object_id)


def _keep(actor: Actor, form: PlanForm, session: LiveSession | None) -> LiveSession:
    if session is None:
        return services.schedule(actor=actor, plan=form.plan(), at=timezone.now())
    return services.change(actor=actor, session_id=session.pk, plan=form.plan(), at=timezone.now())


def _initial(session: LiveSession) -> dict[str, Any]:
    names = ("course", "lesson_code", "time_zone", "capacity", "attendance_percent", "stream_url")
    keys = [(name, key) for name in ("title", "summary") for key in ("zh", "en")]
    texts = {f"{name}_{key}": getattr(session, name).get(key, "") for name, key in keys}
    start = session.starts_at.astimezone(ZoneInfo(session.time_zone))
    minutes = round((session.ends_at - session.starts_at).total_seconds() / 60)
    when = {"starts_at": f"{start:%Y-%m-%d %H:%M}", "minutes": minutes}
    return {name: getattr(session, name) for name in names} | texts | when
