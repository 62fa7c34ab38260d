"""Restricting a buyer, and appealing in a buyer's favour."""

from django import forms
from django.utils.translation import gettext_lazy as _

from merchant_protection.risk.models import Restriction

DAYS = ((7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (180, _("180 days")))


class RestrictionForm(forms.Form):
    """What a buyer may not do, how long, and why."""

    limits = forms.MultipleChoiceField(
        label=_("What the buyer may not do"), choices=Restriction.Limit.choices, widget=forms.CheckboxSelectMultiple
    )
    payment_minutes = forms.IntegerField(
        label=_("Minutes to pay"),
        required=False,
        min_value=5,
        max_value=60,
        help_text=_("5–60, with a shorter time to pay"),
    )
    days = forms.TypedChoiceField(label=_("For how long"), coerce=int, choices=DAYS, initial=30)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The reviewer reads it, and the buyer when appealing. Name facts, not guesses."),
    )


class AppealForm(forms.Form):
    """What was held or rejected, and why that was wrong."""

    order_number = forms.CharField(
        label=_("Order number"), required=False, max_length=80, help_text=_("The order that was held, if there is one.")
    )
    words = forms.CharField(
        label=_("Why this is the wrong buyer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
