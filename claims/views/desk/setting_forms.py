"""The forms of what operations edit: each only says what is wanted, the command judges it."""

import zoneinfo
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from claims.models import (
    CannedText,
    ClaimKind,
    DeskSettings,
    FastTrack,
    Filer,
    Phrase,
    Queue,
    ReasonCode,
    Recognition,
    Reviewer,
    RoutingRule,
    SlaPolicy,
    WorkCalendar,
)
from claims.queries import settings as setting_queries
from claims.views.desk import choices
from claims.views.desk.fields import (
    HoursField,
    PercentsField,
    RowsField,
    SettingForm,
    ShareField,
    SpanField,
    TagsField,
    TicksField,
)
from claims.views.desk.row_forms import LONGEST, WORKING, ClearRow, DateRow, EvidenceRow, PromiseRow, StepRow

ROWS = {"rows": 4}
DAY = timedelta(days=1)
WEEK = (
    *(("monday", _("Monday")), ("tuesday", _("Tuesday")), ("wednesday", _("Wednesday")), ("thursday", _("Thursday"))),
    *(("friday", _("Friday")), ("saturday", _("Saturday")), ("sunday", _("Sunday"))),
)


class KindForm(SettingForm):
    opens_after = SpanField(label=_("So long after it"), units=("days",), most=400 * DAY)
    closes_after = SpanField(label=_("At the latest so long after it"), units=("days",), least=DAY, most=400 * DAY)
    required = RowsField(label=_("Required evidence"), row=EvidenceRow, add=_("Add evidence"), required=False)
    helpful = RowsField(label=_("Helpful evidence"), row=EvidenceRow, add=_("Add evidence"), required=False)

    class Meta:
        model = ClaimKind
        fields = (
            *("name_zh", "name_en", "hint_zh", "hint_en", "opens_basis", "opens_after", "closes_basis"),
            *("closes_after", "required", "helpful", "position"),
        )
        labels: ClassVar = {
            "opens_basis": _("Can be filed once"),
            "closes_basis": _("The time to file is counted from when"),
        }


class ReasonForm(SettingForm):
    kinds = TicksField(label=_("For these kinds; none ticked: for all"), choices=choices.kinds)

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


class QueueForm(SettingForm):
    class Meta:
        model = Queue
        fields = ("name_zh", "name_en", "position", "is_default", "is_active")


class RouteForm(SettingForm):
    kinds = TicksField(label=_("Kinds; none ticked: all"), choices=choices.kinds)
    tiers = TagsField(label=_("Tiers; none: all"), known=choices.tiers)
    languages = TicksField(label=_("Languages; none ticked: all"), choices=choices.languages)
    skills = TagsField(label=_("Skills a reviewer needs"), known=choices.skills)
    follow = forms.BooleanField(label=_("Move the open cases that nobody has, too"), required=False)

    class Meta:
        model = RoutingRule
        fields = (
            *("queue", "priority", "kinds", "amount_from", "amount_below", "risk_from", "tiers", "languages"),
            *("skills", "position", "is_active"),
        )


class LevelForm(SettingForm):
    promises = RowsField(label=_("Targets, in working time"), row=PromiseRow, add=_("Add a target"))
    steps = RowsField(label=_("Escalation, in the order of time"), row=StepRow, add=_("Add a step"), required=False)
    pause_cap = SpanField(label=_("Longest pause in all, in working time"), units=WORKING, most=LONGEST)
    warnings = PercentsField(label=_("Warn when so many per cent of the time are used"), required=False)
    tier = forms.ChoiceField(label=_("Tier"), choices=choices.tier_or_any, required=False)

    class Meta:
        model = SlaPolicy
        fields = (
            *("name_zh", "name_en", "queue", "priority", "tier", "calendar", "promises", "pause_cap"),
            *("warnings", "steps"),
        )

    def facts(self) -> dict[str, Any]:
        """Return the terms, the steps numbered as they stand."""
        said = super().facts()
        return said | {"steps": [{"level": place, **step} for place, step in enumerate(said["steps"], 1)]}


