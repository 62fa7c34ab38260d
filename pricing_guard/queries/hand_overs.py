"""Reads of evidence that is handed to the platform, order by order."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.lifecycle import SENDING_ACTIONS, ActionStatus
from merchant_protection.marketplace.models import PlatformAction
from pricing_guard.models import AffectedOrder, HandOver, Incident
from pricing_guard.queries.incidents import FEATURE

VERB = "exempt_order"
SWEPT = 500


@dataclass(frozen=True)
class State:
    """How far the evidence of an incident is with the platform, counted by the orders that are to be cancelled."""

    orders: int = 0
    taken: int = 0
    on_its_way: int = 0
    refused: int = 0
    promised: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether the platform has taken the evidence of every order."""
        return self.taken == self.orders

    @property
    def left(self) -> int:
        """How many orders nothing is on its way for."""
        return self.orders - self.taken - self.on_its_way


def to_cancel(merchant_id: int, incident_ids: Collection[int]) -> QuerySet[AffectedOrder]:
    """Return the orders to be cancelled of incidents, each with how far its evidence is (`handed`)."""
    asked = PlatformAction.objects.filter(
        merchant_id=OuterRef("merchant_id"), target__kind="ORDER", target__aspect="metrics", feature=FEATURE,
        target__ref=OuterRef("order__number"), verb=VERB,
    )  # fmt: skip
    rows = AffectedOrder.objects.filter(
        merchant_id=merchant_id, incident_id__in=list(incident_ids), choice=AffectedOrder.Choice.CANCEL
    )
    return rows.annotate(handed=Subquery(asked.order_by("-pk").values("status")[:1]))


def to_hand(incident: Incident) -> list[int]:
    """Return the orders to be cancelled whose evidence the platform neither has nor is being sent."""
    rows = to_cancel(incident.merchant_id, [incident.pk]).order_by("pk")
    there = (ActionStatus.CONFIRMED, *SENDING_ACTIONS)
    return [order_id for order_id, handed in rows.values_list("pk", "handed") if handed not in there]


def states(merchant_id: int, incident_ids: Collection[int]) -> Mapping[int, State]:
    """Return how far the evidence of incidents is, for those that have orders to cancel."""
    counted: dict[int, Counter[str]] = {}
    rows = to_cancel(merchant_id, incident_ids).order_by().values_list("incident_id", "handed").annotate(n=Count("pk"))
    for incident_id, handed, count in rows:
        counted.setdefault(incident_id or 0, Counter())[handed or ""] += count
    promised = HandOver.objects.filter(merchant_id=merchant_id, incident_id__in=list(counted), due_at__isnull=False)
    waiting = set(promised.values_list("incident_id", flat=True))
    return {
        incident_id: State(
            orders=by_status.total(),
            taken=by_status[ActionStatus.CONFIRMED],
            on_its_way=sum(by_status[each] for each in SENDING_ACTIONS),
            refused=by_status[ActionStatus.FAILED] + by_status[ActionStatus.NEEDS_REVIEW],
            promised=incident_id in waiting,
        )
        for incident_id, by_status in counted.items()
    }


def state_of(incident: Incident) -> State:
    """Return how far the evidence of one incident is."""
    return states(incident.merchant_id, [incident.pk]).get(incident.pk, State())


def due(now: datetime) -> list[int]:
    """Return the incidents whose evidence is to be handed over now."""
    tenancy.require_scope()
    rows = HandOver.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    return list(rows.values_list("incident_id", flat=True)[:SWEPT])


def lock(incident: Incident) -> HandOver | None:
    """Return the promise of an incident, locked."""
    rows = HandOver.objects.select_for_update().filter(merchant_id=incident.merchant_id, incident=incident)
    return rows.first()
