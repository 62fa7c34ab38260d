"""What a policy answers to an order, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from scalper_policies.rules import windows
from scalper_policies.rules.orders import OrderFacts
from scalper_policies.rules.policy import (
    EVERY_RULE,
    HIGHEST_SCORE,
    SEVERITY,
    SIGNAL_OF,
    SURROUNDINGS,
    TURN_STANDS,
    Band,
    Dimension,
    Eligibility,
    Limit,
    Measure,
    Policy,
    Requirement,
    SaleMode,
    Snooze,
    Verdict,
)
from scalper_policies.rules.queue import Place

CLUSTER_SIGNALS = 2
DENY_LIST = "DENY_LIST"
UNKNOWN_FACT = "UNKNOWN_FACT"
OWN_DOING = "OWN_DOING"
QUEUE = "QUEUE"


class Slot(NamedTuple):
    """What is counted together: one rule, one key, and one listing where the rule counts listings apart."""

    rule: str
    key: str
    sku: str = ""


class Need(NamedTuple):
    """A count the evaluation needs: what the slot holds in (after, until], and what this order would add."""

    slot: Slot
    limit: Limit
    after: datetime | None
    until: datetime
    own: int


Counts = Mapping[Slot, int]


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would let the order pass: a code of the table of sentences, and its figures."""

    code: str
    params: tuple[tuple[str, int | str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule an order broke."""

    rule: str
    dimension: str
    observed: int | str | None
    limit: int | str | None
    would_pass_if: Remedy
    score: int
    signal: str
    sku: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: verdict, reasons, score; `applies` is false when the policy is not about this order at all.

    `waits` says that nothing holds the order but its turn in the queue.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    score: int = 0
    applies: bool = True
    exempt: bool = False
    hold: timedelta | None = None
    waits: bool = False

    @property
    def is_hit(self) -> bool:
        """Whether a rule spoke against the order; waiting for its turn is none."""
        return any(reason.rule != QUEUE for reason in self.reasons)


NOT_CONCERNED = Decision(Verdict.ALLOW, applies=False)
PASSES = Decision(Verdict.ALLOW)
EXEMPT = Decision(Verdict.ALLOW, exempt=True)


def evaluate(policy: Policy, order: OrderFacts, counts: Counts) -> Decision:
    """Answer an order: allow, verify, hold, review or reject, with what each broken rule saw and what would pass.

    `counts` holds what each slot of `needs` already has, without this order; a missing slot counts nothing.
    """
    return decide(policy, order, needs(policy, order), counts)


def decide(policy: Policy, order: OrderFacts, needed: list[Need], counts: Counts) -> Decision:
    """Answer an order whose needs are known already."""
    if not concerns(policy, order):
        return NOT_CONCERNED
    if EVERY_RULE in policy.overruled:
        return PASSES
    if policy.lists.exempt and _listed(policy.lists.exempt, order):
        return EXEMPT
    if policy.lists.deny and (dimension := _listed(policy.lists.deny, order)):
        return _denied(dimension)
    reasons = [
        _limit_reason(need, observed)
        for need in needed
        if windows.breaks(observed := counts.get(need.slot, 0) + need.own, need.limit.most)
    ]
    reasons += uncounted_reasons(policy, order)
    decision = _answer(policy, order, reasons) if reasons else PASSES
    return decision if order.place is None else in_turn(policy, order, decision, order.place)


def takes_place(policy: Policy, order: OrderFacts, decision: Decision) -> bool:
    """Whether an answered order takes a place in the policy's queue; exempt buyers and rejected orders take none."""
    if policy.mode is not SaleMode.QUEUE or not decision.applies or decision.exempt or not reserves(decision):
        return False
    return not {QUEUE, EVERY_RULE} & left_aside(policy, order)


def in_turn(policy: Policy, order: OrderFacts, decision: Decision, place: Place) -> Decision:
    """Hold an order until its place in the queue is due, and as long as its turn then stands.

    What holds it longer or stops it goes on doing so; a check is asked while it waits.
    """
    if place.due_at <= order.placed_at or not takes_place(policy, order, decision):
        return decision
    remedy = Remedy("ITS_TURN", (("at", place.due_at.isoformat()),))
    reasons = (*decision.reasons, Reason(QUEUE, "POLICY", place.number, None, remedy, 0, QUEUE))
    if SEVERITY[decision.verdict] > SEVERITY[Verdict.HOLD]:
        return replace(decision, reasons=reasons)
    wait = max(place.due_at - order.placed_at + TURN_STANDS, decision.hold or timedelta())
    waits = decision.verdict is not Verdict.HOLD
    return replace(decision, verdict=Verdict.HOLD, reasons=reasons, hold=wait, waits=waits)


def uncounted_reasons(policy: Policy, order: OrderFacts) -> list[Reason]:
    """What speaks against an order by its own facts, whatever anybody bought before."""
    return [
        *_eligibility_reasons(policy, order),
        *_address_reasons(policy, order),
        *_cluster_reasons(policy, order),
    ]


def only_counts(policy: Policy) -> bool:
    """Whether nothing but counts can speak against an order: no list, requirement, draw, address or cluster rule."""
    wanted = replace(policy.eligibility, announced_at=None, paid_orders_before=None, score=HIGHEST_SCORE)
    ruled = policy.addresses or policy.clusters or policy.lists.exempt or policy.lists.deny
    return wanted == Eligibility() and not ruled and policy.mode is not SaleMode.DRAW


def is_listed(policy: Policy, order: OrderFacts) -> bool:
    """Whether the exempt or the deny list answers this order."""
    lists = policy.lists
    return bool(lists.exempt and _listed(lists.exempt, order)) or bool(lists.deny and _listed(lists.deny, order))


def concerns(policy: Policy, order: OrderFacts) -> bool:
    """Whether the policy is about this order: its listings, its launch, its channel and region."""
    scope = policy.scope
    if scope.starts_at is not None and order.placed_at < scope.starts_at:
        return False
    if scope.ends_at is not None and order.placed_at >= scope.ends_at:
        return False
    if scope.channels and order.channel not in scope.channels:
        return False
    if scope.regions and order.region not in scope.regions:
        return False
    return scope.all_listings or any(line.sku in scope.skus for line in order.lines)


def needs(policy: Policy, order: OrderFacts) -> list[Need]:
    """The counts this order's answer depends on; a dimension the order has no key for is not counted."""
    if not concerns(policy, order):
        return []
    units = units_by_listing(policy, order)
    at = order.placed_at
    found = []
    for limit in policy.counted:
        if key := order.keys.get(limit.dimension):
            after = None if limit.window is None else windows.opens_after(at, limit.window)
            shares = own_shares(limit, units)
            found += [Need(Slot(limit.id, key, sku), limit, after, at, own) for sku, own in shares]
    return found


def own_shares(limit: Limit, units: Mapping[str, int]) -> list[tuple[str, int]]:
    """What an order adds to a limit: by listing where the limit counts listings apart, once otherwise."""
    by_units = limit.measure is Measure.UNITS
    if limit.per_listing:
        return [(sku, own if by_units else 1) for sku, own in units.items()]
    return [("", sum(units.values()) if by_units else 1)]


def units_by_listing(policy: Policy, order: OrderFacts) -> dict[str, int]:
    """The units of this order that the policy is about, by listing; a line of returned goods adds none."""
    scope = policy.scope
    units: dict[str, int] = {}
    for line in order.lines:
        if line.units > 0 and (scope.all_listings or line.sku in scope.skus):
            units[line.sku] = units.get(line.sku, 0) + line.units
    return units


def reserves(decision: Decision) -> bool:
    """Whether an answered order keeps its units: only a rejected one reserves nothing."""
    return decision.verdict is not Verdict.REJECT


def _listed(entries: Mapping[tuple[Dimension, str], datetime | None], order: OrderFacts) -> Dimension | None:
    for dimension, key in order.keys.items():
        if key and (dimension, key) in entries:
            until = entries[(dimension, key)]
            if until is None or order.placed_at < until:
                return dimension
    return None


def _denied(dimension: Dimension) -> Decision:
    reason = Reason(DENY_LIST, dimension, None, None, Remedy("OFF_THE_DENY_LIST"), HIGHEST_SCORE, DENY_LIST)
    return Decision(Verdict.REJECT, (reason,), HIGHEST_SCORE)


def _limit_reason(need: Need, observed: int) -> Reason:
    limit = need.limit
    left = limit.most - (observed - need.own)
    if left > 0 and limit.measure is Measure.UNITS:
        remedy = Remedy("AT_MOST_UNITS", (("units", left),))
    elif limit.window is not None:
        remedy = Remedy("LATER", (("seconds", int(limit.window.total_seconds())),))
    else:
        remedy = Remedy("NOT_IN_THIS_LAUNCH", (("most", limit.most),))
    # What one order takes by itself is its buyer's doing, wherever it goes.
    signal = OWN_DOING if need.own > limit.most else SIGNAL_OF[limit.dimension]
    return Reason(limit.id, limit.dimension, observed, limit.most, remedy, limit.score, signal, need.slot.sku)


def _eligibility_reasons(policy: Policy, order: OrderFacts) -> list[Reason]:
    wanted = policy.eligibility
    broken: list[tuple[Requirement, int | str | None, int | str | None]] = []
    if (cut_off := wanted.account_created_before) is not None:
        created = order.account_created_at
        if created is None or created >= cut_off:
            broken.append((Requirement.ACCOUNT_AGE, created.isoformat() if created else None, cut_off.isoformat()))
    if wanted.phone_verified and not order.phone_verified:
        broken.append((Requirement.PHONE_VERIFIED, _shown(order.phone_verified), "YES"))
    if wanted.real_name_verified and not order.real_name_verified:
        broken.append((Requirement.REAL_NAME_VERIFIED, _shown(order.real_name_verified), "YES"))
    if wanted.levels and order.level not in wanted.levels:
        broken.append((Requirement.LEVEL, order.level, ", ".join(sorted(wanted.levels))))
    if wanted.paid_orders and (order.paid_orders is None or order.paid_orders < wanted.paid_orders):
        broken.append((Requirement.PAID_ORDERS, order.paid_orders, wanted.paid_orders))
    if wanted.entitlement and (order.entitlements is None or wanted.entitlement not in order.entitlements):
        broken.append((Requirement.ENTITLEMENT, None if order.entitlements is None else "NO", wanted.entitlement))
    if policy.mode is SaleMode.DRAW and order.drawn is False:
        broken.append((Requirement.DRAWN, "NO", "YES"))
    return [
        # A fact the platform did not send is asked for, not held against the buyer.
        Reason(
            rule,
            "ACCOUNT",
            observed,
            limit,
            Remedy(rule if observed is not None else UNKNOWN_FACT, (("limit", limit or ""),)),
            wanted.score,
            UNKNOWN_FACT if observed is None else rule,
        )
        for rule, observed, limit in broken
    ]


def _shown(fact: bool | None) -> str | None:
    return None if fact is None else "NO"


def _address_reasons(policy: Policy, order: OrderFacts) -> list[Reason]:
    return [
        Reason(rule.id, "ADDRESS", rule.tag, None, Remedy("ANOTHER_ADDRESS"), rule.score, "ADDRESS_TAG")
        for rule in policy.addresses
        if rule.tag in order.address_tags
    ]


def _cluster_reasons(policy: Policy, order: OrderFacts) -> list[Reason]:
    tied = len(order.cluster_signals)
    return [
        Reason(rule.id, "CLUSTER", tied, rule.signals, Remedy("A_PERSON_LOOKS"), rule.score, "CLUSTER")
        for rule in policy.clusters
        if tied >= max(rule.signals, CLUSTER_SIGNALS)
    ]


def _answer(policy: Policy, order: OrderFacts, reasons: list[Reason]) -> Decision:
    if silent := left_aside(policy, order):
        reasons = [reason for reason in reasons if reason.rule not in silent]
    score = min(HIGHEST_SCORE, sum(reason.score for reason in reasons))
    band = _band(policy, score)
    if not reasons or band.verdict is Verdict.ALLOW:
        return Decision(Verdict.ALLOW, tuple(reasons), score)
    verdict = band.verdict
    if SEVERITY[verdict] > SEVERITY[Verdict.VERIFY] and _only_surroundings(order, reasons):
        verdict = Verdict.VERIFY
    if verdict is Verdict.VERIFY:
        return Decision(verdict, tuple(_passing(reasons, policy)), score)
    hold = timedelta(hours=band.hours) if verdict is Verdict.HOLD and band.hours else None
    return Decision(verdict, tuple(reasons), score, hold=hold)


def _passing(reasons: list[Reason], policy: Policy) -> Iterator[Reason]:
    """What is only checked passes with the check as well: say which one is asked."""
    for each in reasons:
        remedy = each.would_pass_if
        yield replace(each, would_pass_if=Remedy(remedy.code, (*remedy.params, ("check", policy.check.value))))


def _only_surroundings(order: OrderFacts, reasons: list[Reason]) -> bool:
    """Whether nothing speaks against the buyer but a shared roof, a shared line, or a fact nobody sent.

    A cluster counts for itself only when at least two independent signals tie it.
    """
    weak = {SURROUNDINGS, UNKNOWN_FACT}
    if len(order.cluster_signals) < CLUSTER_SIGNALS:
        weak.add("CLUSTER")
    return all(reason.signal in weak for reason in reasons)


def each_by_itself(policy: Policy) -> dict[str, Verdict]:
    """What each rule of a policy leads to when nothing else is broken."""
    return {rule.id: _band(policy, rule.score).verdict for rule in policy.rules}


def _band(policy: Policy, score: int) -> Band:
    """The band a score falls into; below the lowest, an order passes."""
    reached = [band for band in policy.bands if band.at_least <= score]
    return max(reached, key=lambda band: band.at_least, default=Band(0, Verdict.ALLOW))


def left_aside(policy: Policy, order: OrderFacts) -> frozenset[str]:
    """The rules that say nothing about this order: overruled for the shop, or snoozed for its buyer."""
    if not (policy.snoozes or policy.overruled):
        return frozenset()
    return policy.overruled | {snooze.rule for snooze in policy.snoozes if _is_for(snooze, order)}


def _is_for(snooze: Snooze, order: OrderFacts) -> bool:
    return order.keys.get(snooze.dimension) == snooze.key and order.placed_at < snooze.until
