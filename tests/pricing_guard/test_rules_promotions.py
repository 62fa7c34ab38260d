import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules import prices, promotions
from pricing_guard.rules.facts import Promotion, PromotionKind
from pricing_guard.rules.findings import Check, Severity
from pricing_guard.rules.thresholds import DEFAULT, Thresholds
from tests.pricing_guard.listings import DAY, NOW, listing, money, promotion, remembered

made = st.builds(
    lambda kind, value, threshold, group, code: promotion(
        kind,
        str(value if kind != PromotionKind.PERCENTAGE else min(value, Decimal(100))),
        threshold=threshold,
        stack_group=group,
        code=str(code),
    ),
    st.sampled_from(PromotionKind),
    st.integers(1, 300).map(Decimal),
    st.none() | st.integers(1, 500).map(Decimal),
    st.none() | st.sampled_from(["shop", "platform"]),
    st.integers(0, 10**9),
)


@given(price=money(100, 50_000), running=st.lists(made, max_size=4))
def test_the_worst_stack_is_the_lowest_price_over_every_set_and_quantity(
    price: Decimal, running: list[Promotion]
) -> None:
    stack = promotions.worst_stack(price, running)

    assert stack.unit_price == _obvious_worst(price, running)


@given(price=money(100, 50_000), running=st.lists(made, max_size=4))
def test_a_typical_buyer_never_pays_less_than_the_worst_case(price: Decimal, running: list[Promotion]) -> None:
    assert promotions.worst_stack(price, running).unit_price <= promotions.typical_stack(price, running).unit_price


def test_of_a_stack_group_a_buyer_uses_one() -> None:
    ten, twenty = (promotion(PromotionKind.COUPON, value, stack_group="shop") for value in ("10", "20"))
    other = promotion(PromotionKind.COUPON, "5")

    assert promotions.worst_stack(Decimal(100), [ten, twenty, other]).unit_price == 75


def test_money_off_above_a_threshold_is_shared_by_the_units_it_takes() -> None:
    stack = promotions.worst_stack(Decimal(30), [promotion(PromotionKind.THRESHOLD, "20", threshold=Decimal(100))])

    assert (stack.unit_price, stack.quantity) == (25, 4)


def test_a_thousand_stacks_are_taken_as_one_that_holds_them_all() -> None:
    many = [promotion(PromotionKind.COUPON, "1", code=str(place)) for place in range(13)]

    assert promotions.worst_stack(Decimal(100), many).unit_price == 87


@pytest.mark.parametrize(
    ("kind", "value", "threshold", "check"),
    [
        (PromotionKind.COUPON, "1000", "200", Check.COUPON_ABOVE_THRESHOLD),
        (PromotionKind.THRESHOLD, "200", "200", Check.COUPON_ABOVE_THRESHOLD),
        (PromotionKind.PERCENTAGE, "80", None, Check.PERCENT_AS_MONEY),
        (PromotionKind.COUPON, "80", None, Check.PERCENT_AS_MONEY),
        (PromotionKind.FIXED_PRICE, "20", None, Check.PERCENT_AS_MONEY),
    ],
)
def test_a_mistyped_promotion_is_seen_by_itself(
    kind: PromotionKind, value: str, threshold: str | None, check: Check
) -> None:
    typed = promotion(kind, value, threshold=Decimal(threshold) if threshold else None)

    assert [one.check for one in promotions.mistyped(typed, currency="CNY", price=Decimal(129))] == [check]


def test_eighty_percent_off_is_asked_about_and_a_hundred_stopped() -> None:
    found = [
        next(promotions.mistyped(promotion(PromotionKind.PERCENTAGE, value), currency="CNY")).severity
        for value in ("80", "100")
    ]

    assert found == [Severity.DOUBTFUL, Severity.SERIOUS]


@pytest.mark.parametrize(
    ("kind", "value", "threshold"),
    [
        (PromotionKind.COUPON, "200", "1000"),
        (PromotionKind.COUPON, "20", None),
        (PromotionKind.PERCENTAGE, "20", None),
        (PromotionKind.FIXED_PRICE, "99", None),
        (PromotionKind.THRESHOLD, "50", "0"),
    ],
)
def test_an_ordinary_promotion_is_not(kind: PromotionKind, value: str, threshold: str | None) -> None:
    typed = promotion(kind, value, threshold=Decimal(threshold) if threshold else None)

    assert not list(promotions.mistyped(typed, currency="CNY", price=Decimal(129)))
    assert not list(promotions.mistyped(typed, currency="CNY"))


