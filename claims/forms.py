"""What a merchant fills in."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from claims.models import Appeal, Claim, RemedyKind
from claims.rules.filing import LONGEST_STORY
from merchant_protection.foundation.choices import offer

CONTACTED = [("", "–"), ("yes", _("Yes")), ("no", _("No"))]


class ClaimForm(forms.Form):
    """A complaint as it is typed; what is missing is told when it is handed in."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=_("What is it about?"), widget=forms.RadioSelect)
    amount = forms.DecimalField(label=_("At stake"), min_value=0, max_digits=12, decimal_places=2)
    amount_demanded = forms.DecimalField(
        label=_("Demanded by the buyer"), max_digits=12, decimal_places=2, required=False
    )
    happened_at = forms.DateTimeField(
        label=_("When did it happen?"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    demand_channel = forms.ChoiceField(
        label=_("How did the demand come?"), required=False, choices=[("", "–"), *Claim.Channel.choices]
    )
    is_buyer_contacted = forms.ChoiceField(label=_("Did you contact the buyer?"), required=False, choices=CONTACTED)
    story = forms.CharField(
        label=_("What happened?"),
        max_length=LONGEST_STORY,
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": LONGEST_STORY}),
        help_text=_("What the buyer wants, what you did, what came of it: 10 to 2,000 characters."),
    )
    review_ref = forms.CharField(label=_("Number of the review, if it is about one"), required=False, max_length=120)
    desired_remedies = forms.MultipleChoiceField(
        label=_("What do you want?"), required=False, widget=forms.CheckboxSelectMultiple, choices=RemedyKind.choices
    )
    lines = forms.MultipleChoiceField(
        label=_("Which products is it about?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    joined = forms.MultipleChoiceField(
        label=_("Other orders of this buyer that belong to it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They show that it is a pattern. The decision is about the order of this complaint."),
    )

    def __init__(
        self,
        *args: Any,
        kinds: list[tuple[str, str]],
        lines: list[tuple[str, str]],
        orders: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", kinds)
        offer(self, "lines", lines)
        offer(self, "joined", orders)
        if len(lines) < 2:
            del self.fields["lines"]
        if not orders:
            del self.fields["joined"]

    def said(self) -> dict[str, Any]:
        """Return what was typed and can be kept, as the command takes it; what cannot be read is left as it was."""
        known = dict(self.cleaned_data)
        known.pop("version", None)
        said = {name: value for name, value in known.items() if name not in self.errors}
        if "kind" in said:
            said["kind_code"] = said.pop("kind")
        if "is_buyer_contacted" in said:
            said["is_buyer_contacted"] = {"yes": True, "no": False}.get(said["is_buyer_contacted"])
        if said.get("lines"):
            said["lines"] = [int(each) for each in said["lines"]]
        else:
            said.pop("lines", None)
        if "joined" in said:
            said["joined"] = [int(each) for each in said["joined"]]
        return said


class FilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, or none."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return each file as it came."""
        return [super(FilesField, self).clean(each, initial) for each in data or []]


class MessageForm(forms.Form):
    """Words to the reviewer, and files that go with them."""

    body = forms.CharField(
        label=_("Message to the reviewer"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 4000}),
    )
    attached = FilesField(required=False)


class AppealForm(forms.Form):
    """Why a decision is wrong."""

    ground = forms.ChoiceField(label=_("Ground"), widget=forms.RadioSelect, choices=Appeal.Ground.choices)
    text = forms.CharField(
        label=_("Why is the decision wrong?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": 4000}),
        help_text=_("Answer the reasons of the decision one by one, and say what the new evidence shows."),
    )


class DeclarationForm(forms.Form):
    """The last word before a complaint is handed in."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    is_true = forms.BooleanField(
        label=_("What I say here is true, and the files are unchanged."),
        error_messages={"required": _("Confirm this, so that the complaint can be handed in.")},
    )


def initial_of(claim: Claim) -> dict[str, Any]:
    """Return a draft as the form shows it."""
    return {
        "version": claim.version,
        "kind": claim.kind_code,
        "amount": claim.amount.quantize(Decimal("0.01")) if claim.amount else None,
        "amount_demanded": claim.amount_demanded and claim.amount_demanded.quantize(Decimal("0.01")),
        "happened_at": _minute(claim.happened_at),
        "demand_channel": claim.demand_channel,
        "is_buyer_contacted": {True: "yes", False: "no"}.get(claim.is_buyer_contacted, ""),  # type: ignore[arg-type]
        "story": claim.story,
        "review_ref": claim.review_ref,
        "desired_remedies": claim.desired_remedies,
    }


def _minute(at: datetime | None) -> datetime | None:
    return at.replace(second=0, microsecond=0) if at else None
