"""Answers to warnings, and from where on a shop is warned."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from merchant_protection.home.services import answers
from scalper_policies.rules import warnings as rules

SNOOZES = (("", _("Do not snooze")), ("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days")))


class AnswerForm(forms.Form):
    """One answer, to one warning or to many."""

    answer = forms.ChoiceField(choices=[(name, name) for name in answers.ANSWERS])
    note = forms.CharField(required=False, max_length=300)
    snooze = forms.ChoiceField(required=False, choices=SNOOZES)

    def told(self, now: datetime) -> dict[str, Any]:
        """Return the answer as the command takes it."""
        days = self.cleaned_data.get("snooze")
        return {
            "name": self.cleaned_data["answer"],
            "note": self.cleaned_data.get("note", ""),
            "snooze_until": now + timedelta(days=int(days)) if days else None,
        }


LIMITS: Mapping[str, Any] = {
    "unpaid_share": _("Warn from this share of a product's stock in unpaid orders (%)"),
    "unpaid_share_high": _("Level high from this share (%)"),
    "unpaid_orders": _("Warn from this many unpaid orders in 24 hours"),
    "unpaid_for": _("Count an order as unpaid after this many minutes"),
    "far_below": _("Warn when the price paid is at most this share of the usual price (%)"),
    "far_below_high": _("Level high at or below this share (%)"),
    "arbitrage_units": _("Only from this many units of one product"),
    "claims": _("Warn from this many wrong claims in 180 days"),
    "claims_high": _("Level high from this many wrong claims"),
    "claim_shops": _("Warn from claims against this many shops in 30 days"),
    "tied_claims": _("Warn from this many claims by accounts tied together in 30 days"),
    "returns": _("Only from this many returns in 90 days"),
    "return_share": _("Warn from this share of the orders returned (%)"),
    "return_share_high": _("Level medium from this share (%)"),
    "hot_units": _("Warn from this many units of a scarce product in 24 hours"),
    "hot_signals": _("Warn from this many signals that tie accounts"),
    "difference_orders": _("Warn from this many orders of only such links in 24 hours"),
    "difference_orders_high": _("Level medium from this many orders"),
}


class LimitsForm(forms.Form):
    """From where on each kind warns; each number within its bounds."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, values: Mapping[str, int], version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = version
        for name, (low, high) in rules.BOUNDS.items():
            self.fields[name] = forms.IntegerField(
                label=LIMITS[name], min_value=low, max_value=high, initial=values[name], help_text=f"{low}–{high}"
            )

    def values(self) -> dict[str, int]:
        """Return the numbers by name."""
        return {name: self.cleaned_data[name] for name in rules.BOUNDS}
