"""Counts and sums for the pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
  AND decision.rules <> ARRAY['QUEUE']::varchar[]
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
  AND (shadow ->> 'policy')::bigint = %s AND (shadow ->> 'version_id')::bigint = %s AND shadow ->> 'mode' = 'SHADOW'
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
        cursor.execute(SHADOW, [shop, policy_id, policy_id, version_id])
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


REVIEWED = """
SELECT count(*) FILTER (WHERE note.said = 'RIGHT'), count(*)
FROM scalper_policies_orderdecision decision
CROSS JOIN LATERAL jsonb_array_elements(decision.answers) answer
CROSS JOIN LATERAL (
    SELECT said FROM scalper_policies_decisionnote note
    WHERE note.merchant_id = decision.merchant_id AND note.decision_id = decision.id AND note.said <> 'RELEASED'
    ORDER BY note.id DESC LIMIT 1
) note
WHERE decision.merchant_id = %s AND decision.policies @> ARRAY[%s]::bigint[]
  AND (answer ->> 'policy')::bigint = %s AND (answer ->> 'version_id')::bigint = %s AND answer ->> 'verdict' <> 'ALLOW'
"""


@dataclass(frozen=True)
class Reviewed:
    """How many orders that a version hit or would have hit a person looked at, and how many of those were right."""

    right: int
    judged: int

    @property
    def right_percent(self) -> int | None:
        """The share that was right; nothing before anybody looked."""
        return 100 * self.right // self.judged if self.judged else None


def reviewed_hits(shop: int, policy_id: int, *, version_id: int) -> Reviewed:
    """Return what people said of the orders that a version hit, in shadow or acting, by their last word."""
    with connection.cursor() as cursor:
        cursor.execute(REVIEWED, [shop, policy_id, policy_id, version_id])
        right, judged = cursor.fetchone() or (0, 0)
    return Reviewed(int(right), int(judged))


HEALTH = """
WITH answered AS (
    SELECT decision.id, decision.merchant_id, answer -> 'reasons' AS reasons
    FROM scalper_policies_orderdecision decision
    CROSS JOIN LATERAL jsonb_array_elements(decision.answers) answer
    WHERE decision.merchant_id = %(shop)s AND decision.policies @> ARRAY[%(policy)s]::bigint[]
      AND (answer ->> 'policy')::bigint = %(policy)s
      AND decision.decided_at >= %(since)s AND (answer ->> 'version_id')::bigint = %(version)s
      AND answer ->> 'mode' <> 'FAILED'
    ORDER BY decision.id DESC LIMIT %(most)s
), fired AS (
    SELECT DISTINCT answered.id, answered.merchant_id, reason ->> 'rule' AS rule
    FROM answered CROSS JOIN LATERAL jsonb_array_elements(answered.reasons) reason
    WHERE reason ->> 'rule' <> 'QUEUE'
)
SELECT fired.rule, count(*), count(*) FILTER (WHERE note.said = 'WRONG'), count(note.said),
    (SELECT count(*) FROM answered)
FROM fired LEFT JOIN LATERAL (
    SELECT said FROM scalper_policies_decisionnote said
    WHERE said.merchant_id = fired.merchant_id AND said.decision_id = fired.id AND said.said <> 'RELEASED'
    ORDER BY said.id DESC LIMIT 1
) note ON true
GROUP BY fired.rule
UNION ALL SELECT '', 0, 0, 0, (SELECT count(*) FROM answered)
"""
MOST_LOOKED_AT = 50_000
NEARLY_ALWAYS = 0.9  # a rule that fires on more of the orders than this tells nobody apart
ENOUGH = 20


@dataclass(frozen=True)
class Health:
    """How one rule of a version fared: how often it fired among the orders it saw, and how often people disagreed."""

    rule: str
    fired: int
    seen: int
    wrong: int
    judged: int

    @property
    def state(self) -> str:
        """Whether it never fires or nearly always, once there were orders enough to say so."""
        if self.seen < ENOUGH:
            return "FEW"
        if not self.fired:
            return "NEVER"
        return "ALWAYS" if self.fired > NEARLY_ALWAYS * self.seen else "SOMETIMES"

    @property
    def wrong_percent(self) -> int | None:
        """The share of overturned hits among those a person looked at."""
        return round(100 * self.wrong / self.judged) if self.judged else None


def rule_health(shop: int, policy_id: int, *, version_id: int, rules: Collection[str], since: datetime) -> list[Health]:
    """Return how each rule of a version fared since a moment, over its last fifty thousand orders at most."""
    told: dict[str, Any] = {
        "shop": shop,
        "policy": policy_id,
        "version": version_id,
        "since": since,
        "most": MOST_LOOKED_AT,
    }
    with connection.cursor() as cursor:
        cursor.execute(HEALTH, told)
        rows = cursor.fetchall()
    found = {rule: (fired, wrong, judged) for rule, fired, wrong, judged, _seen in rows}
    seen = max((row[4] for row in rows), default=0)
    names = dict.fromkeys([*rules, *sorted(name for name in found if name)])
    every = [(name, *found.get(name, (0, 0, 0))) for name in names]
    return [Health(name, fired, seen, wrong, judged) for name, fired, wrong, judged in every]
