"""The platform's baseline rules: what may stand in them, and how one rule is written or taken out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from scalper_policies.rules.policy import (
    REJECT_AT_FULL_SCORE,
    AddressRule,
    ClusterRule,
    Dimension,
    Eligibility,
    Limit,
    Measure,
    Policy,
    SaleMode,
    Scope,
    Verdict,
)

NOTHING_YET = Policy(scope=Scope(all_listings=True), bands=REJECT_AT_FULL_SCORE)
# What one broken rule leads to by itself; two rules that ask for a check hold an order together.
SCORES = {Verdict.VERIFY: 20, Verdict.HOLD: 50, Verdict.REJECT: 100}
MOST_RULES = 40
LONGEST_OVERRIDE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why terms cannot stand as baseline rules: a code of the table of sentences, and the part it is about."""

    code: str
    part: str


def faults(policy: Policy) -> Iterator[Fault]:
    """Say what keeps terms from holding in every shop at all times."""
    scope = policy.scope
    if not scope.all_listings or scope.skus:
        yield Fault("BASELINE_ALL_LISTINGS", "scope")
    if scope.starts_at or scope.ends_at or scope.channels or scope.regions:
        yield Fault("BASELINE_NO_WINDOW", "scope")
    if policy.mode is not SaleMode.FIRST_COME:
        yield Fault("BASELINE_NO_SALE_MODE", "mode")
    if policy.when_we_fail is not Verdict.ALLOW:
        yield Fault("BASELINE_FAILS_OPEN", "when_we_fail")
    if any(limit.window is None for limit in policy.counted):
        yield Fault("BASELINE_NEEDS_WINDOWS", "limits")
    if not policy.rules and policy.eligibility == Eligibility():
        yield Fault("BASELINE_SAYS_NOTHING", "limits")
    if len(policy.rules) > MOST_RULES:
        yield Fault("BASELINE_TOO_LONG", "limits")


def with_limit(
    policy: Policy, dimension: Dimension, *, most: int, measure: Measure, window: timedelta, answer: Verdict
) -> Policy:
    """Write a limit: at most so many units or orders for one key of a dimension in a rolling window."""
    name = _free_name(policy, f"{dimension.value.lower()}-{measure.value.lower()}")
    limit = Limit(name, dimension, most, window, measure, score=SCORES[answer])
    return replace(policy, limits=(*policy.limits, limit))


def with_address(policy: Policy, tag: str, *, answer: Verdict) -> Policy:
    """Write a rule about addresses of one kind."""
    rule = AddressRule(_free_name(policy, f"address-{tag.lower().replace('_', '-')}"), tag, SCORES[answer])
    return replace(policy, addresses=(*policy.addresses, rule))


def with_ties(policy: Policy, signals: int, *, answer: Verdict) -> Policy:
    """Write a rule about accounts that are tied by so many independent signals."""
    rule = ClusterRule(_free_name(policy, "cluster"), signals, SCORES[answer])
    return replace(policy, clusters=(*policy.clusters, rule))


def without(policy: Policy, rule: str) -> Policy:
    """Take one rule out."""
    return replace(
        policy,
        limits=tuple(each for each in policy.limits if each.id != rule),
        velocity=tuple(each for each in policy.velocity if each.id != rule),
        addresses=tuple(each for each in policy.addresses if each.id != rule),
        clusters=tuple(each for each in policy.clusters if each.id != rule),
    )


def _free_name(policy: Policy, wanted: str) -> str:
    taken = {rule.id for rule in policy.rules}
    names = [wanted, *(f"{wanted}-{number}" for number in range(2, MOST_RULES + 2))]
    return next((name for name in names if name not in taken), f"{wanted}-{MOST_RULES + 2}")
