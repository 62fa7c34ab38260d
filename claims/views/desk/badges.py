"""Figures of the desk beside the lines of the side bar and on the first page."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from claims import policies
from claims.queries import lists
from merchant_protection.foundation.staff_cards import Card


def urgent(request: HttpRequest) -> str:
    """Return how many cases are overdue; nothing when none is."""
    if not policies.can_see_desk(request.actor):
        return ""
    return str(lists.counts(request.actor)["overdue"] or "")


def cards(request: HttpRequest) -> Iterator[Card]:
    """Yield what waits on the desk for this reader, the most urgent first."""
    if not policies.can_see_desk(request.actor):
        return
    counts = lists.counts(request.actor)
    titles = {
        "overdue": _("Complaints overdue"),
        lists.MINE: _("Complaints of mine"),
        "unassigned": _("Complaints nobody has"),
        "second": _("Second approvals"),
        "appeals": _("Appeals to hear"),
    }
    for tab, title in titles.items():
        link = f"{reverse('desk')}?tab={tab}"
        yield Card(title, counts.get(tab, 0), link, is_bad=tab == "overdue" and counts["overdue"] > 0)
