"""Every read of queues, reviewers and limits of the desk."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from claims import lifecycle
from claims.models import Claim, DeskSettings, LaneCount, Queue, Reviewer, ReviewLease, RoutingRule
from claims.rules import routing
from merchant_protection.foundation import tenancy

UNASSIGNED, IN_HAND, WAITING = "UNASSIGNED", "IN_HAND", "WAITING"
SECOND_APPROVAL, APPEALS, OVERDUE = "SECOND_APPROVAL", "APPEALS", "OVERDUE"
LANES = {
    lifecycle.SUBMITTED: UNASSIGNED,
    lifecycle.IN_REVIEW: IN_HAND,
    lifecycle.AWAITING_EVIDENCE: WAITING,
    lifecycle.HELD: SECOND_APPROVAL,
    lifecycle.APPEALED: APPEALS,
    lifecycle.APPEAL_REVIEW: APPEALS,
}
TAKEABLE = """
c.reviewer_id IS NULL AND c.status IN ('APPEALED', 'HELD', 'SUBMITTED')
AND c.skills <@ %(skills)s::varchar[] AND NOT c.deciders @> ARRAY[%(user)s::bigint]
AND (c.status <> 'HELD' OR %(senior)s::boolean) ORDER BY c.due_at, c.amount DESC, c.id LIMIT 1
"""
# The head of each queue by its own index, then the heads against each other: a million cases behind them cost nothing.
HEADS = f"""
SELECT wanted.queue_id FROM unnest(%(queues)s::bigint[]) AS wanted(queue_id), LATERAL (
  SELECT c.due_at, c.amount, c.id FROM claims_claim c WHERE c.queue_id = wanted.queue_id AND {TAKEABLE}
) heads ORDER BY heads.due_at, heads.amount DESC, heads.id
"""  # noqa: S608  conditions of our own
FIRST = f"""
SELECT c.id, c.status FROM claims_claim c WHERE c.queue_id = %(queue)s AND {TAKEABLE} FOR UPDATE SKIP LOCKED
"""  # noqa: S608


def limits() -> DeskSettings:
    """Return the limits of the desk that are in force."""
    return DeskSettings.objects.order_by("-version")[:1].get()


def queues() -> QuerySet[Queue]:
    """Return the queues in use, in their order."""
    return Queue.objects.filter(is_active=True).order_by("position", "code")


def reviewer_of(user_id: int) -> Reviewer | None:
    """Return what somebody works on, locked, so that one person's takings come one after the other."""
    return (
        Reviewer.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(user_id=user_id, is_active=True)
        .first()
    )


def queues_of(reviewer: Reviewer) -> list[int]:
    """Return the queues in use that somebody works on."""
    return list(reviewer.queues.filter(is_active=True).order_by("pk").values_list("pk", flat=True))


def reviewers() -> QuerySet[Reviewer]:
    """Return the people who take cases."""
    return Reviewer.objects.filter(is_active=True).select_related("user", "lead").order_by("user__display_name", "pk")


def rules() -> list[routing.Rule]:
    """Return the routing table as the rules know it."""
    rows = RoutingRule.objects.filter(is_active=True, queue__is_active=True).select_related("queue")
    return [as_rule(row) for row in rows.order_by("position", "pk")]


def held_by(user_id: int) -> QuerySet[ReviewLease]:
    """Return the cases somebody has in hand."""
    return ReviewLease.objects.filter(reviewer_id=user_id, released_at__isnull=True)


def lease_of(claim: Claim) -> ReviewLease | None:
    """Return who has a case, locked."""
    held = ReviewLease.objects.select_for_update().filter(
        merchant_id=claim.merchant_id, claim_id=claim.pk, released_at__isnull=True
    )
    return held.first()


def current_lease(claim: Claim) -> ReviewLease | None:
    """Return who has a case, to be shown."""
    held = ReviewLease.objects.filter(merchant_id=claim.merchant_id, claim_id=claim.pk, released_at__isnull=True)
    return held.select_related("reviewer").first()


def leases_run_out(now: datetime) -> QuerySet[ReviewLease]:
    """Return the cases whose reviewer's page has been gone for too long."""
    tenancy.require_scope()
    return ReviewLease.objects.filter(released_at__isnull=True, is_kept=False, until__lte=now).order_by("until", "pk")


def next_for(*, user_id: int, queue_ids: list[int], skills: list[str], is_senior: bool) -> Claim | None:
    """Return the most urgent case this person may take, locked, leaving alone what others are taking just now.

    The next deadline comes first, then the highest stake.
    """
    tenancy.require_scope()
    given: dict[str, Any] = {"queues": queue_ids, "skills": skills, "user": user_id, "senior": is_senior}
    with connection.cursor() as cursor:
        cursor.execute(HEADS, given)
        for (queue_id,) in cursor.fetchall():
            cursor.execute(FIRST, given | {"queue": queue_id})
            if found := cursor.fetchone():
                return Claim.objects.select_related("kind").get(pk=found[0])
    return None


def counts() -> dict[int, dict[str, int]]:
    """Return how many cases lie in each lane of each queue; the cost does not grow with their number."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for queue_id, lane, count in (
        LaneCount.objects.values_list("queue_id", "lane").annotate(count=Sum("change")).order_by()
    ):
        found[queue_id][lane] = max(count, 0)
    return dict(found)


def lanes(claim: Claim) -> set[str]:
    """Return the lanes of its queue in which a case is counted."""
    lane = LANES.get(claim.status)
    if lane is None or claim.queue_id is None:
        return set()
    return {lane, OVERDUE} if claim.is_overdue else {lane}


def complaints_about(buyer_key: str, *, at_most: int) -> int:
    """Return in how many complaints of all shops a buyer is named, counting no further than needed."""
    return Claim.objects.filter(buyer_key=buyer_key)[:at_most].count() if buyer_key else 0


def as_rule(row: RoutingRule) -> routing.Rule:
    """Return a line of the routing table as the rules know it."""
    return routing.Rule(
        name=row.name,
        queue=row.queue.code,
        kinds=frozenset(row.kinds),
        tiers=frozenset(row.tiers),
        languages=frozenset(row.languages),
        amount_from=_decimal(row.amount_from),
        amount_below=_decimal(row.amount_below),
        risk_from=routing.Risk(row.risk_from) if row.risk_from else None,
        skills=frozenset(row.skills),
        priority=row.priority,
    )


def _decimal(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def filed_since(merchant_id: int, since: datetime) -> int:
    """Return how many complaints a shop has filed since a moment."""
    return Claim.objects.filter(merchant_id=merchant_id, submitted_at__gt=since).count()


def lane_rows() -> QuerySet[LaneCount]:
    """Return the changes of the lanes, locked, leaving alone what is being folded just now."""
    return LaneCount.objects.select_for_update(skip_locked=True).order_by("pk")
