"""The forms of what operations edit: each only says what is wanted, the command judges it."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from claims.models import (
    CannedText,
    ClaimKind,
    Clock,
    DeskSettings,
    Escalation,
    EvidenceType,
    FastTrack,
    Phrase,
    ReasonCode,
    Reviewer,
    RoutingRule,
    SlaPolicy,
    WorkCalendar,
)

ROWS = {"rows": 4}


class Plain(json.JSONEncoder):
    """Shows Chinese as it is written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**(options | {"ensure_ascii": False, "indent": 1}))


class SettingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose facts go to a command; it never saves by itself."""

    def facts(self) -> dict[str, Any]:
        """Return what the form says, as the command takes it."""
        return dict(self.cleaned_data)

    def _post_clean(self) -> None:
        """The command judges what the model would: the row that is edited stays as it is."""


class DaysField(forms.IntegerField):
    """A span of time in whole days."""

    def prepare_value(self, value: Any) -> Any:
        return value.days if isinstance(value, timedelta) else value

    def clean(self, value: Any) -> Any:
        return timedelta(days=super().clean(value))


class HoursField(forms.IntegerField):
    """A span of time in whole hours."""

    def prepare_value(self, value: Any) -> Any:
        return int(value.total_seconds() // 3600) if isinstance(value, timedelta) else value

    def clean(self, value: Any) -> Any:
        return timedelta(hours=super().clean(value))


class MinutesField(forms.IntegerField):
    """A span of time in whole minutes."""

    def prepare_value(self, value: Any) -> Any:
        return int(value.total_seconds() // 60) if isinstance(value, timedelta) else value

    def clean(self, value: Any) -> Any:
        return timedelta(minutes=super().clean(value))


def _windows(line: str) -> list[list[str]]:
    """Read 09:00-12:00 13:00-18:00; what is no time of day is told by the calendar itself."""
    return [window.split("-", 1) for window in line.split()]


class RowsField(forms.JSONField):
    """A list of rows, each with these names, whose values are judged one by one."""

    def __init__(self, *, shape: Mapping[str, Callable[[Any], bool]], **options: Any) -> None:
        super().__init__(encoder=Plain, **options)
        self.shape = shape

    def clean(self, value: Any) -> Any:
        rows = super().clean(value) or []
        if not isinstance(rows, list) or not all(self._fits(row) for row in rows):
            names = ", ".join(self.shape)
            raise forms.ValidationError(_("Write a list of rows, each with %(names)s.") % {"names": names})
        return rows

    def _fits(self, row: Any) -> bool:
        return isinstance(row, dict) and all(name in row and check(row[name]) for name, check in self.shape.items())


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1_000_000


EVIDENCE = {"type": lambda value: value in EvidenceType.values, "weight": _is_count}
PROMISES = {
    "target": lambda value: value in Clock.Target.values,
    "minutes": _is_count,
    "on_breach": lambda value: value in Clock.OnBreach.values,
}
STEPS = {"level": _is_count, "audience": lambda value: value in Escalation.Audience.values, "minutes": _is_count}


class KindForm(SettingForm):
    opens_after = DaysField(label=_("Opens so many days after"), min_value=0, max_value=400)
    closes_after = DaysField(label=_("Closes so many days after"), min_value=1, max_value=400)
    required = RowsField(label=_("Required evidence"), shape=EVIDENCE, widget=forms.Textarea({"rows": 8}))
    helpful = RowsField(label=_("Helpful evidence"), shape=EVIDENCE, widget=forms.Textarea({"rows": 8}), required=False)

    class Meta:
        model = ClaimKind
        fields = (
            *("name_zh", "name_en", "hint_zh", "hint_en", "opens_basis", "opens_after", "closes_basis"),
            *("closes_after", "required", "helpful", "position"),
        )


class ReasonForm(SettingForm):
    class Meta:
        model = ReasonCode
        fields = (
            *("side", "name_zh", "name_en", "text_zh", "text_en", "clause_zh", "clause_en"),
            *("basis_zh", "basis_en", "kinds"),
        )
        widgets: ClassVar = {name: forms.Textarea(ROWS) for name in ("text_zh", "text_en")}


class TextForm(SettingForm):
    class Meta:
        model = CannedText
        fields = ("purpose", "title_zh", "title_en", "body_zh", "body_en")
        widgets: ClassVar = {name: forms.Textarea(ROWS) for name in ("body_zh", "body_en")}


class RouteForm(SettingForm):
    class Meta:
        model = RoutingRule
        fields = (
            *("position", "queue", "kinds", "tiers", "languages", "amount_from", "amount_below", "risk_from"),
            *("skills", "priority", "is_active"),
        )


class LevelForm(SettingForm):
    pause_cap = HoursField(label=_("Longest pause in working hours"), min_value=0, max_value=400)
    promises = RowsField(label=_("Targets, in minutes of working time"), shape=PROMISES)
    steps = RowsField(label=_("Escalation, in minutes after the target"), shape=STEPS, required=False)

    class Meta:
        model = SlaPolicy
        fields = (
            *("name_zh", "name_en", "queue", "priority", "tier", "calendar", "promises", "pause_cap"),
            *("warnings", "steps"),
        )


class CalendarForm(SettingForm):
    """One line a day: 09:00-12:00 13:00-18:00; an empty line is a day off."""

    week = forms.CharField(
        label=_("Hours, one line a day from Monday"), widget=forms.Textarea({"rows": 7}), strip=False, required=False
    )

    date = forms.DateField(
        label=_("A date with hours of its own"), required=False, widget=forms.DateInput({"type": "date"})
    )
    date_hours = forms.CharField(label=_("Its hours; empty for a day off"), required=False)
    year = forms.IntegerField(
        label=_("Take in the public holidays of the year"), required=False, min_value=2020, max_value=2100
    )

    class Meta:
        model = WorkCalendar
        fields = ("week",)

    def facts(self) -> dict[str, Any]:
        """Return the week, the one date that was named, and the year whose holidays are wanted."""
        said = self.cleaned_data
        dates = {said["date"]: _windows(said["date_hours"])} if said["date"] else {}
        return {"week": said["week"], "dates": dates, "year": said["year"]}

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        if field_name == "week":
            return "\n".join(" ".join("-".join(window) for window in day) for day in self.instance.week)
        return super().get_initial_for_field(field, field_name)

    def clean_week(self) -> list[list[list[str]]]:
        lines = self.cleaned_data["week"].splitlines()[:7]
        lines += [""] * (7 - len(lines))
        return [_windows(line) for line in lines]


class LimitsForm(SettingForm):
    bulk_spacing = MinutesField(label=_("Each further one later by so many minutes"), min_value=0, max_value=600)

    class Meta:
        model = DeskSettings
        fields = (
            *("second_approval_amount", "second_approval_orders", "evidence_days", "appeal_days", "sampled"),
            *("auto_uphold_on", "auto_uphold_a_day", "bulk_at_once", "bulk_spacing", "refund_pause"),
            "refund_pause_hours",
        )


class FastTrackForm(SettingForm):
    clear = forms.JSONField(label=_("Which warning makes which kind clear"), encoder=Plain)

    def clean_clear(self) -> Any:
        """Each kind names a list of kinds of warning."""
        clear = self.cleaned_data["clear"]
        if not isinstance(clear, dict) or not all(isinstance(each, list) for each in clear.values()):
            raise forms.ValidationError(_("Name for each kind the list of warnings that make it clear."))
        return clear

    class Meta:
        model = FastTrack
        fields = (
            *("mode", "clear", "levels", "amount_up_to", "sampled", "overturned_up_to"),
            "fewest_decided",
        )


class ReviewerForm(SettingForm):
    class Meta:
        model = Reviewer
        fields = ("queues", "skills", "lead", "most_at_once", "is_active")


class PhraseForm(SettingForm):
    class Meta:
        model = Phrase
        fields = ("points", "is_active")
