"""What operations edit: kinds, grounds, texts, routes, service levels, calendars, limits, fast track, people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from claims import policies
from claims.queries import settings as queries
from claims.services import calendars, configuring, sampling
from claims.views.desk import setting_forms
from claims.views.desk.door import desk_page, show
from merchant_protection.foundation.htmx import attempt, status_of


@dataclass(frozen=True)
class Section:
    """One thing operations edit: its rows, the form of one, and the command that puts a change in force."""

    title: Promise
    form: type[forms.ModelForm]  # type: ignore[type-arg]
    publish: Callable[..., Any]
    key: str


def _limits(*, version: Any = None, **facts: Any) -> Any:
    return configuring.set_limits(**facts)


def _fast_track(*, version: Any = None, **facts: Any) -> Any:
    return sampling.publish_fast_track(**facts)


def _calendar(*, code: str, actor: Any, at: Any, week: Any, dates: Any, year: int | None) -> Any:
    calendar_id = queries.calendar_id(code)
    if year is not None:
        calendars.take_in_holidays(calendar_id=calendar_id, year=year, actor=actor, at=at)
    return calendars.correct(calendar_id=calendar_id, actor=actor, at=at, week=week, dates=dates)


def _reviewer(*, user_id: str, queues: Any, **facts: Any) -> Any:
    return configuring.place_reviewer(user_id=int(user_id), queue_ids=[queue.pk for queue in queues], **facts)


SECTIONS: dict[str, Section] = {
    "kinds": Section(gettext_lazy("Kinds of complaint"), setting_forms.KindForm, configuring.publish_kind, "code"),
    "reasons": Section(gettext_lazy("Rules and reasons"), setting_forms.ReasonForm, configuring.publish_reason, "code"),
    "texts": Section(gettext_lazy("Canned texts"), setting_forms.TextForm, configuring.publish_text, "code"),
    "routes": Section(gettext_lazy("Routing"), setting_forms.RouteForm, configuring.put_rule, "name"),
    "levels": Section(gettext_lazy("Service levels"), setting_forms.LevelForm, calendars.publish, "code"),
    "calendars": Section(gettext_lazy("Working calendars"), setting_forms.CalendarForm, _calendar, "code"),
    "limits": Section(gettext_lazy("Limits of the desk"), setting_forms.LimitsForm, _limits, "version"),
    "fast-track": Section(gettext_lazy("Fast track"), setting_forms.FastTrackForm, _fast_track, "version"),
    "reviewers": Section(gettext_lazy("Reviewers"), setting_forms.ReviewerForm, _reviewer, "user_id"),
    "phrases": Section(gettext_lazy("Demand phrases"), setting_forms.PhraseForm, configuring.put_phrase, "text"),
}


@require_GET
@desk_page
def overview(request: HttpRequest, section: str = "kinds") -> HttpResponse:
    """List what can be edited."""
    if section not in SECTIONS:
        raise Http404
    chosen = SECTIONS[section]
    rows = [(row, getattr(row, chosen.key)) for row in queries.rows(section)]
    return show(
        request,
        "claims/desk/settings.html",
        {
            "title": _("Desk settings"),
            "sections": [(name, each.title) for name, each in SECTIONS.items()],
            "section": section,
            "rows": rows,
            "may_edit": policies.can_configure(request.actor),
        },
    )


@desk_page
def edit(request: HttpRequest, section: str, key: str) -> HttpResponse:
    """Edit one thing; what is saved is a new version, and what runs keeps the one it has."""
    chosen = SECTIONS.get(section)
    row = queries.row(section, key) if chosen else None
    if chosen is None or row is None or not policies.can_configure(request.actor):
        raise Http404
    form = chosen.form(request.POST or None, instance=row)
    if request.method == "POST":
        given = {chosen.key: key, "actor": request.actor, "at": timezone.now()}
        if attempt(form, lambda: chosen.publish(**given, **form.facts())) is not None:
            return redirect("desk_settings_of", section)
    context = {"title": f"{chosen.title}: {key}", "section": section, "key": key, "form": form}
    return show(request, "claims/desk/setting.html", context, status=status_of(form))


@require_POST
@desk_page
def preview_calendar(request: HttpRequest, key: str) -> HttpResponse:
    """Show which deadlines a corrected calendar would move, before it is saved."""
    row = queries.row("calendars", key)
    if row is None or not policies.can_configure(request.actor):
        raise Http404
    form = setting_forms.CalendarForm(request.POST, instance=row)
    shown = None
    if form.is_valid():
        shown = attempt(form, lambda: calendars.preview_of(row, week=form.facts()["week"], now=timezone.now()))
    return show(
        request,
        "claims/desk/setting.html",
        {
            "title": f"{SECTIONS['calendars'].title}: {key}",
            "section": "calendars",
            "key": key,
            "form": form,
            "preview": shown,
        },
        status=status_of(form),
    )
