"""Counts and sums for the pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

HITS = """
SELECT one.policy, count(*), count(*) FILTER (WHERE note.said = 'WRONG'), count(note.id)
FROM scalper_policies_orderdecision decision
CROSS JOIN LATERAL unnest(decision.policies) AS one(policy)
LEFT JOIN LATERAL (
    SELECT id, said FROM scalper_policies_decisionnote said
    WHERE said.merchant_id = decision.merchant_id AND said.decision_id = decision.id AND said.said <> 'RELEASED'
    ORDER BY said.id DESC LIMIT 1
) note ON true
WHERE decision.merchant_id = %s AND decision.verdict <> 'ALLOW' AND decision.decided_at >= %s
  AND one.policy = ANY(%s)
GROUP BY one.policy
"""


@dataclass(frozen=True)
class Hits:
    """How many orders a policy did not simply let pass, and how many of those a person looked at were wrongly held."""

    number: int
    wrong: int
    judged: int

    @property
    def wrong_percent(self) -> int | None:
        """The share of wrongly held orders among those looked at; nothing before anybody looked."""
        return round(100 * self.wrong / self.judged) if self.judged else None


def hits_by_policy(shop: int, policies: Collection[int], *, since: datetime) -> dict[int, Hits]:
    """Return what each of these policies hit since a moment."""
    with connection.cursor() as cursor:
        cursor.execute(HITS, [shop, since, list(policies)])
        return {policy: Hits(number, wrong, judged) for policy, number, wrong, judged in cursor.fetchall()}
