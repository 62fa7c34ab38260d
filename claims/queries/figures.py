"""The figures of the desk: how long reviews take, what was late, what was overturned, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from claims.models import Claim, ReviewLease
from claims.rules.queueing import Outlook, expected, percentile
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.business_time import Calendar

WEEKS = 12
LATEST = 2_000
FIRST_STAGES = ("REVIEW", "SECOND_APPROVAL", "FAST_TRACK", "OVERDUE")
BY_WEEK = """
SELECT date_trunc('week', d.at AT TIME ZONE %(zone)s)::date AS week, {queue} AS queue, count(*) AS decided,
  percentile_disc(0.5) WITHIN GROUP (ORDER BY d.at - c.submitted_at) AS median,
  percentile_disc(0.9) WITHIN GROUP (ORDER BY d.at - c.submitted_at) AS p90,
  avg(coalesce(late.is_late, 0))::float AS late,
  avg(coalesce(turned.is_turned, 0))::float AS overturned
FROM claims_decision d
JOIN claims_claim c ON c.merchant_id = d.merchant_id AND c.id = d.claim_id
LEFT JOIN claims_queue q ON q.id = c.queue_id
LEFT JOIN LATERAL (SELECT 1 AS is_late FROM claims_clock k WHERE k.merchant_id = d.merchant_id
  AND k.claim_id = d.claim_id AND k.stage = 1 AND k.target = 'RESOLUTION' AND k.breached_at IS NOT NULL
  LIMIT 1) late ON true
LEFT JOIN LATERAL (SELECT 1 AS is_turned FROM claims_decision o WHERE o.merchant_id = d.merchant_id
  AND o.claim_id = d.claim_id AND o.stage IN ('OVERRIDE', 'APPEAL') AND o.result <> d.result LIMIT 1) turned ON true
WHERE d.stage = ANY(%(stages)s) AND d.at >= %(since)s GROUP BY 1, 2 ORDER BY 1 DESC, 2
"""
ARRIVED = """
SELECT date_trunc('week', submitted_at AT TIME ZONE %(zone)s)::date, count(*) FROM claims_claim
WHERE submitted_at >= %(since)s GROUP BY 1 ORDER BY 1 DESC
"""
AGES = """
SELECT width_bucket(extract(epoch FROM %(now)s - submitted_at) / 86400, ARRAY[1, 3, 7, 14]) AS age, count(*)
FROM claims_claim WHERE status IN ('SUBMITTED', 'IN_REVIEW', 'AWAITING_EVIDENCE', 'HELD', 'APPEALED', 'APPEAL_REVIEW')
GROUP BY 1
"""
BY_REVIEWER = """
SELECT u.display_name, count(*) AS decided,
  (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY l.released_at - l.taken_at) FROM claims_reviewlease l
   WHERE l.reviewer_id = u.id AND l.release = 'DECIDED' AND l.released_at >= %(since)s) AS effort,
  avg(CASE WHEN EXISTS (SELECT FROM claims_decision o WHERE o.merchant_id = d.merchant_id AND o.claim_id = d.claim_id
    AND o.stage IN ('OVERRIDE', 'APPEAL') AND o.result <> d.result AND o.id > d.id) THEN 1 ELSE 0 END)::float AS turned
FROM claims_decision d JOIN accounts_user u ON u.id = d.decided_by_id
WHERE d.at >= %(since)s AND d.stage <> 'PROPOSAL' GROUP BY u.id ORDER BY decided DESC
"""


@dataclass(frozen=True)
class Week:
    """One week of decisions, of one queue or of all."""

    week: Any
    queue: str
    decided: int
    median: timedelta
    p90: timedelta
    late: float
    overturned: float


@dataclass(frozen=True)
class Person:
    """One reviewer's decisions: how many, how long a case took, and how many were overturned later."""

    name: str
    decided: int
    effort: timedelta | None
    overturned: float


def weeks(*, since: datetime, zone: str, by_queue: bool = False) -> list[Week]:
    """Return review times by week, the newest first: from filing to the first decision, by the clock on the wall."""
    tenancy.require_scope()
    sql = BY_WEEK.format(queue="q.code" if by_queue else "''")
    rows = _rows(sql, {"zone": zone, "stages": list(FIRST_STAGES), "since": since})
    return [Week(*row) for row in rows]


def arrivals(*, since: datetime, zone: str) -> dict[Any, int]:
    """Return how many complaints were filed in each week."""
    tenancy.require_scope()
    return dict(_rows(ARRIVED, {"zone": zone, "since": since}))


def ages(*, now: datetime) -> list[int]:
    """Return how many open cases are younger than 1, 3, 7 and 14 days, and how many are older."""
    tenancy.require_scope()
    found = dict(_rows(AGES, {"now": now}))
    return [found.get(age, 0) for age in range(5)]


def people(*, since: datetime) -> list[Person]:
    """Return what each reviewer decided since a moment."""
    tenancy.require_scope()
    return [Person(*row) for row in _rows(BY_REVIEWER, {"since": since})]


def outlooks(*, calendar: Calendar, since: datetime, reviewers: Sequence[int]) -> list[Outlook]:
    """Return what merchants would see with so many reviewers, over the real arrivals since a moment."""
    tenancy.require_scope()
    filed = Claim.objects.filter(submitted_at__gte=since).order_by("-submitted_at")
    arrived = sorted(at for at in filed.values_list("submitted_at", flat=True)[:LATEST] if at)
    efforts = _efforts(since)
    if not arrived or not efforts:
        return []
    return [expected(arrived, efforts, calendar=calendar, reviewers=count, runs=2) for count in reviewers]


def overall(found: Sequence[Week]) -> dict[str, Any]:
    """Return the last weeks in one line: the middle of the medians, the shares weighted by cases."""
    decided = sum(week.decided for week in found)
    if not decided:
        return {"decided": 0}
    return {
        "decided": decided,
        "median": percentile(sorted(week.median for week in found), 0.5),
        "p90": percentile(sorted(week.p90 for week in found), 0.5),
        "late": sum(week.late * week.decided for week in found) / decided,
        "overturned": sum(week.overturned * week.decided for week in found) / decided,
    }


def _efforts(since: datetime) -> list[timedelta]:
    done = ReviewLease.objects.filter(release=ReviewLease.Release.DECIDED, released_at__gte=since)
    rows = done.order_by("-released_at").values_list("taken_at", "released_at")[:LATEST]
    return [released - taken for taken, released in rows if released and released > taken]


def _rows(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
