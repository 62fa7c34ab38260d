"""A stored answer given again from what was stored with it: the same rules, the same facts, the same counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scalper_policies.lifecycle import VersionStatus
from scalper_policies.models import OrderDecision
from scalper_policies.queries import deciding as queries
from scalper_policies.queries.deciding import VersionKey
from scalper_policies.rules import asked, evaluate, standing, terms
from scalper_policies.rules.orders import OrderFacts
from scalper_policies.rules.policy import SEVERITY, BuyerLists, Dimension, Policy, Verdict
from scalper_policies.rules.queue import Place
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


@dataclass(frozen=True)
class Stored:
    """One policy's stored answer with the rules it came from, the order as that policy saw it, and what it counted."""

    said: Mapping[str, Any]
    policy: Policy
    order: OrderFacts
    needed: list[evaluate.Need]


def stored(decision: OrderDecision) -> Iterator[Stored]:
    """Yield each policy's stored answer with the version of its rules; one that could not answer is left out."""
    order = asked.from_plain(decision.facts)
    answered = [each for each in decision.answers if each["mode"] != FAILED]
    known = queries.terms_of([_key(each) for each in answered])
    for each in answered:
        policy = replace(terms.from_plain(known[_key(each)]), version=each["version"])
        facts = replace(
            order,
            paid_orders=each.get("paid_orders", order.paid_orders),
            drawn=each.get("drawn"),
            place=_place(each.get("queue")),
        )
        yield Stored(each, policy, facts, evaluate.needs(policy, facts))


def again(decision: OrderDecision) -> list[Again]:
    """Answer an order again from its stored facts and counts, policy by policy.

    Lists are not kept with a decision: an answer that came from them is taken from its reasons. Rules that were
    snoozed or overruled are kept by name.
    """
    counted = iter(decision.counts)
    found = []
    for kept in stored(decision):
        each, facts, needed = kept.said, kept.order, kept.needed
        counts = {need.slot: _count(need, next(counted)) for need in needed}
        overruled = frozenset(each.get("left_aside", ()))
        policy = replace(kept.policy, lists=_lists(each, facts.keys), overruled=overruled)
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


def _place(said: Mapping[str, Any] | None) -> Place | None:
    return Place(said["place"], datetime.fromisoformat(said["due_at"])) if said else None


def _key(said: Mapping[str, Any]) -> VersionKey:
    return bool(said.get("baseline")), said["version_id"]


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
