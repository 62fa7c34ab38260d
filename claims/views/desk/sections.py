"""The sections of the desk's settings: the rows of each, their form, and the command that puts a change in force."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.models import CannedText, ClaimKind, ReasonCode
from claims.queries import settings as queries
from claims.services import calendars, configuring, routing_table, sampling
from claims.views.desk import previews, setting_forms
from claims.views.desk.fields import SettingForm


def code_field() -> forms.Field:
    """A short name that is written once and never changed."""
    return forms.RegexField(
        r"^[A-Z][A-Z0-9_]{1,39}$",
        label=_("Short name"),
        help_text=_("Capital letters, digits and _; it cannot be changed later."),
    )


def name_field() -> forms.Field:
    """A name that is written once and never changed."""
    return forms.RegexField(
        r"^[^/\\?#%]{1,80}$", label=_("Name"), help_text=_("It stands on each case that the rule sends.")
    )


def phrase_field() -> forms.Field:
    """The words that are looked for."""
    return forms.RegexField(r"^[^/\\?#%]{1,60}$", label=_("phrase"))


def shop_field() -> forms.Field:
    """A shop by its number."""
    return forms.RegexField(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", label=_("Shop number"))


@dataclass(frozen=True)
class Section:
    """One thing operations edit: its rows, the form of one, and the command that puts a change in force."""

    title: Promise
    form: type[SettingForm]
    publish: Callable[..., Any]
    key: str
    new: Callable[[], forms.Field] | None = None
    preview: Callable[..., Any] | None = None
    retires: type[ClaimKind] | type[ReasonCode] | type[CannedText] | None = None


def _limits(*, version: Any = None, **facts: Any) -> Any:
    return configuring.set_limits(**facts)


def _fast_track(*, version: Any = None, **facts: Any) -> Any:
    return sampling.publish_fast_track(**facts)


def _calendar(*, code: str, actor: Any, at: Any, dates: Any, year: int | None, **facts: Any) -> Any:
    common: dict[str, Any] = {"actor": actor, "at": at}
    calendar_id = queries.calendar_id(code) or calendars.begin(code=code, **common, **facts).pk
    if year is not None:
        calendars.take_in_holidays(calendar_id=calendar_id, year=year, **common)
    return calendars.correct(calendar_id=calendar_id, dates=dates, **common, **facts)


def _reviewer(*, user_id: str, queues: Any, **facts: Any) -> Any:
    return configuring.place_reviewer(user_id=int(user_id), queue_ids=[queue.pk for queue in queues], **facts)


SECTIONS: dict[str, Section] = {
    "kinds": Section(
        _("Kinds of complaint"),
        setting_forms.KindForm,
        configuring.publish_kind,
        "code",
        new=code_field,
        preview=previews.of_kind,
        retires=ClaimKind,
    ),
    "reasons": Section(
        _("Rules and reasons"),
        setting_forms.ReasonForm,
        configuring.publish_reason,
        "code",
        new=code_field,
        retires=ReasonCode,
    ),
    "texts": Section(
        _("Canned texts"),
        setting_forms.TextForm,
        configuring.publish_text,
        "code",
        new=code_field,
        retires=CannedText,
    ),
    "queues": Section(_("Queues"), setting_forms.QueueForm, routing_table.put_queue, "code", new=code_field),
    "routes": Section(
        _("Routing"),
        setting_forms.RouteForm,
        routing_table.put_rule,
        "name",
        new=name_field,
        preview=previews.of_route,
    ),
    "levels": Section(
        _("Service levels"),
        setting_forms.LevelForm,
        calendars.publish,
        "code",
        new=code_field,
        preview=previews.of_level,
    ),
    "calendars": Section(
        _("Working calendars"),
        setting_forms.CalendarForm,
        _calendar,
        "code",
        new=code_field,
        preview=previews.of_calendar,
    ),
    "limits": Section(_("Limits of the desk"), setting_forms.LimitsForm, _limits, "version"),
    "fast-track": Section(_("Fast track"), setting_forms.FastTrackForm, _fast_track, "version"),
    "reviewers": Section(pgettext_lazy("people", "Reviewers"), setting_forms.ReviewerForm, _reviewer, "user_id"),
    "phrases": Section(_("Demand phrases"), setting_forms.PhraseForm, configuring.put_phrase, "text", new=phrase_field),
    "shops": Section(_("Tiers of shops"), setting_forms.ShopForm, configuring.set_tier, "code", new=shop_field),
}
