"""A stored answer given again from what was stored with it: the same rules, the same facts, the same counts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scalper_policies.lifecycle import VersionStatus
from scalper_policies.models import OrderDecision
from scalper_policies.queries import deciding as queries
from scalper_policies.rules import asked, evaluate, standing, terms
from scalper_policies.rules.policy import SEVERITY, BuyerLists, Dimension, Verdict
from scalper_policies.services.answering import FAILED, plain_reasons


@dataclass(frozen=True)
class Again:
    """One policy's answer then and now."""

    policy: int
    version: int
    then: str
    now: str
    reasons: list[dict[str, Any]]

    @property
    def is_same(self) -> bool:
        """Whether the same answer comes out."""
        return self.then == self.now


def again(decision: OrderDecision) -> list[Again]:
    """Answer an order again from its stored facts and counts, policy by policy.

    Lists and snoozes are not kept with a decision: an answer that came from them is taken from its reasons.
    """
    order = asked.from_plain(decision.facts)
    known = queries.terms_of([each["version_id"] for each in decision.answers])
    counted = iter(decision.counts)
    found = []
    for each in (one for one in decision.answers if one["mode"] != FAILED):
        policy = replace(terms.from_plain(known[each["version_id"]]), version=each["version"])
        facts = replace(order, paid_orders=each.get("paid_orders", order.paid_orders))
        needed = evaluate.needs(policy, facts)
        counts = {need.slot: _count(need, next(counted)) for need in needed}
        policy = replace(policy, lists=_lists(each, order.keys))
        answer = evaluate.decide(policy, facts, needed, counts)
        told = Again(
            each["policy"], each["version"], each["verdict"], answer.verdict.value, plain_reasons(answer.reasons)
        )
        found.append(told)
    return found


def verdict(decision: OrderDecision, answers: list[Again]) -> str:
    """Return the whole answer once more: the harshest of what acts, of held listings and of the buyer's restriction.

    A version that could not answer then is taken with what stood in its place.
    """
    modes = {(each["policy"], each["version"]): each["mode"] for each in decision.answers}
    acting = [each.now for each in answers if modes[each.policy, each.version] != VersionStatus.SHADOW]
    failed = [each["verdict"] for each in decision.answers if each["mode"] == FAILED]
    before = [each.verdict for each in standing.answers(asked.from_plain(decision.facts))]
    found = [Verdict.ALLOW, *map(Verdict, acting), *map(Verdict, failed), *before]
    return max(found, key=SEVERITY.__getitem__).value


def _count(need: evaluate.Need, pair: list[int]) -> int:
    units, orders = pair
    return units if need.limit.measure == "UNITS" else orders


def _lists(said: Mapping[str, Any], keys: Mapping[Dimension, str]) -> BuyerLists:
    if said["exempt"]:
        return BuyerLists(exempt={(dimension, key): None for dimension, key in keys.items()})
    denied = [reason for reason in said["reasons"] if reason["rule"] == evaluate.DENY_LIST]
    return BuyerLists(
        deny={(Dimension(each["dimension"]), keys[Dimension(each["dimension"])]): None for each in denied}
    )
