"""Counts and sums for the pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from scalper_policies.rules.policy import SEVERITY

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


SHADOW = """
SELECT decision.verdict, shadow ->> 'verdict', count(*)
FROM scalper_policies_orderdecision decision
CROSS JOIN LATERAL jsonb_array_elements(decision.answers) shadow
WHERE decision.merchant_id = %s AND decision.policies @> ARRAY[%s]::bigint[]
  AND (shadow ->> 'version_id')::bigint = %s AND shadow ->> 'mode' = 'SHADOW'
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class ShadowDiff:
    """What a version in shadow would have answered, against what was answered."""

    same: int
    milder: int
    stricter: int
    pairs: tuple[tuple[str, str, int], ...]


def shadow_against_live(shop: int, policy_id: int, *, version_id: int) -> ShadowDiff | None:
    """Compare a version's answers in shadow with the ones that stood; nothing where it never watched."""
    with connection.cursor() as cursor:
        cursor.execute(SHADOW, [shop, policy_id, version_id])
        rows = [(live, shadow, int(number)) for live, shadow, number in cursor.fetchall()]
    if not rows:
        return None
    rank = {verdict.value: place for verdict, place in SEVERITY.items()}
    return ShadowDiff(
        same=sum(number for live, shadow, number in rows if live == shadow),
        milder=sum(number for live, shadow, number in rows if rank[shadow] < rank[live]),
        stricter=sum(number for live, shadow, number in rows if rank[shadow] > rank[live]),
        pairs=tuple(sorted((row for row in rows if row[0] != row[1]), key=lambda row: -row[2])),
    )
