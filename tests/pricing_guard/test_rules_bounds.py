from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from pricing_guard.rules import bounds, prices
from pricing_guard.rules.facts import PromotionKind
from pricing_guard.rules.memory import PastPrice, remember
from pricing_guard.rules.thresholds import DEFAULT, Thresholds
from tests.pricing_guard.listings import DAY, NOW, listing, money, pasts, percents, promotion, remembered

blank = st.none()
thresholds = st.builds(
    Thresholds,
    floor_price=blank | money(),
    ceiling_price=blank | money(),
    cost=blank | money(),
    never_below_cost=blank | st.booleans(),
    minimum_margin=blank | percents(),
    max_drop_last=blank | percents(),
    max_rise_last=blank | percents(),
    max_drop_low_7=blank | percents(),
    max_drop_low_30=blank | percents(),
    max_drop_low_90=blank | percents(),
    max_drop_median=blank | percents(),
    max_rise_median=blank | percents(),
    max_drop_list=blank | percents(),
    max_rise_list=blank | percents(),
    decimal_shift=blank | st.booleans(),
    digit_slips=blank | st.booleans(),
    cents_as_yuan=blank | st.booleans(),
    smallest_slip=blank | percents(),
    far_from_usual=blank | st.integers(2, 9).map(Decimal),
    familiar_days=blank | st.integers(1, 200),
    stack_below_floor=blank | st.booleans(),
    coupon_sense=blank | st.booleans(),
    max_total_discount=blank | percents(),
)
asked = st.one_of(money(), st.sampled_from([Decimal("129.00"), Decimal("12.90"), Decimal("192.00"), Decimal(0)]))


@given(
    policy=thresholds | st.just(DEFAULT),
    history=pasts(),
    price=asked,
    list_price=blank | money(),
    hours=st.integers(0, 5000),
)
@example(policy=DEFAULT, history=[PastPrice(Decimal("129.00"), NOW)], price=Decimal("192.00"), list_price=None, hours=0)
def test_sql_never_misses_what_the_function_flags(
    policy: Thresholds, history: list[PastPrice], price: Decimal, list_price: Decimal | None, hours: int
) -> None:
    memory = remember(history, currency="CNY")
    facts = listing("1", list_price=list_price)
    found = bounds.bounds(facts, policy, memory, at=NOW)

    at = _while_valid(found, hours)
    flagged = prices.check(replace(facts, price=price), policy, memory, at=at).findings

    assert found.leave_out(price) or not flagged


@given(
    policy=thresholds,
    price=asked,
    kind=st.sampled_from(PromotionKind),
    value=money(1, 20_000),
    starts=st.integers(-48, 48),
    hours=st.integers(0, 100),
)
def test_sql_never_misses_what_a_promotion_breaks_now_or_when_it_starts(
    policy: Thresholds, price: Decimal, kind: PromotionKind, value: Decimal, starts: int, hours: int
) -> None:
    start = NOW + timedelta(hours=starts)
    stacked = promotion(kind, str(value), starts_at=start, ends_at=start + DAY)
    facts = listing("1", promotions=(stacked,))
    memory = remembered("129.00")
    found = bounds.bounds(facts, policy, memory, at=NOW)

    at = _while_valid(found, hours)
    flagged = prices.check(replace(facts, price=price), policy, memory, at=at).findings

    assert found.leave_out(price) or not flagged


def test_a_listing_at_its_last_good_price_is_not_selected() -> None:
    found = bounds.bounds(listing("129.00"), DEFAULT, remembered("129.00"), at=NOW)

    assert not found.leave_out(Decimal("129.00"))


def test_a_listing_in_another_currency_is_always_selected() -> None:
    facts = replace(listing("129.00"), currency="USD")

    assert bounds.bounds(facts, DEFAULT, remembered("129.00"), at=NOW).leave_out(Decimal("129.00"))


def test_without_a_policy_only_a_price_that_is_none_is_selected() -> None:
    found = bounds.bounds(listing("1"), Thresholds(), remembered("129.00"), at=NOW)

    assert found.leave_out(Decimal(0))
    assert found.leave_out(Decimal(-1))
    assert not found.leave_out(Decimal("0.01"))
    assert not found.leave_out(Decimal(10**9))


def _while_valid(found: bounds.Bounds, hours: int) -> datetime:
    later = NOW + timedelta(hours=hours)
    return later if found.valid_until is None or later < found.valid_until else NOW
