"""Which queue a claim goes to, why it lies there, and in which order the desk works."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from claims.rules.reasons import Reason

Key = tuple[datetime, Decimal]
NEVER = datetime.max.replace(tzinfo=UTC)


class Risk(StrEnum):
    """How dangerous the buyer looks."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


_RISKS = list(Risk)


class Why(StrEnum):
    """A reason an item lies in a queue; it may have several."""

    NEW_CLAIM = "NEW_CLAIM"
    EVIDENCE_RECEIVED = "EVIDENCE_RECEIVED"
    SECOND_APPROVAL = "SECOND_APPROVAL"
    APPEAL = "APPEAL"
    SAMPLE_REVIEW = "SAMPLE_REVIEW"


_DECISIONS = frozenset({"uphold", "partly_uphold", "reject", "fast_track", "uphold_overdue", "withdraw", "expire"})
CLOSED_BY: Mapping[Why, frozenset[str]] = {
    Why.NEW_CLAIM: _DECISIONS | {"hold"},
    Why.EVIDENCE_RECEIVED: _DECISIONS | {"hold", "ask_for_evidence"},
    Why.SECOND_APPROVAL: frozenset({"uphold", "partly_uphold", "reject", "send_back", "withdraw"}),
    Why.APPEAL: frozenset({"uphold_on_appeal", "partly_uphold_on_appeal", "reject_on_appeal"}),
    Why.SAMPLE_REVIEW: frozenset({"second_review"}),
}


@dataclass(frozen=True)
class Facts:
    """What routing looks at."""

    kind: str
    amount: Decimal
    tier: str
    risk: Risk
    language: str


@dataclass(frozen=True)
class Rule:
    """One line of the routing table: the first whose conditions all hold decides. An empty condition always holds."""

    name: str
    queue: str
    kinds: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    amount_from: Decimal | None = None
    amount_below: Decimal | None = None
    risk_from: Risk | None = None
    skills: frozenset[str] = frozenset()
    priority: str = "NORMAL"


@dataclass(frozen=True)
class Routing:
    """Where a claim goes, by which rule, and why the rules above it did not take it."""

    queue: str
    rule: str | None
    priority: str
    skills: frozenset[str]
    reasons: tuple[Reason, ...]
    passed_over: tuple[Reason, ...]


def route(rules: Iterable[Rule], facts: Facts, *, otherwise: str) -> Routing:
    """Send a claim to the queue of the first rule that fits it, else to the queue named `otherwise`."""
    passed_over: list[Reason] = []
    for rule in rules:
        conditions = _conditions(rule, facts)
        failed = [name for name, holds in conditions.items() if not holds]
        if not failed:
            met = tuple(Reason(name, facts=_fact(name, facts)) for name in conditions)
            reasons = met or (Reason("EVERYTHING"),)
            return Routing(rule.queue, rule.name, rule.priority, rule.skills, reasons, tuple(passed_over))
        passed_over += [Reason(name, facts={"rule": rule.name, **_fact(name, facts)}) for name in failed]
    return Routing(otherwise, None, "NORMAL", frozenset(), (Reason("NO_RULE"),), tuple(passed_over))


def unreachable(rules: Sequence[Rule]) -> tuple[tuple[str, str], ...]:
    """Return the rules that can never decide, each with the rule above it that takes all its claims."""
    found = []
    for position, rule in enumerate(rules):
        above = next((each.name for each in rules[:position] if _covers(each, rule)), None)
        if above is not None:
            found.append((rule.name, above))
    return tuple(found)


def open_reasons(reasons: Iterable[Why], move: str) -> tuple[Why, ...]:
    """Return the reasons that still stand after this move; an item with none left leaves its queue."""
    return tuple(why for why in reasons if move not in CLOSED_BY[why])


def order_key(*, due_at: datetime | None, stake: Decimal) -> Key:
    """Return what the desk sorts by: the next deadline, then the highest stake; without a deadline last."""
    return (due_at or NEVER, -stake)


def may_take(skills: Iterable[str], needed: Iterable[str]) -> bool:
    """Say whether a reviewer has every skill an item needs."""
    return set(needed) <= set(skills)


def _conditions(rule: Rule, facts: Facts) -> dict[str, bool]:
    """Return the conditions the rule states, each with whether it holds."""
    found: dict[str, bool] = {}
    if rule.kinds:
        found["KIND"] = facts.kind in rule.kinds
    if rule.tiers:
        found["TIER"] = facts.tier in rule.tiers
    if rule.languages:
        found["LANGUAGE"] = facts.language in rule.languages
    if rule.amount_from is not None:
        found["AMOUNT_FROM"] = facts.amount >= rule.amount_from
    if rule.amount_below is not None:
        found["AMOUNT_BELOW"] = facts.amount < rule.amount_below
    if rule.risk_from is not None:
        found["RISK"] = _RISKS.index(facts.risk) >= _RISKS.index(rule.risk_from)
    return found


def _fact(name: str, facts: Facts) -> dict[str, object]:
    values: dict[str, object] = {
        "KIND": facts.kind,
        "TIER": facts.tier,
        "LANGUAGE": facts.language,
        "AMOUNT_FROM": facts.amount,
        "AMOUNT_BELOW": facts.amount,
        "RISK": facts.risk,
    }
    return {"is": values[name]}


def _covers(above: Rule, below: Rule) -> bool:
    """Say whether every claim that `below` would take is taken by `above`."""
    limits = (above.kinds, below.kinds), (above.tiers, below.tiers), (above.languages, below.languages)
    if any(wide and not (narrow and narrow <= wide) for wide, narrow in limits):
        return False
    if above.amount_from is not None and (below.amount_from is None or below.amount_from < above.amount_from):
        return False
    if above.amount_below is not None and (below.amount_below is None or below.amount_below > above.amount_below):
        return False
    rank = {None: 0} | {risk: index for index, risk in enumerate(_RISKS)}
    return rank[above.risk_from] <= rank[below.risk_from]
