"""Forms of the pages about people, shops and keys; what is right is judged by the commands."""

import zoneinfo
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from merchant_protection.accounts import policies
from merchant_protection.accounts.models import Merchant, Role, User
from merchant_protection.foundation.choices import offer

SCOPE_WORDS = {
    "orders:read": _("Read orders, buyers and after-sales"),
    "listings:read": _("Read listings, prices and promotions"),
    "events:read": _("Read the log of received events"),
    "notices:read": _("Read the inbox"),
    "webhooks:read": _("Read webhooks and how their deliveries went"),
    "webhooks:write": _("Add and change webhooks, and send again"),
    "warnings:read": _("Read risk warnings, restrictions and appeals"),
    "warnings:write": _("Answer risk warnings, restrict buyers, and appeal"),
    "actions:read": _("Read what the platform was asked to do"),
    "training:read": _("Read courses, learning and live sessions"),
    "training:write": _("Ask courses of the shop's people"),
    "price_guard:read": _("Read price incidents, and ask whether a price may be published"),
    "price_guard:write": _("Answer price incidents"),
    "orders:decide": _("Ask whether an order may pass"),
    "policies:read": _("Read scalper policies and order decisions"),
    "policies:write": _("Write scalper policies, lists and draws"),
    "recipients:read": _("See who receives an order, one at a time and with a reason"),
    "claims:read": _("Read complaints and their evidence"),
    "claims:write": _("File complaints, add evidence and appeal"),
    "merchants:write": _("Open and change shops"),
}
ZONES = [(name, name) for name in sorted(zoneinfo.available_timezones()) if "/" in name or name == "UTC"]


class InviteForm(forms.Form):
    """A colleague's address and what they may do."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.OPERATOR)


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class JoinForm(forms.Form):
    """What an invited newcomer tells of themselves."""

    display_name = forms.CharField(label=_("Your name"), max_length=80)
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput, min_length=10, max_length=128)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class KeyForm(forms.Form):
    """A new key: what it is for, what it may do, until when."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What will use it, such as “Warehouse system”."))
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    lasts = forms.TypedChoiceField(
        label=_("Expires"),
        coerce=int,
        choices=[(90, _("In 90 days")), (365, _("In a year")), (0, _("Never"))],
        initial=365,
    )

    def __init__(self, *args: Any, merchant_id: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "scopes", [(scope, SCOPE_WORDS[scope]) for scope in policies.scopes_for(merchant_id)])

    def expires_at(self) -> datetime | None:
        """Return when the key ends, if it does."""
        days = self.cleaned_data["lasts"]
        return timezone.now() + timedelta(days=days) if days else None


class ShopForm(forms.ModelForm):
    """A shop's settings, with the version they were read at."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONES)
    language = forms.ChoiceField(label=_("Language of mail to the shop"), choices=settings.LANGUAGES)

    class Meta:
        model = Merchant
        fields = ["name", "category", "time_zone", "language", "contact_email", "contact_phone"]


class AccountForm(forms.ModelForm):
    """How the portal looks and speaks to a person."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=ZONES)

    class Meta:
        model = User
        fields = ["display_name", "language", "time_zone", "theme", "single_keys"]


class ActivityFilter(forms.Form):
    """What part of the activity log is asked for."""

    q = forms.CharField(label=_("Search"), required=False, max_length=80)
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)

    def window(self) -> tuple[datetime | None, datetime | None]:
        """Return the moments between which entries are asked for, in the viewer's zone."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        zone = timezone.get_current_timezone()
        start = datetime.combine(since, time.min, tzinfo=zone) if since else None
        end = datetime.combine(until, time.min, tzinfo=zone) + timedelta(days=1) if until else None
        return start, end
