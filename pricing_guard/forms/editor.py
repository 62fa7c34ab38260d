"""The editor of a guard policy: every threshold may be left blank, and blank means not set."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pricing_guard.forms import wording
from pricing_guard.models import GuardPolicy, PolicyVersion
from pricing_guard.rules import validation
from pricing_guard.rules.thresholds import SWITCH
from pricing_guard.services.policies import Draft
from pricing_guard.templatetags.price_words import RUNGS

SWITCHES = [("", _("not set")), ("true", _("yes")), ("false", _("no"))]
USUAL_STEP = ("", _("as usual"))


class PolicyForm(forms.Form):
    """Name, scope, thresholds, what is done at which severity. What is right is judged by the command.

    Where the command is not asked, since something else is missing, its rules for the thresholds are told all the same.
    """

    name = forms.CharField(label=_("Name"), max_length=80)
    scope = forms.ChoiceField(label=_("Holds for"), choices=GuardPolicy.Scope.choices)
    categories = forms.CharField(
        label=_("Categories"), required=False, help_text=_("One a line."), widget=forms.Textarea(attrs={"rows": 3})
    )
    skus = forms.CharField(
        label=_("SKUs"), required=False, help_text=_("One a line."), widget=forms.Textarea(attrs={"rows": 3})
    )
    grace_minutes = forms.IntegerField(
        label=_("Minutes of grace before it acts"),
        required=False,
        min_value=0,
        max_value=1440,
        help_text=_("Time for a person to answer first. Blank: as usual for the severity."),
    )
    note = forms.CharField(label=_("What changed, and why"), required=False, max_length=300)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for name, word in wording.WORDS.items():
            if name in SWITCH:
                self.fields[name] = forms.ChoiceField(
                    label=str(word.label),
                    help_text=str(word.hint),
                    required=False,
                    choices=SWITCHES,
                    widget=forms.Select(attrs={"data-threshold": name}),
                )
            else:
                widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-threshold": name})
                self.fields[name] = forms.CharField(
                    label=str(word.label), help_text=str(word.hint), required=False, max_length=80, widget=widget
                )
        for severity, label in wording.SEVERITIES:
            self.fields[f"step_{severity}"] = forms.ChoiceField(
                label=label, required=False, choices=[USUAL_STEP, *RUNGS.items()]
            )

    def clean(self) -> dict[str, Any]:
        """Tell every fault at once."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            typed = {name: said.get(name) for name in wording.WORDS}
            for fault in validation.read(typed, currency=self.currency).errors:
                self.add_error(fault.field if fault.field in self.fields else None, fault.told(gettext))
        return said

    def groups(self) -> list[dict[str, Any]]:
        """Return the thresholds as the page lays them out, each with what stands beside its number."""
        return [
            {
                "key": group.key,
                "title": group.title,
                "sub": group.sub,
                "fields": [(self[name], wording.unit(name, self.currency)) for name in group.fields],
            }
            for group in wording.GROUPS
        ]

    def steps(self) -> list[forms.BoundField]:
        """Return what is done, the gentlest severity first."""
        return [self[f"step_{severity}"] for severity, _label in wording.SEVERITIES]

    def draft(self) -> Draft:
        """Return what was typed, as the command takes it."""
        said = self.cleaned_data
        return Draft(
            name=said["name"],
            scope=said["scope"],
            thresholds={name: said[name] for name in wording.WORDS},
            categories=_lines(said["categories"]) if said["scope"] == "CATEGORY" else [],
            skus=_lines(said["skus"]) if said["scope"] == "LISTINGS" else [],
            ladder={
                severity: said[f"step_{severity}"]
                for severity, _label in wording.SEVERITIES
                if said[f"step_{severity}"]
            },
            grace_minutes=said["grace_minutes"],
            note=said["note"],
        )


def initial_of(policy: GuardPolicy, version: PolicyVersion) -> dict[str, Any]:
    """Return what the editor shows of a version."""
    said = {
        name: str(value).lower() if name in SWITCH else str(value)
        for name, value in version.thresholds.items()
        if name in wording.WORDS
    }
    steps = {f"step_{severity}": action for severity, action in version.ladder.items()}
    return {
        **said,
        **steps,
        "name": policy.name,
        "scope": policy.scope,
        "categories": "\n".join(version.categories),
        "skus": "\n".join(version.skus),
        "grace_minutes": "" if version.grace_minutes is None else str(version.grace_minutes),
    }


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
