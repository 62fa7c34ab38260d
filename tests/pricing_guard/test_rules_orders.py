from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules import orders
from pricing_guard.rules.findings import Check, Reference
from pricing_guard.rules.orders import Sold
from pricing_guard.rules.thresholds import Thresholds
from tests.pricing_guard.listings import NOW, money

REFERENCE = Reference("TRUSTED", Decimal(100))
LIMITS = Thresholds(
    orders_per_minute=3,
    units_per_10_minutes=20,
    units_per_order=6,
    units_per_buyer=8,
    exposure_cap=Decimal(500),
    below_reference=Decimal(30),
)
lines = st.builds(
    lambda order, buyer, quantity, paid, seconds, settled: Sold(
        f"o{order}", f"b{buyer}", quantity, paid, NOW - timedelta(seconds=seconds), settled
    ),
    st.integers(1, 6),
    st.integers(1, 4),
    st.integers(1, 9),
    money(1, 12_000),
    st.integers(-60, 900),
    st.booleans(),
)


@given(sold=st.lists(lines, max_size=12))
def test_orders_are_judged_as_counting_them_by_hand_would(sold: list[Sold]) -> None:
    judgement = orders.check(sold, LIMITS, reference=REFERENCE, currency="CNY", at=NOW)

    assert {one.check for one in judgement.findings} == _by_hand(sold)


def test_without_a_reference_or_a_limit_nothing_is_wrong() -> None:
    sold = [Sold("o1", "b1", 10_000, Decimal(1), NOW)]

    assert not orders.check(sold, LIMITS, reference=None, currency="CNY", at=NOW).findings
    assert not orders.check(sold, Thresholds(), reference=REFERENCE, currency="CNY", at=NOW).findings


def test_exposure_is_what_unsettled_orders_cost_against_the_reference() -> None:
    sold = [
        Sold("o1", "b1", 2, Decimal(40), NOW),
        Sold("o2", "b1", 5, Decimal(40), NOW, settled=True),
        Sold("o3", "b1", 1, Decimal(120), NOW),
    ]

    assert orders.exposure(sold, reference=Decimal(100)) == 120


@pytest.mark.parametrize(
    ("quantity", "paid", "before", "held"),
    [(7, "10", 0, True), (6, "10", 0, False), (6, "10", 3, True), (6, "10", 2, False), (7, "70", 0, False)],
)
def test_an_order_too_large_or_one_too_many_for_its_buyer_is_held_by_itself(
    quantity: int, paid: str, before: int, held: bool
) -> None:
    line = Sold("o1", "b1", quantity, Decimal(paid), NOW)

    assert orders.must_hold(line, LIMITS, reference=REFERENCE, by_buyer=before) == held


def test_no_order_is_held_where_no_limit_is_set() -> None:
    line = Sold("o1", "b1", 1000, Decimal(1), NOW)

    assert not orders.must_hold(line, Thresholds(), reference=REFERENCE, by_buyer=10)
    assert not orders.must_hold(line, LIMITS, reference=None, by_buyer=10)


def _by_hand(sold: list[Sold]) -> set[Check]:
    cheap = [one for one in sold if one.placed_at <= NOW and one.unit_paid < 70]
    found = set()
    if len({one.order for one in cheap if (NOW - one.placed_at).total_seconds() < 60}) > 3:
        found.add(Check.ORDERS_PER_MINUTE)
    if sum(one.quantity for one in cheap if (NOW - one.placed_at).total_seconds() < 600) > 20:
        found.add(Check.UNITS_PER_10_MINUTES)
    if any(sum(one.quantity for one in cheap if one.order == order) > 6 for order in {one.order for one in cheap}):
        found.add(Check.UNITS_PER_ORDER)
    if any(sum(one.quantity for one in cheap if one.buyer == buyer) > 8 for buyer in {one.buyer for one in cheap}):
        found.add(Check.UNITS_PER_BUYER)
    if sum((100 - one.unit_paid) * one.quantity for one in cheap if not one.settled) > 500:
        found.add(Check.EXPOSURE_CAP)
    return found
