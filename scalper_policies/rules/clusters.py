"""Accounts tied together: at least two independent signals between one account and the next."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from scalper_policies.rules.policy import SIGNAL_OF, SURROUNDINGS, Dimension

LEAST_SIGNALS = 2
# An account with thousands of keys is no better known by them, only dearer to compare.
MOST_KEYS_OF_A_KIND = 20
NAMES = {SURROUNDINGS: "ADDRESS", "ACCOUNT": ""}


class Trace(NamedTuple):
    """One key an account was seen with."""

    account: str
    dimension: Dimension
    key: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Accounts that belong together, the signals that tie them, and the signals of each."""

    accounts: tuple[str, ...]
    signals: tuple[str, ...]
    by_account: dict[str, tuple[str, ...]]


def signal_of(dimension: Dimension) -> str:
    """The independent signal a dimension belongs to: phone, device, payment, identity or address; IP is the address's.

    An IP address and a street address often say the same thing: who lives or sits there.
    """
    signal = SIGNAL_OF[dimension]
    return NAMES.get(signal, signal)


def build(traces: Iterable[Trace]) -> list[Cluster]:
    """Tie accounts that share keys of at least two independent signals; one signal alone ties nobody.

    A dormitory shares its address and nothing else, so it never becomes a cluster.
    """
    kept = _keys_by_account(traces)
    buckets: dict[tuple[tuple[str, str, str], ...], list[str]] = defaultdict(list)
    for account, keys in kept.items():
        for one, other in combinations(keys, LEAST_SIGNALS):
            if one[0] != other[0]:
                buckets[one, other].append(account)
    parents = {account: account for account in kept}
    ties: dict[str, set[str]] = defaultdict(set)
    for shared, accounts in buckets.items():
        if len(accounts) < 2:
            continue
        for account in accounts:
            ties[account].update(signal for signal, _, _ in shared)
            parents[_root(parents, account)] = _root(parents, accounts[0])
    return _clusters(parents, ties)


def _keys_by_account(traces: Iterable[Trace]) -> dict[str, list[tuple[str, str, str]]]:
    kept: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for trace in traces:
        signal = signal_of(trace.dimension)
        if not trace.key or not signal or signal == "CLUSTER":
            continue
        keys = kept[trace.account][signal, trace.dimension]
        if trace.key not in keys and len(keys) < MOST_KEYS_OF_A_KIND:
            keys.append(trace.key)
    return {
        account: sorted((signal, dimension, key) for (signal, dimension), keys in kinds.items() for key in keys)
        for account, kinds in kept.items()
    }


def _root(parents: dict[str, str], account: str) -> str:
    while parents[account] != account:
        parents[account] = parents[parents[account]]
        account = parents[account]
    return account


def _clusters(parents: dict[str, str], ties: dict[str, set[str]]) -> list[Cluster]:
    members: dict[str, list[str]] = defaultdict(list)
    for account in sorted(ties):
        members[_root(parents, account)].append(account)
    return sorted(
        (
            Cluster(
                accounts=tuple(accounts),
                signals=tuple(sorted(set().union(*(ties[account] for account in accounts)))),
                by_account={account: tuple(sorted(ties[account])) for account in accounts},
            )
            for accounts in members.values()
        ),
        key=lambda cluster: cluster.accounts,
    )
