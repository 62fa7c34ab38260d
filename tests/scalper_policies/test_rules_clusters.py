"""Accounts are tied by two independent signals or not at all."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalper_policies.rules import clusters
from scalper_policies.rules.clusters import Trace
from scalper_policies.rules.policy import Dimension

SHARED = [Dimension.PHONE, Dimension.DEVICE, Dimension.PAYMENT, Dimension.ADDRESS_CLUSTER, Dimension.IP]


def test_a_ring_with_one_phone_and_one_device_is_a_cluster() -> None:
    traces = [Trace(f"ring {n}", d, "same") for n in range(5) for d in (Dimension.PHONE, Dimension.DEVICE)]

    (found,) = clusters.build(traces)

    assert found.accounts == tuple(f"ring {n}" for n in range(5))
    assert found.signals == ("DEVICE", "PHONE")
    assert found.by_account["ring 3"] == ("DEVICE", "PHONE")


@pytest.mark.parametrize(
    "dimensions",
    [
        (Dimension.ADDRESS_CLUSTER,),
        (Dimension.ADDRESS, Dimension.BUILDING, Dimension.HOUSEHOLD, Dimension.IP, Dimension.IP_NET),
        (Dimension.DEVICE,),
        (Dimension.ACCOUNT, Dimension.CLUSTER, Dimension.PHONE),
    ],
)
def test_a_dormitory_or_any_single_signal_ties_nobody(dimensions: tuple[Dimension, ...]) -> None:
    traces = [Trace(f"student {n}", dimension, "same") for n in range(400) for dimension in dimensions]

    assert clusters.build(traces) == []


def test_two_signals_must_tie_the_same_pair() -> None:
    chain = [
        Trace("a", Dimension.PHONE, "p"),
        Trace("b", Dimension.PHONE, "p"),
        Trace("b", Dimension.DEVICE, "d"),
        Trace("c", Dimension.DEVICE, "d"),
        Trace("c", Dimension.PHONE, ""),
    ]

    assert clusters.build(chain) == []


def test_an_account_with_very_many_keys_is_compared_by_the_first_few() -> None:
    traces = [Trace("busy", Dimension.PHONE, f"p{n}") for n in range(5_000)]

    assert len(clusters._keys_by_account(traces)["busy"]) == clusters.MOST_KEYS_OF_A_KIND


@given(
    st.lists(
        st.builds(Trace, st.sampled_from("abcdef"), st.sampled_from(SHARED), st.sampled_from(["1", "2"])), max_size=30
    )
)
def test_clusters_are_those_of_a_slow_comparison_of_every_pair(traces: list[Trace]) -> None:
    accounts = sorted({trace.account for trace in traces})
    groups = {account: {account} for account in accounts}
    for one, other in combinations(accounts, 2):
        shared = {
            clusters.signal_of(left.dimension)
            for left in traces
            for right in traces
            if (left.account, right.account) == (one, other) and left[1:] == right[1:]
        }
        if len(shared) >= 2:
            together = groups[one] | groups[other]
            for account in together:
                groups[account] = together

    expected = sorted({tuple(sorted(group)) for group in groups.values() if len(group) > 1})

    assert [cluster.accounts for cluster in clusters.build(traces)] == expected
