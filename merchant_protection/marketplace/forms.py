"""What part of a list is asked for, and files to load."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from merchant_protection.marketplace.models import InboxEvent, Listing, Order


class DateWindow(forms.Form):
    """Two days in the viewer's zone, both included."""

    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)

    def window(self) -> tuple[datetime | None, datetime | None]:
        """Return the moments between which rows are asked for."""
        zone = timezone.get_current_timezone()
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        start = datetime.combine(since, time.min, tzinfo=zone) if since else None
        end = datetime.combine(until, time.min, tzinfo=zone) + timedelta(days=1) if until else None
        return start, end


class ReasonForm(forms.Form):
    """Why somebody looks at, holds or erases personal data; the log keeps it."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=300,
        help_text=_("It is written down with your name, such as “parcel came back, customer asked to be called”."),
    )


class OrderFilter(DateWindow):
    """Which orders."""

    q = forms.CharField(label=_("Search"), required=False, max_length=80)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Any status")), *Order.Status.choices]
    )
    after_sale = forms.ChoiceField(
        label=_("After-sales"), required=False, choices=[("", ""), ("OPEN", _("Open after-sales"))]
    )


class ListingFilter(forms.Form):
    """Which listings."""

    q = forms.CharField(label=_("Search"), required=False, max_length=80)
    category = forms.CharField(label=_("Category"), required=False, max_length=120)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Any status")), *Listing.Status.choices]
    )


class ImportForm(forms.Form):
    """A file of orders to load."""

    file = forms.FileField(label=_("File"), help_text=_("CSV, CSV.GZ or XLSX, one line of an order a row."))
    is_dry_run = forms.BooleanField(label=_("Only check the file, load nothing"), required=False)


class EventFilter(forms.Form):
    """Which received events."""

    TYPES = [
        ("listing.changed", _("Listing")),
        ("price.changed", _("Price")),
        ("promotion.changed", _("Promotion")),
        ("buyer.changed", _("Buyer")),
        ("order.changed", _("Order")),
        ("after_sale.changed", _("After-sale")),
    ]
    q = forms.CharField(required=False, max_length=120)
    type = forms.ChoiceField(required=False, choices=[("", ""), *TYPES])
    status = forms.ChoiceField(required=False, choices=[("", ""), *InboxEvent.Status.choices])


class SourceForm(forms.Form):
    """One of the shop's own systems that will send events."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What will send, such as “Warehouse system”."))
