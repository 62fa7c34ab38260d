"""Figures beside the lines of the side bar."""

from django.http import HttpRequest

from claims import policies
from claims.queries import lists


def urgent(request: HttpRequest) -> str:
    """Return how many cases are overdue; nothing when none is."""
    if not policies.can_see_desk(request.actor):
        return ""
    return str(lists.counts(request.actor)["overdue"] or "")
