from dataclasses import replace
from decimal import Decimal

import pytest

from pricing_guard.rules import facts, prices
from pricing_guard.rules.facts import Meaning, PromotionKind, Suspension, Window
from pricing_guard.rules.findings import Check, Verdict
from pricing_guard.rules.thresholds import DEFAULT, Thresholds
from tests.pricing_guard.listings import DAY, NOW, listing, promotion, remembered

FLOOR = Thresholds(floor_price=Decimal(100), max_rise_last=Decimal(10))


def test_an_approved_clearance_below_the_floor_passes_and_ends_by_itself() -> None:
    sold_off = listing("60", windows=(_window(lowest_price=Decimal(50)),))

    during = prices.check(sold_off, FLOOR, remembered("129"), at=NOW)
    after = prices.check(sold_off, FLOOR, remembered("129"), at=NOW + DAY)

    assert during.verdict == Verdict.ALLOW
    assert [one.check for one in during.excused] == [Check.BELOW_FLOOR]
    assert after.verdict == Verdict.BLOCK


@pytest.mark.parametrize(
    ("price", "change"),
    [
        ("49.99", {"lowest_price": Decimal(50)}),
        ("60", {"approved": False}),
        ("60", {"skus": frozenset({"B2"})}),
        ("60", {"starts_at": NOW + DAY / 2}),
    ],
)
def test_a_window_excuses_nothing_it_does_not_cover(price: str, change: dict[str, object]) -> None:
    facts_ = listing(price, windows=(replace(_window(), **change),))  # type: ignore[arg-type]

    assert prices.check(facts_, FLOOR, remembered("129"), at=NOW).findings


def test_a_window_for_a_category_covers_its_listings() -> None:
    window = _window(skus=frozenset(), categories=frozenset({"snacks"}))

    assert not prices.check(
        listing("60", category="snacks", windows=(window,)), FLOOR, remembered("129"), at=NOW
    ).findings


def test_a_window_explains_no_rise() -> None:
    assert prices.check(listing("150", windows=(_window(),)), FLOOR, remembered("129"), at=NOW).findings


def test_a_slip_is_explained_only_by_a_window_that_names_its_lowest_price() -> None:
    typed = listing("12.90")

    without = prices.check(replace(typed, windows=(_window(),)), DEFAULT, remembered("129"), at=NOW)
    named = prices.check(
        replace(typed, windows=(_window(lowest_price=Decimal(10)),)), DEFAULT, remembered("129"), at=NOW
    )
    upwards = prices.check(
        listing("1290", windows=(_window(lowest_price=Decimal(10)),)), DEFAULT, remembered("129"), at=NOW
    )

    assert without.findings
    assert not named.findings
    assert upwards.findings


def test_a_mistyped_promotion_is_not_explained_by_a_window_with_a_lowest_price() -> None:
    typed = promotion(PromotionKind.COUPON, "80", threshold=Decimal(20))
    facts_ = listing("129", promotions=(typed,), windows=(_window(lowest_price=Decimal(10)),))

    assert Check.COUPON_ABOVE_THRESHOLD in [
        one.check for one in prices.check(facts_, DEFAULT, remembered("129"), at=NOW).findings
    ]


def test_only_a_gift_is_free_and_never_less_than_free() -> None:
    gift = (_window(reason=Meaning.GIFT),)

    assert not prices.check(listing("0", windows=gift), DEFAULT, remembered("129"), at=NOW).findings
    assert prices.check(listing("-1", windows=gift), DEFAULT, remembered("129"), at=NOW).findings
    assert prices.check(listing("0", windows=(_window(),)), DEFAULT, remembered("129"), at=NOW).findings


def test_an_answer_quiets_exactly_the_checks_it_answers_and_only_for_its_time() -> None:
    policy = Thresholds(floor_price=Decimal(100), max_drop_last=Decimal(10))
    answered = Suspension("A1", frozenset({Check.DROP_FROM_LAST}), NOW + DAY)
    facts_ = listing("90", suspensions=(answered,))

    during = prices.check(facts_, policy, remembered("129"), at=NOW)
    after = prices.check(facts_, policy, remembered("129"), at=NOW + DAY)

    assert [one.check for one in during.findings] == [Check.BELOW_FLOOR]
    assert {one.check for one in after.findings} == {Check.BELOW_FLOOR, Check.DROP_FROM_LAST}


def test_no_answer_makes_zero_a_price() -> None:
    answered = Suspension("A1", frozenset({Check.ZERO_PRICE}), NOW + DAY)

    assert prices.check(listing("0", suspensions=(answered,)), DEFAULT, remembered("129"), at=NOW).findings


@pytest.mark.parametrize(
    ("lowest", "limit", "needed"),
    [("100", "290", False), ("100", "289.99", True), (None, "1000", True), ("100", None, False), ("200", "1", False)],
)
def test_a_second_person_is_needed_above_an_amount(lowest: str | None, limit: str | None, needed: bool) -> None:
    window = _window(lowest_price=Decimal(lowest) if lowest else None)

    asked = facts.second_person_needed(window, worth=[(Decimal(129), 10)], limit=Decimal(limit) if limit else None)

    assert asked == needed


def _window(**change: object) -> Window:
    values = {"reason": Meaning.CLEARANCE, "starts_at": NOW - DAY, "ends_at": NOW + DAY, "skus": frozenset({"A1"})}
    return Window(**(values | change))  # type: ignore[arg-type]
