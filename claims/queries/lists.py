"""The lists of the desk: each tab by an index of its own, so that it costs what it shows."""

import re

from django.db.models import Q, QuerySet

from claims import lifecycle
from claims.models import Claim, DeskView
from claims.models.claims import OPEN, TAKEABLE
from claims.queries import desk
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy

URGENT_FIRST = ["due_at", "-amount", "id"]
MINE, NEXT, ALL = "mine", "next", "all"
TABS: dict[str, Q] = {
    NEXT: TAKEABLE,
    "overdue": OPEN & Q(is_overdue=True),
    "unassigned": Q(status=lifecycle.SUBMITTED),
    "waiting": Q(status=lifecycle.AWAITING_EVIDENCE),
    "appeals": Q(status__in=[lifecycle.APPEALED, lifecycle.APPEAL_REVIEW]),
    "second": Q(status=lifecycle.HELD),
    ALL: OPEN,
}
COUNTED = {
    "overdue": (desk.OVERDUE,),
    "unassigned": (desk.UNASSIGNED,),
    "waiting": (desk.WAITING,),
    "appeals": (desk.APPEALS,),
    "second": (desk.SECOND_APPROVAL,),
    ALL: (desk.UNASSIGNED, desk.IN_HAND, desk.WAITING, desk.APPEALS, desk.SECOND_APPROVAL),
}
NUMBER = re.compile(r"(?:CL)?0*(\d{1,18})", re.IGNORECASE)


def tab(name: str, actor: Actor) -> QuerySet[Claim]:
    """Return the cases of one tab of the queue page."""
    tenancy.require_scope()
    rows = Claim.objects.select_related("kind", "merchant", "reviewer", "queue")
    if name == MINE:
        return rows.filter(reviewer_id=actor.id)
    return rows.filter(TABS.get(name, OPEN), due_at__isnull=False)


def narrowed(
    rows: QuerySet[Claim], *, queue: str = "", kind: str = "", priority: str = "", text: str = ""
) -> QuerySet[Claim]:
    """Return those of some cases that a filter and a search mean."""
    for name, value in (("queue__code", queue), ("kind_code", kind), ("priority", priority)):
        if value:
            rows = rows.filter(**{name: value})
    text = text.strip()
    if not text:
        return rows
    meant = Q(order_number=text) | Q(merchant__code=text) | Q(buyer__ref=text)
    if found := NUMBER.fullmatch(text):
        meant |= Q(pk=int(found[1]))
    return rows.filter(meant)


def counts(actor: Actor, *, queue: str = "") -> dict[str, int]:
    """Return how many cases lie in each tab; the cost does not grow with their number."""
    by_queue = desk.counts()
    codes = {row.pk: row.code for row in desk.queues()}
    wanted = [lanes for queue_id, lanes in by_queue.items() if not queue or codes.get(queue_id) == queue]
    found = {name: sum(lanes.get(lane, 0) for lanes in wanted for lane in counted) for name, counted in COUNTED.items()}
    return found | {MINE: desk.held_by(actor.id or 0).count()}


def views_of(actor: Actor) -> QuerySet[DeskView]:
    """Return the filters a reviewer keeps, and those the team shares."""
    mine = Q(owner_id=actor.id) | Q(is_shared=True)
    return DeskView.objects.filter(mine).order_by("name", "pk")
