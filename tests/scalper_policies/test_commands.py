import csv
import gzip
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from merchant_protection.marketplace.rules import addresses

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def _line(invoice: str, code: str, units: str, at: str, *, price: str = "1.00", customer: str = "7") -> str:
    return f"{invoice},{code},MUG,{units},{at},{price},{customer},France\n"


ORDERS = HEADER + "".join(
    [
        _line("1", "85123A", "3", "2011-03-27 00:30:00"),
        _line("2", "85123A", "3", "2011-03-27 01:30:00"),
        _line("3", "85123A", "2", "2011-03-28 00:30:00"),
        _line("4", "POST", "90", "2011-03-28 00:40:00"),
        _line("5", "85123A", "90", "2011-03-28 00:50:00", price="0"),
        _line("6", "85123A", "90", "2011-03-28 00:50:00", customer=""),
        _line("C7", "85123A", "-90", "2011-03-28 00:50:00"),
    ]
)


def _hits(path: Path, **options: object) -> list[list[str]]:
    out = path.with_name("hits.csv")
    call_command("backtest_limits", path, out=out, **{"limit": 5, "window": "24h"} | options)
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(ORDERS.encode()))
    return path


def test_observed_counts_every_line_and_the_window_is_open_at_its_start(orders: Path) -> None:
    # Line 1 stands exactly 24 hours before line 3: it has left the window (3 + 2 = 5 breaks nothing).
    assert _hits(orders) == [
        ["invoice", "line", "customer", "code", "count", "limit"],
        ["2", "1", "7", "85123A", "6", "5"],
    ]


def test_enforced_lets_a_rejected_line_reserve_nothing(orders: Path) -> None:
    assert [row[4] for row in _hits(orders, window="2d", reading="observed")[1:]] == ["6", "8"]
    assert [row[4] for row in _hits(orders, window="2d", reading="enforced")[1:]] == ["6"]


def test_elapsed_time_is_counted_when_the_zone_of_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    # In London 01:00 to 02:00 of that night does not exist: 00:30 to 02:00 is half an hour.
    path.write_text(
        HEADER + _line("1", "85123A", "3", "2011-03-27 00:30:00") + _line("2", "85123A", "3", "2011-03-27 02:00:00")
    )

    assert len(_hits(path, window="1h")) == 1
    assert len(_hits(path, window="1h", time_zone="Europe/London")) == 2


def test_without_the_filter_any_sold_line_of_a_customer_counts(orders: Path) -> None:
    assert [row[0] for row in _hits(orders, products_only=False)[1:]] == ["2", "4", "5"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "number not mapped"),
        (HEADER + _line("1", "85123A", "x", "2011-03-27"), "Row 2, quantity: not a whole number"),
        (HEADER + _line("1", "85123A", "1", "soon"), "Row 2, at: not a time"),
        (HEADER + "1\n", "Row 2, sku: missing"),
        (HEADER + _line("1" * 5000, "85123A", "1", "2011-03-27"), "Row 2, number: too long"),
    ],
    ids=["columns", "quantity", "date", "short", "huge"],
)
def test_bad_input_is_named_and_nothing_is_written(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(text)

    with pytest.raises(CommandError, match=told):
        _hits(path)

    assert [one.name for one in tmp_path.iterdir()] == ["orders.csv"]


@pytest.mark.parametrize(
    ("options", "told"),
    [({"window": "1w"}, "--window"), ({"limit": -1}, "--limit"), ({"time_zone": "Mars/X"}, "no zone")],
    ids=["window", "limit", "zone"],
)
def test_bad_options_are_named(orders: Path, options: dict[str, object], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        _hits(orders, **options)


def test_addresses_of_one_place_share_a_cluster_as_the_rule_says(tmp_path: Path) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "out.csv"
    pairs = [
        ("a", "上海市浦东新区张江路88号3栋501室"),
        ("b", "上海浦东新区张江路88号3幢502"),
        ("c", "10 Downing Street London SW1A 2AA"),
    ]
    path.write_text("id,address\n" + "".join(f"{one},{text}\n" for one, text in pairs), encoding="gb18030")

    call_command("cluster_addresses", path, out=out)

    rows = list(csv.reader(out.read_text(encoding="utf-8").splitlines()))
    assert rows == [["id", "cluster"], *map(list, addresses.same_place(pairs))]
    assert rows[1:] == [["a", "a"], ["b", "a"], ["c", "c"]]


def test_a_file_without_addresses_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,street\n1,x\n")

    with pytest.raises(CommandError, match="no column address; the file has id, street"):
        call_command("cluster_addresses", path, out=tmp_path / "out.csv")
