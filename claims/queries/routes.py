"""Where complaints go by the routing table, and which open cases another table would move."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from claims import lifecycle
from claims.models import Claim, Queue, RoutingRule
from claims.queries import desk
from claims.rules import routing
from merchant_protection.foundation import tenancy

NEWEST = 2**62


@dataclass(frozen=True)
class Moved:
    """An open case that another table would send elsewhere."""

    claim: Claim
    queue: Queue
    rule: str | None


def facts_of(claim: Claim) -> routing.Facts:
    """Return what routing looks at in a complaint."""
    return routing.Facts(
        kind=claim.kind_code,
        amount=claim.amount,
        tier=claim.tier,
        risk=routing.Risk(claim.risk),
        language=claim.language,
    )


def default_queue() -> str:
    """Return the queue of what no rule takes."""
    return desk.queues().filter(is_default=True).values_list("code", flat=True).first() or "GENERAL"


def found_for(claim: Claim) -> routing.Routing:
    """Return where a complaint goes by the table in force."""
    return routing.route(desk.rules(), facts_of(claim), otherwise=default_queue())


def untaken(*, known: Collection[str], at_most: int) -> list[Claim]:
    """Return the open cases that nobody has, those due first; what a person routed by hand is left where it is."""
    tenancy.require_scope()
    waiting = Claim.objects.filter(
        status=lifecycle.SUBMITTED, reviewer=None, due_at__isnull=False, routed_by__in=[*known, ""]
    )
    return list(waiting.select_related("queue").order_by("due_at", "-amount", "id")[:at_most])


def would_move(rules: Sequence[routing.Rule], *, at_most: int) -> tuple[int, list[Moved]]:
    """Return how many open cases were looked at, and those that this table would send to another queue."""
    default, moved = default_queue(), []
    queues = {queue.code: queue for queue in desk.queues()}
    cases = untaken(known=rule_names(), at_most=at_most)
    for claim in cases:
        found = routing.route(rules, facts_of(claim), otherwise=default)
        if claim.queue is None or claim.queue.code != found.queue:
            moved.append(Moved(claim, queues[found.queue], found.rule))
    return len(cases), moved


def table_with(name: str, facts: Mapping[str, Any]) -> list[routing.Rule]:
    """Return the routing table as it would be with one line changed or added."""
    rows = {row.name: row for row in RoutingRule.objects.select_related("queue")}
    changed = rows.setdefault(name, RoutingRule(name=name))
    for fact, value in facts.items():
        setattr(changed, fact, value)
    tried = sorted(rows.values(), key=lambda row: (row.position, row.pk or NEWEST))
    return [desk.as_rule(row) for row in tried if row.is_active and row.queue.is_active]


def rule_names() -> list[str]:
    """Return the names of all lines of the routing table."""
    return list(RoutingRule.objects.order_by("pk").values_list("name", flat=True))


def table() -> list[RoutingRule]:
    """Return the lines of the routing table in their order, locked."""
    rows = RoutingRule.objects.select_for_update(of=("self",)).select_related("queue")
    return list(rows.order_by("position", "pk"))


def lies_in(queue: Queue) -> int:
    """Return how many open cases lie in a queue."""
    return Claim.objects.filter(queue=queue, status__in=sorted(lifecycle.UNDECIDED | lifecycle.UNDER_APPEAL)).count()
