"""The past replayed: the same answers as live, and figures that add up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalper_policies.rules import backtest, evaluate
from scalper_policies.rules.orders import Label, OrderFacts, OrderLine
from scalper_policies.rules.policy import (
    AddressRule,
    BuyerLists,
    Dimension,
    Eligibility,
    Ending,
    Limit,
    Measure,
    Policy,
    Scope,
    Verdict,
    velocity,
)
from scalper_policies.rules.windows import Reading

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
DAY = timedelta(days=1)
EVERYTHING = Scope(all_listings=True)
LIMITS = st.lists(
    st.builds(
        Limit,
        id=st.uuids().map(str),
        dimension=st.sampled_from([Dimension.ACCOUNT, Dimension.PHONE, Dimension.ADDRESS_CLUSTER, Dimension.DEVICE]),
        most=st.integers(1, 6),
        window=st.sampled_from([None, timedelta(minutes=5), timedelta(hours=1), DAY]),
        measure=st.sampled_from(Measure),
        per_listing=st.booleans(),
        gives_back=st.frozensets(st.sampled_from(Ending)),
        score=st.sampled_from([20, 50, 100]),
    ),
    max_size=4,
)
POLICIES = st.builds(
    Policy,
    scope=st.sampled_from([EVERYTHING, Scope(skus=frozenset({"A"})), replace(EVERYTHING, ends_at=START + DAY)]),
    limits=LIMITS.map(tuple),
    velocity=st.sampled_from([(), (velocity("fast", Dimension.ACCOUNT, orders=2),)]),
    addresses=st.sampled_from([(), (AddressRule("tag", "LOCKER", 50),)]),
    eligibility=st.sampled_from([Eligibility(), Eligibility(phone_verified=True, score=30)]),
    lists=st.sampled_from(
        [
            BuyerLists(),
            BuyerLists(exempt={(Dimension.ACCOUNT, "a"): None}, deny={(Dimension.ACCOUNT, "b"): START + DAY / 2}),
        ]
    ),
)
ORDERS = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.lists(st.builds(OrderLine, sku=st.sampled_from("AB"), units=st.integers(-1, 3)), min_size=1, max_size=3),
        st.fixed_dictionaries(
            {},
            optional={
                Dimension.ACCOUNT: st.sampled_from("abc"),
                Dimension.PHONE: st.sampled_from("pq"),
                Dimension.ADDRESS_CLUSTER: st.sampled_from("xy"),
            },
        ),
        st.one_of(st.none(), st.tuples(st.integers(0, 600), st.sampled_from(Ending))),
        st.sampled_from([(), ("LOCKER",)]),
        st.sampled_from([None, True, False]),
    ),
    max_size=40,
)


def stream(drawn: Iterable[tuple]) -> list[OrderFacts]:  # type: ignore[type-arg]
    orders = []
    for number, (minutes, lines, keys, ending, tags, phone) in enumerate(sorted(drawn, key=lambda order: order[0])):
        at = START + timedelta(minutes=minutes)
        orders.append(
            OrderFacts(
                number=str(number),
                placed_at=at,
                lines=tuple(lines),
                keys=keys,
                address_tags=tags,
                phone_verified=phone,
                ended_at=at + timedelta(minutes=ending[0]) if ending else None,
                ending=ending[1] if ending else None,
            )
        )
    return orders


class LiveShop:
    """What runs in a checkout, as slowly and obviously as can be: one list of what every order reserved."""

    def __init__(self, policy: Policy, *, enforced: bool) -> None:
        self.policy = policy
        self.enforced = enforced
        self.reserved: list[tuple[evaluate.Need, OrderFacts]] = []

    def answer(self, order: OrderFacts) -> evaluate.Decision:
        counts: dict[evaluate.Slot, int] = defaultdict(int)
        needed = evaluate.needs(self.policy, order)
        for need in needed:
            for held, earlier in self.reserved:
                given_back = earlier.ended_at is not None and (
                    earlier.ended_at <= order.placed_at and earlier.ending in held.limit.gives_back
                )
                in_window = need.after is None or held.until > need.after
                if held.slot == need.slot and in_window and not given_back:
                    counts[need.slot] += held.own
        decision = evaluate.evaluate(self.policy, order, counts)
        if decision.verdict is not Verdict.REJECT or not self.enforced:
            self.reserved += [(need, order) for need in needed]
        return decision


@given(policy=POLICIES, drawn=ORDERS, reading=st.sampled_from(Reading))
@settings(max_examples=300, deadline=None)
def test_live_and_backtest_agree_on_any_stream_of_orders(policy: Policy, drawn: list, reading: Reading) -> None:  # type: ignore[type-arg]
    orders = stream(drawn)
    shop = LiveShop(policy, enforced=reading is Reading.ENFORCED)

    replayed = [judged.decision for judged in backtest.replay(policy, orders, reading)]

    assert replayed == [shop.answer(order) for order in orders]


@given(policy=POLICIES, drawn=ORDERS)
@settings(max_examples=60, deadline=None)
def test_the_report_adds_up(policy: Policy, drawn: list) -> None:  # type: ignore[type-arg]
    orders = stream(drawn)
    hits: list[backtest.Judged] = []

    report = backtest.backtest(policy, orders, on_hit=hits.append)

    assert report.orders == len(orders)
    assert sum(report.verdicts.values()) == report.in_scope <= report.orders
    assert sum(report.overlap.values()) == len(hits)
    assert report.units_stopped + report.units_kept_for_ordinary == report.units
    assert report.ordinary_buyers_hurt <= report.buyers_hit <= report.buyers


def order(number: int, minutes: int, units: int = 1, account: str = "a", label: Label = Label.UNKNOWN) -> OrderFacts:
    at = START + timedelta(minutes=minutes)
    return OrderFacts(str(number), at, (OrderLine("A", units),), keys={Dimension.ACCOUNT: account}, label=label)


def limit(most: int, window: timedelta | None = DAY) -> Policy:
    return Policy(scope=EVERYTHING, limits=(Limit("limit", Dimension.ACCOUNT, most, window),))


@pytest.mark.case("SC-09")
def test_split_orders_each_under_the_limit_are_caught_together() -> None:
    split = [order(1, 0, 2), order(2, 10, 2), order(3, 20, 2), order(4, 30 * 60, 2)]

    verdicts = [judged.decision.verdict for judged in backtest.replay(limit(3), split)]
    apart = [evaluate.evaluate(limit(3), each, {}).verdict for each in split]

    assert verdicts == [Verdict.ALLOW, Verdict.REJECT, Verdict.REJECT, Verdict.ALLOW]
    assert set(apart) == {Verdict.ALLOW}


def test_units_of_an_ended_order_return_once_at_the_moment_it_ends() -> None:
    first = replace(order(1, 0, 2), ended_at=START + timedelta(minutes=10), ending=Ending.CANCELLED)
    orders = [first, order(2, 9), order(3, 10), order(4, 11), order(5, 12)]

    verdicts = [j.decision.verdict.value for j in backtest.replay(limit(2, None), orders, Reading.ENFORCED)]

    assert verdicts == ["ALLOW", "REJECT", "ALLOW", "ALLOW", "REJECT"]


def test_a_refund_returns_nothing_where_the_limit_does_not_say_so() -> None:
    first = replace(order(1, 0, 2), ended_at=START, ending=Ending.REFUNDED)

    verdicts = [j.decision.verdict.value for j in backtest.replay(limit(2), [first, order(2, 9)])]

    assert verdicts == ["ALLOW", "REJECT"]


def test_the_two_readings_differ_by_what_rejected_orders_reserve() -> None:
    orders = [order(1, 0, 2), order(2, 1, 2), order(3, 2, 1)]

    observed = backtest.backtest(limit(3), orders, Reading.OBSERVED)
    enforced = backtest.backtest(limit(3), orders, Reading.ENFORCED)

    assert (observed.reading, observed.hits_by_rule) == (Reading.OBSERVED, {"limit": 2})
    assert (enforced.reading, enforced.hits_by_rule) == (Reading.ENFORCED, {"limit": 1})


def test_precision_and_recall_are_about_labelled_orders() -> None:
    orders = [
        order(1, 0, 5, "ring", Label.SCALPER),
        order(2, 1, 1, "quiet ring", Label.SCALPER),
        order(3, 2, 5, "family", Label.ORDINARY),
        order(4, 3, 1, "guest", Label.ORDINARY),
        order(5, 4, 9, "unknown"),
    ]

    report = backtest.backtest(limit(3), orders)

    assert (report.labelled, report.precision, report.recall) == (4, 0.5, 0.5)
    assert (report.ordinary_buyers, report.ordinary_buyers_hurt) == (3, 2)
    assert report.units_kept_for_ordinary == 1
    assert backtest.backtest(limit(3), []).precision is None


def test_orders_nobody_named_an_account_for_are_counted_as_orders_alone() -> None:
    report = backtest.backtest(limit(1), [replace(order(1, 0, 9), keys={})])

    assert (report.in_scope, report.buyers, report.hits_by_rule) == (1, 0, {})


def test_orders_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="in order of time"):
        backtest.backtest(limit(1), [order(1, 5), order(2, 4)])


def test_progress_is_told() -> None:
    told: list[int] = []

    backtest.backtest(limit(9), [order(n, n, account=str(n)) for n in range(20_001)], on_progress=told.append)

    assert told == [10_000, 20_000]


def test_a_difference_counts_what_gets_milder_and_stricter() -> None:
    orders = [order(1, 0, 4), order(2, 1, 2, "b"), order(3, 2, 1, "c")]
    milder, stricter = limit(3), limit(1)

    found = backtest.difference(backtest.replay(milder, orders), backtest.replay(stricter, orders))
    back = backtest.difference(backtest.replay(stricter, orders), backtest.replay(milder, orders), list_at_most=0)

    assert (found.same, found.milder, found.stricter) == (2, 0, 1)
    assert found.orders == (("2", Verdict.ALLOW, Verdict.REJECT),)
    assert found.by_verdict[Verdict.ALLOW, Verdict.REJECT] == 1
    assert (back.milder, back.orders) == (1, ())
    with pytest.raises(ValueError, match="the same orders"):
        backtest.difference(backtest.replay(milder, orders[:1]), backtest.replay(milder, orders[1:2]))
