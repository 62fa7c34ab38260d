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
        ("a,2026-01-01,-1", "Row 2, price"),
        ("a,soon,1", "Row 2, date"),
        (",2026-01-01,1", "Row 2, series: missing"),
        ("x" * 5000 + ",2026-01-01,1", "Row 2, series: longer"),
    ],
    ids=["text", "negative", "date", "series", "huge"],
)
def test_bad_rows_are_named_and_an_older_result_stands(tmp_path: Path, line: str, told: str) -> None:
    out = tmp_path / "out.csv"
    out.write_text("older")

    with pytest.raises(CommandError, match=told):
        call_command("evaluate_guard", _file(tmp_path, line), out=out)

    assert out.read_text() == "older"


def test_a_series_out_of_order_a_missing_column_and_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Row 3, date: before"):
        call_command("evaluate_guard", _file(tmp_path, "a,2026-01-02,1", "a,2026-01-01,1"), out=tmp_path / "o")
    path = tmp_path / "other.csv"
    path.write_text("series,when,price\n")
    with pytest.raises(CommandError, match="no column date"):
        call_command("evaluate_guard", path, out=tmp_path / "o")
    with pytest.raises(CommandError, match="There is no file"):
        call_command("evaluate_guard", tmp_path / "none.csv", out=tmp_path / "o")
