"""Reads of causes: the stories behind incidents, and which of them go on."""

from collections.abc import Collection

from django.db.models import QuerySet

from pricing_guard.lifecycle import OPEN_INCIDENTS, IncidentStatus
from pricing_guard.models import Incident, IncidentCause


def of_cause(merchant_id: int, cause: str) -> QuerySet[Incident]:
    """Return the incidents that share a cause."""
    return Incident.objects.filter(merchant_id=merchant_id, cause=cause)


def open_of(merchant_id: int, cause: str) -> QuerySet[Incident]:
    """Return the incidents of a cause whose price is still in doubt or stopped."""
    return of_cause(merchant_id, cause).filter(status__in=OPEN_INCIDENTS)


def unanswered_of(merchant_id: int, cause: str) -> QuerySet[Incident]:
    """Return the incidents of a cause that nobody has answered and the clock has not ended."""
    return open_of(merchant_id, cause).filter(answered_at=None)


def waiting_of(merchant_id: int, cause: str) -> QuerySet[Incident]:
    """Return the incidents of a cause that were not stopped and are to be answered by a person."""
    return unanswered_of(merchant_id, cause).filter(status=IncidentStatus.SUSPECTED)


def latest(merchant_id: int, kinds: Collection[str]) -> dict[str, IncidentCause]:
    """Return the newest cause of each kind in a shop."""
    rows = IncidentCause.objects.filter(merchant_id=merchant_id, kind__in=list(kinds))
    return {row.kind: row for row in rows.order_by("kind", "-number").distinct("kind")}
