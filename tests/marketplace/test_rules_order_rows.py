"""One row of an order file: taken as it stands, or refused with the field and the reason."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from merchant_protection.marketplace.rules import order_rows
from merchant_protection.marketplace.rules.order_rows import Fault, Line

HEADER = ["number", "sku", "title", "quantity", "at", "unit_price", "buyer", "country"]
ROW = ["536365", "85123A", "WHITE HANGING HEART", "6", "2010-12-01 08:26:00", "2.55", "17850", "United Kingdom"]
MEGABYTE = "x" * 1_000_000


def reader(**more):
    positions = {name: at for at, name in enumerate(HEADER)}
    return order_rows.RowReader(**{"positions": positions, "time_zone": "Europe/London"} | more)


def row(**changes):
    return [changes.get(name, cell) for name, cell in zip(HEADER, ROW, strict=True)]


def codes(cells):
    return [(fault.field, fault.code) for fault in reader().read(2, cells)]


def test_a_good_row_becomes_a_line_with_its_place_in_the_order():
    line = reader().read(2, ROW)

    assert line == Line(
        row=2,
        number="536365",
        ordinal=1,
        sku="85123A",
        title="WHITE HANGING HEART",
        quantity=6,
        unit_price=Decimal("2.55"),
        at=datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        buyer="17850",
        country="United Kingdom",
        flags=(),
    )


def test_exact_repetitions_are_lines_of_their_own():
    rows = reader()

    assert [rows.read(at, ROW).ordinal for at in (2, 3, 4)] == [1, 2, 3]


def test_a_row_with_faults_keeps_its_place_so_that_a_mended_file_ends_equal():
    rows = reader()

    rows.read(2, row(quantity="0"))

    assert rows.read(3, ROW).ordinal == 2


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"quantity": "0"}, ("quantity", "zero")),
        ({"quantity": ""}, ("quantity", "missing")),
        ({"quantity": "1.5"}, ("quantity", "not_a_whole_number")),
        ({"quantity": "１２"}, ("quantity", "not_a_whole_number")),
        ({"quantity": "10000001"}, ("quantity", "too_large")),
        ({"quantity": "9" * 400}, ("quantity", "not_a_whole_number")),
        ({"unit_price": "-0.01"}, ("unit_price", "negative")),
        ({"unit_price": ""}, ("unit_price", "missing")),
        ({"unit_price": "NaN"}, ("unit_price", "not_an_amount")),
        ({"unit_price": "1e999"}, ("unit_price", "not_an_amount")),
        ({"unit_price": "0.00001"}, ("unit_price", "not_an_amount")),
        ({"unit_price": "9999999999", "quantity": "2"}, ("unit_price", "too_large")),
        ({"at": ""}, ("at", "missing")),
        ({"at": "yesterday"}, ("at", "not_a_time")),
        ({"at": "0001-01-01 00:00"}, None),
        ({"at": "2010-13-01"}, ("at", "not_a_time")),
        ({"number": ""}, ("number", "missing")),
        ({"number": "9" * 81}, ("number", "too_long")),
        ({"sku": "  "}, ("sku", "missing")),
        ({"title": MEGABYTE}, ("title", "too_long")),
        ({"title": "cup\x00"}, ("title", "not_readable")),
        ({"title": "cup\udcd6"}, ("title", "not_readable")),
        ({"buyer": "b" * 81}, ("buyer", "too_long")),
    ],
)  # fmt: skip
def test_each_fault_names_its_field_and_reason(changes, fault):
    taken = reader().read(2, row(**changes))

    if fault is None:
        assert isinstance(taken, Line)
    else:
        assert [(each.field, each.code) for each in taken] == [fault]


def test_everything_wrong_with_a_row_is_told_at_once():
    assert codes(row(quantity="0", unit_price="-1", at="")) == [
        ("quantity", "zero"),
        ("unit_price", "negative"),
        ("at", "missing"),
    ]


def test_a_row_that_ends_early_lacks_what_is_cut_off():
    assert reader().read(7, ROW[:3]) == [
        Fault(7, "quantity", "missing"),
        Fault(7, "unit_price", "missing"),
        Fault(7, "at", "missing"),
    ]


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"unit_price": "0"}, ("ZERO_PRICE",)),
        ({"unit_price": "-0"}, ("ZERO_PRICE",)),
        ({"quantity": "-3"}, ("RETURN",)),
        ({"sku": "POST"}, ("NOT_A_PRODUCT",)),
        ({"sku": "85123ABC"}, ("NOT_A_PRODUCT",)),
        ({"buyer": ""}, ("NO_BUYER",)),
        ({"unit_price": "0", "quantity": "-3", "buyer": ""}, ("ZERO_PRICE", "RETURN", "NO_BUYER")),
    ],
)
def test_what_is_odd_but_true_is_kept_and_flagged(changes, flags):
    line = reader(product_code=order_rows.PRODUCT_CODE).read(2, row(**changes))

    assert line.flags == flags


def test_times_without_an_offset_are_those_of_the_shop_through_summer_time():
    times = [reader().read(2, row(at=text)).at for text in ("2011-03-27 00:59", "2011-03-27 02:00", "2011/05/01")]

    assert [at.hour for at in times] == [0, 1, 23]


def test_codes_are_told_apart_by_capital_letters():
    assert reader().read(2, row(sku="85123a")).sku == "85123a"


def test_only_the_known_prefix_means_cancellation():
    with_prefix = reader(cancellation_prefix="C")

    assert with_prefix.is_cancellation("C536379")
    assert not with_prefix.is_cancellation("536379")
    assert not reader().is_cancellation("C536379")


def test_columns_are_recognised_in_chinese_and_english():
    assert order_rows.guess_mapping([" 订单号", "货号", "数量", "下单时间", "单价", "备注"]) == {
        "number": " 订单号",
        "sku": "货号",
        "quantity": "数量",
        "at": "下单时间",
        "unit_price": "单价",
    }
    assert order_rows.guess_mapping(["Qty", "SKU"]) == {"quantity": "Qty", "sku": "SKU"}


def test_the_known_kind_of_file_is_recognised_by_exactly_its_columns():
    header = list(order_rows.PRESETS["online-retail"].columns.values())

    assert order_rows.preset_for(header) == "online-retail"
    assert order_rows.preset_for(header[:-1]) == ""


def test_missing_and_wrong_columns_are_named_one_by_one():
    faults = order_rows.missing_columns({"number": "No", "sku": "Gone", "colour": "No"}, ["No"])

    assert faults == {
        "quantity": "not_mapped",
        "at": "not_mapped",
        "unit_price": "not_mapped",
        "colour": "unknown_field",
        "sku": "no_such_column",
    }