class CalendarForm(SettingForm):
    """A line a day, the dates that were entered by hand, and a year whose holidays are to be taken in."""

    dates = RowsField(label=_("Dates with hours of their own"), row=DateRow, add=_("Add a date"), required=False)
    year = forms.IntegerField(
        label=_("Take in the public holidays of the year"), required=False, min_value=2020, max_value=2100
    )

    class Meta:
        model = WorkCalendar
        fields = ("name_zh", "name_en", "zone", "country")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        week = self.instance.week or [[]] * 7
        for (name, words), windows in zip(WEEK, week, strict=True):
            self.fields[name] = HoursField(label=words, initial=windows)
        by_hand = setting_queries.dates_by_hand(self.instance)
        self.initial["dates"] = [{"date": each.date, "hours": each.hours} for each in by_hand]
        self.order_fields([*self.Meta.fields, *(name for name, _words in WEEK), "dates", "year"])

    def clean_zone(self) -> str:
        """A time zone by its name, such as Asia/Shanghai."""
        zone: str = self.cleaned_data["zone"]
        if zone not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("There is no such time zone. Write it like Asia/Shanghai."))
        return zone

    def clean_dates(self) -> list[dict[str, Any]]:
        """Each date stands once."""
        rows: list[dict[str, Any]] = self.cleaned_data["dates"]
        seen: set[date] = set()
        for place, row in enumerate(rows):
            if row["date"] in seen:
                self["dates"].rows[place].add_error("date", _("This date stands here twice."))  # type: ignore[attr-defined]
                raise forms.ValidationError(_("Put the marked rows right."))
            seen.add(row["date"])
        return rows

    def facts(self) -> dict[str, Any]:
        """Return the week, the dates entered by hand (nothing for those taken out), and the year that is wanted."""
        said = self.cleaned_data
        gone = {each["date"]: None for each in self.initial["dates"]}
        kept = {each["date"]: each["hours"] for each in said["dates"]}
        named = {name: said[name] for name in self.Meta.fields}
        return named | {
            "week": [said[name] for name, _words in WEEK],
            "dates": gone | kept,
            "year": said["year"],
        }


class LimitsForm(SettingForm):
    bulk_spacing = SpanField(label=_("Each further one later by"), units=("minutes", "hours"), most=timedelta(hours=10))
    sampled = ShareField(label=_("Reviewed again, per cent"))

    class Meta:
        model = DeskSettings
        fields = (
            *("second_approval_amount", "second_approval_orders", "evidence_days", "appeal_days", "sampled"),
            *("auto_uphold_on", "auto_uphold_a_day", "bulk_at_once", "bulk_spacing", "refund_pause"),
            "refund_pause_hours",
        )


class FastTrackForm(SettingForm):
    clear = RowsField(
        label=_("Which warning makes which kind clear"), row=ClearRow, add=_("Add a kind"), required=False
    )
    levels = TicksField(label=_("Levels of the warning"), choices=Recognition.Level.choices[1:])
    sampled = ShareField(label=_("Reviewed again, per cent"))
    overturned_up_to = ShareField(label=_("Stops itself above so many per cent overturned"))

    class Meta:
        model = FastTrack
        fields = (
            *("mode", "clear", "levels", "amount_up_to", "sampled", "overturned_up_to"),
            "fewest_decided",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.initial.get("clear") or {}
        self.initial["clear"] = [{"kind": kind, "warnings": warnings} for kind, warnings in stored.items()]

    def clean_clear(self) -> dict[str, list[str]]:
        """Each kind stands once."""
        rows = self.cleaned_data["clear"]
        if len({kind for kind, _warnings in rows}) < len(rows):
            raise forms.ValidationError(_("Each kind stands here once."))
        return dict(rows)


class ReviewerForm(SettingForm):
    skills = TagsField(label=_("Skills"), known=choices.skills)
    empty: ClassVar = {"lead": _("Nobody")}

    class Meta:
        model = Reviewer
        fields = ("queues", "skills", "lead", "most_at_once", "is_active")
        widgets: ClassVar = {"queues": forms.CheckboxSelectMultiple}


class PhraseForm(SettingForm):
    class Meta:
        model = Phrase
        fields = ("points", "is_active")


class ShopForm(SettingForm):
    tier = forms.RegexField(
        r"^[A-Za-z][A-Za-z0-9_]*$",
        max_length=20,
        label=_("Tier"),
        help_text=_(
            "A word that routing and service levels speak of, such as GOLD; STANDARD is that of all other shops."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.Textarea({"rows": 2}), help_text=_("It is written down.")
    )

    class Meta:
        model = Filer
        fields = ("tier",)

    def clean_tier(self) -> str:
        """Tiers are written in capital letters."""
        return str(self.cleaned_data["tier"]).upper()