def test_a_promotion_that_ends_before_it_starts_is_seen() -> None:
    typed = promotion(PromotionKind.COUPON, "5", ends_at=NOW - DAY * 2)

    found = [one.check for one in promotions.mistyped(typed, currency="CNY")]

    assert found == [Check.PROMOTION_ENDS_BEFORE_START]


def test_three_coupons_that_stack_below_the_floor_are_seen_at_the_price() -> None:
    coupons = tuple(promotion(PromotionKind.COUPON, "20", code=code) for code in "abc")
    policy = Thresholds(floor_price=Decimal(90), stack_below_floor=True)

    judgement = prices.check(listing("129", promotions=coupons), policy, remembered("129"), at=NOW)

    assert [one.check for one in judgement.findings] == [Check.STACK_BELOW_FLOOR]
    assert judgement.findings[0].reason.params["effective"] == "69.00"
    assert judgement.severity == Severity.SERIOUS


def test_a_stack_that_costs_nothing_or_less_than_the_cost_is_seen() -> None:
    free = promotion(PromotionKind.COUPON, "129")
    cheap = promotion(PromotionKind.PERCENTAGE, "50")

    nothing = prices.check(listing("129", promotions=(free,)), DEFAULT, remembered("129"), at=NOW)
    loss = prices.check(listing("129", promotions=(cheap,), cost=Decimal(80)), DEFAULT, remembered("129"), at=NOW)

    assert [one.check for one in nothing.findings] == [Check.STACK_AT_ZERO]
    assert [one.check for one in loss.findings] == [Check.STACK_BELOW_COST]


@pytest.mark.parametrize(
    ("list_price", "allowed", "seen"), [("200", "60", True), ("200", "70", False), (None, "49", True)]
)
def test_the_total_discount_counts_from_the_list_price_or_the_median(
    list_price: str | None, allowed: str, seen: bool
) -> None:
    half = promotion(PromotionKind.PERCENTAGE, "50")
    facts = listing("129", promotions=(half,), list_price=Decimal(list_price) if list_price else None)

    judgement = prices.check(facts, Thresholds(max_total_discount=Decimal(allowed)), remembered("129"), at=NOW)

    assert [one.check for one in judgement.findings] == ([Check.TOTAL_DISCOUNT] if seen else [])


def test_what_the_platform_pays_for_or_is_not_running_is_not_counted() -> None:
    paid = promotion(PromotionKind.COUPON, "129", by_merchant=False)
    later = promotion(PromotionKind.COUPON, "129", starts_at=NOW + timedelta(hours=1))
    dearer = promotion(PromotionKind.FIXED_PRICE, "200")

    facts = listing("129", promotions=(paid, later, dearer))

    assert not prices.check(facts, DEFAULT, remembered("129"), at=NOW).findings


def _obvious_worst(price: Decimal, running: list[Promotion]) -> Decimal:
    """Buy one to six hundred units with every set of promotions that has no group twice."""
    best = price
    for size in range(len(running) + 1):
        for chosen in itertools.combinations(running, size):
            groups = [one.stack_group for one in chosen if one.stack_group]
            if len(groups) != len(set(groups)):
                continue
            base = min([price] + [one.value for one in chosen if one.kind == PromotionKind.FIXED_PRICE])
            for quantity in range(1, 502):
                best = min(best, _paid(base, quantity, chosen) / quantity)
    return best


def _paid(base: Decimal, quantity: int, chosen: tuple[Promotion, ...]) -> Decimal:
    total = base * quantity
    reached = [one for one in chosen if one.threshold is None or one.threshold <= base * quantity]
    for one in reached:
        if one.kind == PromotionKind.PERCENTAGE:
            total = total * (100 - one.value) / 100
    total -= sum(one.value for one in reached if one.kind in (PromotionKind.COUPON, PromotionKind.THRESHOLD))
    return max(total, Decimal(0))
