import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from pricing_guard.rules import evaluate

PRICES = ["129", "129", "12.90", "129", "0", "1290"]


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "prices.csv"
    path.write_text("\n".join(["series,date,price", *lines]) + "\n", encoding="utf-8")
    return path


def test_the_file_says_what_the_guard_says(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [evaluate.Row("a", start + timedelta(days=day), Decimal(price)) for day, price in enumerate(PRICES)]
    path = _file(tmp_path, *(f"{row.series},{row.date.date()},{row.price}" for row in rows))

    call_command("evaluate_guard", path, out=tmp_path / "out.csv")

    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    expected = list(evaluate.evaluate(rows))
    assert [(one["flag"], one["check"], one["words"]) for one in told] == [
        (str(int(one.flag)), one.check or "", one.words) for one in expected
    ]
    assert [one["flag"] for one in told] == ["0", "0", "1", "0", "1", "1"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a,2026-01-01,cheap", "Row 2, price"),
        ("a,2026-01-01,", "Row 2, price: missing"),
        ("a,2026-01-01", "Row 2, price: missing"),
        ("a,2026-01-01,12345678901", "Row 2, price"),
        ("a,soon,1", "Row 2, date"),
        (",2026-01-01,1", "Row 2, series: missing"),
        ("x" * 5000 + ",2026-01-01,1", "Row 2, series: longer"),
    ],
    ids=["text", "blank", "cut short", "too much", "date", "series", "huge"],
)
def test_bad_rows_are_named_and_an_older_result_stands(tmp_path: Path, line: str, told: str) -> None:
    out = tmp_path / "out.csv"
    out.write_text("older")

    with pytest.raises(CommandError, match=told):
        call_command("evaluate_guard", _file(tmp_path, line), out=out)

    assert out.read_text() == "older"


def test_every_faulty_row_is_named_up_to_ten(tmp_path: Path) -> None:
    lines = [f"a,2026-01-{day:02},{'x' if day % 2 else '9.90'}" for day in range(1, 27)]

    with pytest.raises(CommandError) as refused:
        call_command("evaluate_guard", _file(tmp_path, *lines), out=tmp_path / "o")

    told = str(refused.value).splitlines()
    assert [line.split(",")[0] for line in told[:10]] == [f"Row {row}" for row in range(2, 22, 2)]
    assert told[10:] == ["… and 3 more rows."]


def test_a_missing_column_and_no_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("series,when,price\n")
    with pytest.raises(CommandError, match="no column date"):
        call_command("evaluate_guard", path, out=tmp_path / "o")
    with pytest.raises(CommandError, match="There is no file"):
        call_command("evaluate_guard", tmp_path / "none.csv", out=tmp_path / "o")


def test_rows_out_of_order_are_judged_by_their_dates_and_answered_as_they_stand(tmp_path: Path) -> None:
    lines = ["b,2026/1/2 9:30,12.90", "a,2026-01-03,129", "a,2026-01-02T08:00:00+08:00,12.9", "b,2026/1/1,129"]
    lines += ["a,2026-01-01,129", "a,2026-01-03,129", "a,2026-01-04,-5"]

    told = _judged(_file(tmp_path, *lines), tmp_path)

    assert [",".join((one["series"], one["date"], one["price"])) for one in told] == lines
    assert [one["flag"] for one in told] == ["1", "0", "1", "0", "0", "0", "1"]
    assert told[-1]["check"] == "ZERO_PRICE"


def test_names_in_capitals_other_columns_a_mark_at_the_start_and_windows_lines_are_read(tmp_path: Path) -> None:
    rows = [f"{day},{price},x,洗衣机,2026-01-{day:02}" for day, price in enumerate(PRICES, start=1)]
    path = tmp_path / "prices.csv"
    path.write_text("\r\n".join(["Id,PRICE,note,Series,Date", *rows]) + "\r\n", encoding="utf-8-sig")

    assert [one["flag"] for one in _judged(path, tmp_path)] == ["0", "0", "1", "0", "1", "1"]


def test_what_arithmetic_in_binary_left_of_a_price_is_the_price(tmp_path: Path) -> None:
    prices = ["12.95", "12.95", "1.2950000000000002", "12.950000000000001", "1294.9999999999998"]
    path = _file(tmp_path, *(f"a,2026-01-{day:02},{price}" for day, price in enumerate(prices, start=1)))

    told = _judged(path, tmp_path)

    assert [(one["flag"], one["check"]) for one in told] == [
        ("0", ""),
        ("0", ""),
        ("1", "DECIMAL_SHIFT"),
        ("0", ""),
        ("1", "CENTS_AS_YUAN"),
    ]


def _judged(path: Path, folder: Path) -> list[dict[str, str]]:
    call_command("evaluate_guard", path, out=folder / "out.csv")
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
