"""Limits tried on the real orders of a real shop, exact to the line against counts made by SQL and by pandas."""

import csv
import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import pytest

from scalper_policies.rules import backtest, checks, windows
from scalper_policies.rules.orders import OrderFacts, OrderLine
from scalper_policies.rules.policy import Dimension, Limit, Policy, Scope
from scalper_policies.rules.windows import Reading, Row

NEEDS_FILE = (
    Path(__file__).resolve().parents[3] / "shared/data/online-retail/orders-2010-12-to-2011-05.csv.gz"
)  # fmt: skip
LIMITS = (2, 5, 12, 50, 100, 500)
WINDOWS = {"1 hour": timedelta(hours=1), "24 hours": timedelta(hours=24), "30 days": timedelta(days=30)}
PRODUCT = re.compile(r"[0-9]{5}[A-Za-z]{0,2}")


class Line(NamedTuple):
    invoice: str
    ordinal: int
    customer: str
    code: str
    units: int
    at: datetime


def lines() -> Iterator[Line]:
    """Lines of products that a known customer bought: identified by invoice and place within it."""
    ordinals: dict[str, int] = {}
    with gzip.open(NEEDS_FILE, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            invoice = row["InvoiceNo"]
            ordinals[invoice] = ordinals.get(invoice, 0) + 1
            is_sale = int(row["Quantity"]) > 0 and float(row["UnitPrice"]) > 0
            if is_sale and row["CustomerID"] and PRODUCT.fullmatch(row["StockCode"]):
                at = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC)
                customer, code = row["CustomerID"], row["StockCode"]
                yield Line(invoice, ordinals[invoice], customer, code, int(row["Quantity"]), at)


@pytest.fixture(scope="module")
def sold() -> list[Line]:
    return list(lines())


@pytest.fixture(scope="module")
def rows(sold: list[Line]) -> list[Row]:
    return windows.in_order(Row(line.at, (line.customer, line.code), line.units, line) for line in sold)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """The same lines, read and filtered by pandas alone."""
    read = pd.read_csv(NEEDS_FILE, dtype={"InvoiceNo": str, "StockCode": str, "CustomerID": str}, keep_default_na=False)
    read["ordinal"] = read.groupby("InvoiceNo").cumcount() + 1
    read["place"] = range(len(read))
    kept = read[
        (read["CustomerID"] != "")
        & (read["Quantity"] > 0)
        & (read["UnitPrice"] > 0)
        & read["StockCode"].str.fullmatch(r"[0-9]{5}[A-Za-z]{0,2}")
    ].copy()
    kept["at"] = pd.to_datetime(kept["InvoiceDate"])
    return kept


def found_by_us(rows: list[Row], *, most: int, window: timedelta, reading: Reading) -> set[tuple[str, int, int]]:
    hits = windows.limit_hits(rows, most=most, window=window, reading=reading)
    return {(hit.row.source.invoice, hit.row.source.ordinal, hit.observed) for hit in hits}  # type: ignore[attr-defined]


def observed_by_sql(frame: pd.DataFrame, window: timedelta) -> list[tuple[str, int, int]]:
    """The count of every line by a join of the lines with themselves."""
    with duckdb.connect() as database:
        database.register("sold", frame)
        return database.execute(
            """
            SELECT mine.InvoiceNo, mine.ordinal, CAST(sum(earlier.Quantity) AS BIGINT)
            FROM sold AS mine
            JOIN sold AS earlier ON earlier.CustomerID = mine.CustomerID AND earlier.StockCode = mine.StockCode
            WHERE earlier.at > mine.at - to_seconds(?)
              AND (earlier.at < mine.at OR (earlier.at = mine.at AND earlier.place <= mine.place))
            GROUP BY mine.InvoiceNo, mine.ordinal
            """,
            [int(window.total_seconds())],
        ).fetchall()


