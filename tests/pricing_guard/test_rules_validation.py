from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules import thresholds, validation
from pricing_guard.rules.thresholds import DEFAULT, Thresholds
from tests.pricing_guard.listings import money


def test_blank_stays_blank() -> None:
    read = validation.read({"floor_price": "", "cost": "  ", "ceiling_price": None}, currency="CNY")

    assert read == validation.Read(Thresholds())


def test_what_is_typed_is_read() -> None:
    typed = {
        "floor_price": " 99.90 ",
        "max_drop_last": "30",
        "units_per_order": "6",
        "decimal_shift": "true",
        "coupon_sense": False,
        "currency": "cny",
        "far_from_usual": 5,
    }

    read = validation.read(typed, currency="CNY")

    assert read.thresholds == Thresholds(
        currency="CNY",
        floor_price=Decimal("99.90"),
        max_drop_last=Decimal(30),
        units_per_order=6,
        decimal_shift=True,
        coupon_sense=False,
        far_from_usual=Decimal(5),
    )


def test_amounts_without_a_currency_are_in_that_of_the_shop() -> None:
    read = validation.read({"floor_price": "9"}, currency="GBP")

    assert read.thresholds is not None
    assert read.thresholds.currency == "GBP"


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("floor_price", "0", "MUST_BE_ABOVE_ZERO"),
        ("floor_price", "-1", "NEGATIVE"),
        ("floor_price", "abc", "NOT_A_NUMBER"),
        ("floor_price", "NaN", "NOT_A_NUMBER"),
        ("floor_price", "Infinity", "NOT_A_NUMBER"),
        ("floor_price", 1e99, "TOO_LARGE"),
        ("floor_price", "9.999", "TOO_MANY_DECIMALS"),
        ("ceiling_price", "999999999.999", "TOO_LARGE"),
        ("minimum_margin", "100", "TOO_LARGE"),
        ("max_drop_last", "101", "TOO_LARGE"),
        ("max_rise_last", "100001", "TOO_LARGE"),
        ("units_per_order", "1.5", "WHOLE_NUMBER"),
        ("units_per_order", "10000001", "TOO_LARGE"),
        ("orders_per_minute", "-2", "NEGATIVE"),
        ("far_from_usual", "1", "MUST_BE_ABOVE_ONE"),
        ("decimal_shift", "perhaps", "NOT_YES_OR_NO"),
        ("flor_price", "1", "UNKNOWN_FIELD"),
        ("currency", "USD", "CURRENCY_DIFFERS"),
    ],
)
def test_a_fault_names_its_field_and_nothing_is_half_taken(field: str, typed: str, code: str) -> None:
    read = validation.read({field: typed, "max_drop_list": "40"}, currency="CNY")

    assert read.thresholds is None
    assert [(one.field, one.reason.code) for one in read.errors] == [(field, code)]
    assert read.errors[0].told()


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"floor_price": "100", "ceiling_price": "99"}, "floor_price", "FLOOR_ABOVE_CEILING"),
        ({"cost": "100", "ceiling_price": "99"}, "cost", "COST_ABOVE_CEILING"),
        ({"cost": "80", "minimum_margin": "20", "ceiling_price": "99"}, "minimum_margin", "MARGIN_ABOVE_CEILING"),
    ],
)
def test_what_contradicts_itself_is_refused(typed: dict[str, str], field: str, code: str) -> None:
    read = validation.read(typed, currency="CNY")

    assert [(one.field, one.reason.code) for one in read.errors] == [(field, code)]
    assert "¥" in read.errors[0].told()


def test_zero_is_a_margin_and_equal_limits_are_no_contradiction() -> None:
    typed = {"floor_price": "99", "ceiling_price": "99", "cost": "99", "minimum_margin": "0", "below_reference": "0"}

    assert validation.read(typed, currency="CNY").thresholds is not None


def test_every_fault_is_told_at_once() -> None:
    read = validation.read({"floor_price": "x", "cost": "y", "orders_per_minute": "z"}, currency="CNY")

    assert [one.field for one in read.errors] == ["floor_price", "cost", "orders_per_minute"]


def test_amounts_need_a_currency() -> None:
    faults = list(validation.faults(Thresholds(floor_price=Decimal(5)), currency="CNY"))

    assert [one.reason.code for one in faults] == ["CURRENCY_NEEDED"]


def test_the_default_policy_is_valid_and_every_field_has_its_kind() -> None:
    kinds = (thresholds.MONEY, thresholds.PERCENT, thresholds.COUNT, thresholds.SWITCH, thresholds.RATIO)
    named = [name for kind in kinds for name in kind]

    assert not list(validation.faults(DEFAULT, currency="CNY"))
    assert sorted([*named, "currency"]) == sorted(Thresholds.__dataclass_fields__)


@given(floor=st.none() | money(), ceiling=st.none() | money(), drop=st.none() | st.integers(1, 100).map(Decimal))
def test_what_was_read_reads_again_as_the_same(
    floor: Decimal | None, ceiling: Decimal | None, drop: Decimal | None
) -> None:
    read = validation.read({"floor_price": floor, "ceiling_price": ceiling, "max_drop_last": drop}, currency="CNY")

    contradictory = floor is not None and ceiling is not None and floor > ceiling
    assert (read.thresholds is None) == contradictory
    if read.thresholds:
        typed = {name: getattr(read.thresholds, name) for name in thresholds.set_fields(read.thresholds)}
        assert validation.read(typed, currency="CNY") == read
