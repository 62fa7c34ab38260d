"""The figures of the first staff page, put together from every feature's own."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from merchant_protection.foundation.staff_cards import Card
from merchant_protection.risk import queries as risk
from merchant_protection.risk.lifecycle import AppealStatus, RestrictionStatus

REVIEWING = ("REVIEWER", "SENIOR_REVIEWER", "OPERATIONS")


def all_of(request: HttpRequest) -> Iterator[Card]:
    """Yield what waits for the reader's roles, feature by feature."""
    for name in settings.STAFF_CARDS:
        yield from import_string(name)(request)


def of_risk(request: HttpRequest) -> Iterator[Card]:
    """Yield the appeals of buyers and the restrictions that wait for a reviewer."""
    actor = request.actor
    if not actor.has_staff_role(*REVIEWING):
        return
    appeals = risk.appeals_visible_to(actor).filter(status=AppealStatus.OPEN).count()
    restrictions = risk.restrictions_visible_to(actor).filter(status=RestrictionStatus.IN_REVIEW).count()
    yield Card(_("Mis-hit appeals to answer"), appeals, reverse("admin:risk_appeal_changelist") + "?status__exact=OPEN")
    yield Card(
        _("Restrictions to review"),
        restrictions,
        reverse("admin:risk_restriction_changelist") + "?status__exact=IN_REVIEW",
    )
