"""The rows of what operations edit: evidence, targets, steps of an escalation, dates, what makes a kind clear."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from claims.models import Clock, Escalation, EvidenceType
from claims.rules import catalogue
from claims.views.desk import choices
from claims.views.desk.fields import HoursField, RowForm, SpanField, TicksField
from merchant_protection.risk import wording

MINUTE = timedelta(minutes=1)
WORKING = ("minutes", "hours", "workdays")
LONGEST = timedelta(hours=8) * 365
BEFORE, AFTER = "before", "after"


class EvidenceRow(RowForm):
    """One piece of evidence, how much it weighs, and what may stand for it."""

    type = forms.ChoiceField(label=_("Evidence"), choices=EvidenceType.choices)
    weight = forms.IntegerField(
        label=_("Weight"), min_value=1, max_value=9, initial=1, widget=forms.NumberInput({"class": "desk-number"})
    )
    or_else = TicksField(label=_("Or instead of it"), choices=EvidenceType.choices)

    def facts(self) -> dict[str, Any]:
        """Return the evidence with the example that people are shown for its type."""
        said = self.cleaned_data
        instead = sorted(set(said["or_else"]) - {said["type"]})
        return {**said, "or_else": instead, "example": catalogue.EXAMPLES.get(said["type"], "")}


class PromiseRow(RowForm):
    """One target, within how much working time, and what happens when it is missed."""

    target = forms.ChoiceField(label=_("Target"), choices=Clock.Target.choices)
    within = SpanField(label=_("Within"), units=WORKING, least=MINUTE, most=LONGEST)
    on_breach = forms.ChoiceField(label=_("When missed"), choices=Clock.OnBreach.choices)

    @classmethod
    def said(cls, stored: Any) -> dict[str, Any]:
        """Show minutes as people say them."""
        return {**stored, "within": timedelta(minutes=stored["minutes"])}

    def facts(self) -> dict[str, Any]:
        """Return the target as it is kept, in minutes of working time."""
        said = self.cleaned_data
        return {"target": said["target"], "minutes": said["within"] // MINUTE, "on_breach": said["on_breach"]}


class StepRow(RowForm):
    """One step of the escalation: who hears of it, how long before or after the target."""

    audience = forms.ChoiceField(label=_("Who hears of it"), choices=Escalation.Audience.choices)
    offset = SpanField(label=_("How long"), units=WORKING, most=LONGEST)
    side = forms.ChoiceField(
        label=_("Before or after"), choices=[(BEFORE, _("before the target")), (AFTER, _("after the target"))]
    )

    @classmethod
    def said(cls, stored: Any) -> dict[str, Any]:
        """Show minutes as people say them."""
        minutes = stored["minutes"]
        return {**stored, "offset": timedelta(minutes=abs(minutes)), "side": BEFORE if minutes < 0 else AFTER}

    def facts(self) -> dict[str, Any]:
        """Return the step as it is kept; which step it is, its place says."""
        said = self.cleaned_data
        minutes = said["offset"] // MINUTE
        return {"audience": said["audience"], "minutes": -minutes if said["side"] == BEFORE else minutes}


class DateRow(RowForm):
    """A date with hours of its own, entered by hand."""

    date = forms.DateField(label=_("Date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    hours = HoursField(label=_("Hours; empty for a day off"))


class ClearRow(RowForm):
    """A kind of complaint, and the warnings that make it clear."""

    kind = forms.ChoiceField(label=_("Kind"), choices=choices.kinds)
    warnings = TicksField(label=_("Clear after one of these warnings"), choices=list(wording.KINDS.items()))

    def clean_warnings(self) -> list[str]:
        """A kind that nothing makes clear says nothing."""
        found: list[str] = self.cleaned_data["warnings"]
        if not found:
            raise forms.ValidationError(_("Choose at least one, or remove the row."))
        return found

    def facts(self) -> tuple[str, list[str]]:
        """Return the kind and its warnings."""
        return self.cleaned_data["kind"], self.cleaned_data["warnings"]
