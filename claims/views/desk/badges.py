"""Figures of the desk beside the lines of the side bar and on the first page."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from claims import policies
from claims.queries import hearing, lists
from merchant_protection.foundation.staff_cards import Card


def urgent(request: HttpRequest) -> str:
    """Return how many cases are overdue; nothing when none is."""
    if not policies.can_see_desk(request.actor):
        return ""
    return str(lists.counts(request.actor)["overdue"] or "")


def unseen(request: HttpRequest) -> str:
    """Return how much a lead has yet to see of what came late; nothing when all was seen."""
    if request.actor.id is None or not policies.can_lead(request.actor):
        return ""
    found = hearing.unseen(request.actor.id)
    return "99+" if found >= hearing.MANY else str(found or "")


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
