"""Webhooks to be added, and which part of their log is asked for; what is right is judged by the commands."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from merchant_protection.foundation.choices import offer
from merchant_protection.notices.models import Dispatch
from merchant_protection.notices.services import webhooks


class EndpointForm(forms.Form):
    """One of the shop's own systems: its name, its address, and what it is told."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which system it is, such as “Order system”."))
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Begins with https:// and is reached from the internet."),
    )
    kinds = forms.MultipleChoiceField(label=_("What it is told"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, f"{kind.label} · {name}") for name, kind in webhooks.choosable().items()]
        offer(self, "kinds", choices)


class DeliveryFilter(forms.Form):
    """Which deliveries."""

    q = forms.CharField(label=_("Search"), required=False, max_length=80)
    kind = forms.CharField(label=_("Kind"), required=False, max_length=60)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Any status")), *Dispatch.Status.choices]
    )


class ReplayForm(forms.Form):
    """From which day on what was given up is sent again."""

    since = forms.DateField(label=_("Given up since"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def moment(self) -> datetime:
        """Return the beginning of that day in the viewer's zone."""
        return datetime.combine(self.cleaned_data["since"], time.min, tzinfo=timezone.get_current_timezone())
