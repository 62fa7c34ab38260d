"""What the price guard asks of operations."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from merchant_protection.foundation.staff_cards import Card
from pricing_guard.lifecycle import OPEN_INCIDENTS
from pricing_guard.queries import incidents


def cards(request: HttpRequest) -> Iterator[Card]:
    """Yield the price incidents that are open over all shops."""
    if request.actor.has_staff_role("OPERATIONS"):
        figure = incidents.visible_to(request.actor).filter(status__in=OPEN_INCIDENTS).count()
        yield Card(_("Open price incidents"), figure, reverse("admin:pricing_guard_incident_changelist"))