@pytest.fixture(scope="module")
def by_buyer(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The lines that pandas read, one customer and product after the other, moments as nanoseconds."""
    ordered = frame.assign(at=frame["at"].astype("datetime64[ns]").astype("int64"))
    ordered = ordered.sort_values(["CustomerID", "StockCode", "at", "place"])
    columns = ["CustomerID", "StockCode", "at", "Quantity", "InvoiceNo", "ordinal"]
    return list(ordered[columns].itertuples(index=False, name=None))


def enforced_by_pandas(by_buyer: list[tuple[Any, ...]], window: timedelta, most: int) -> set[tuple[str, int, int]]:
    """What a shop that turned lines away would have turned away, one customer and product after the other."""
    hits = set()
    group: tuple[str, str] | None = None
    admitted: list[tuple[int, int]] = []
    length = pd.Timedelta(window).value
    for customer, code, at, units, invoice, ordinal in by_buyer:
        if group != (customer, code):
            group, admitted = (customer, code), []
        count = units + sum(number for earlier, number in admitted if earlier > at - length)
        if count > most:
            hits.add((invoice, ordinal, count))
        else:
            admitted.append((at, units))
    return hits


def test_the_file_has_the_lines_the_limits_are_about(rows: list[Row], frame: pd.DataFrame) -> None:
    assert len(rows) == len(frame)
    assert sum(row.units for row in rows) == frame["Quantity"].sum()


@pytest.mark.parametrize("name", WINDOWS)
def test_observed_counts_are_those_of_sql_to_the_line(rows: list[Row], frame: pd.DataFrame, name: str) -> None:
    window = WINDOWS[name]
    counted = observed_by_sql(frame, window)

    for most in LIMITS:
        found = found_by_us(rows, most=most, window=window, reading=Reading.OBSERVED)

        assert found == {line for line in counted if line[2] > most}, f"limit {most} in {name}"
        assert found


@pytest.mark.parametrize("name", WINDOWS)
def test_enforced_counts_are_those_of_pandas_to_the_line(
    rows: list[Row], by_buyer: list[tuple[Any, ...]], name: str
) -> None:
    window = WINDOWS[name]
    for most in LIMITS:
        found = found_by_us(rows, most=most, window=window, reading=Reading.ENFORCED)

        assert found == enforced_by_pandas(by_buyer, window, most), f"limit {most} in {name}"


@pytest.fixture(scope="module")
def orders(sold: list[Line]) -> list[OrderFacts]:
    """The lines as orders of their own, so that a whole policy can be tried on them."""
    found = [
        OrderFacts(
            number=f"{line.invoice}/{line.ordinal}",
            placed_at=line.at,
            lines=(OrderLine(line.code, line.units),),
            keys={Dimension.ACCOUNT: line.customer},
        )
        for line in sold
    ]
    return sorted(found, key=lambda order: order.placed_at)


@pytest.mark.parametrize("reading", Reading)
def test_a_whole_policy_finds_the_same_lines_as_a_bare_limit(
    rows: list[Row], orders: list[OrderFacts], reading: Reading
) -> None:
    day = timedelta(hours=24)
    policy = Policy(
        scope=Scope(all_listings=True), limits=(Limit("twelve", Dimension.ACCOUNT, 12, day, per_listing=True),)
    )
    hits: list[tuple[str, int]] = []

    backtest.backtest(
        policy,
        orders,
        reading,
        on_hit=lambda judged: hits.append((judged.order.number, int(judged.decision.reasons[0].observed or 0))),
    )

    bare = windows.limit_hits(rows, most=12, window=day, reading=reading)
    assert hits == [(f"{hit.row.source.invoice}/{hit.row.source.ordinal}", hit.observed) for hit in bare]  # type: ignore[attr-defined]


def test_a_limit_of_5_on_this_wholesale_shop_warns_that_it_hits_nearly_every_buyer(
    orders: list[OrderFacts],
) -> None:
    limit = Limit("five", Dimension.ACCOUNT, 5, timedelta(days=30), per_listing=True)

    report = backtest.backtest(Policy(scope=Scope(all_listings=True), limits=(limit,)), orders)
    (warning,) = checks.impact(report)

    assert warning.code == "HITS_MANY_BUYERS"
    assert dict(warning.params)["percent"] == 98
