"""`manage.py backtest_limits FILE`: which lines of a file of orders a limit would have met."""

import re
from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from merchant_protection.marketplace.management import tables
from merchant_protection.marketplace.outside.order_files import OrderFile
from merchant_protection.marketplace.rules import order_rows
from scalper_policies.rules import windows

UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
COLUMNS = ("invoice", "line", "customer", "code", "count", "limit")


class Command(BaseCommand):
    """Write the lines over a limit of units per customer and product."""

    help = (
        "Try a limit on past orders. Example: manage.py backtest_limits orders.csv.gz --limit 12 --window 24h "
        "--reading enforced --out hits.csv"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="order lines: CSV, CSV.GZ or XLSX")
        parser.add_argument("--limit", type=int, required=True, help="most units of one product")
        parser.add_argument("--window", required=True, help="1h, 24h, 30d")
        parser.add_argument("--dimension", choices=("customer",), default="customer", help="who is counted")
        parser.add_argument("--reading", choices=[str(one) for one in windows.Reading], default="observed")
        parser.add_argument("--map", default="", help="field=Column,…; recognised from the header when left out")
        parser.add_argument("--time-zone", default="UTC", help="of times without one (default: as written)")
        parser.add_argument(
            "--products-only", action=BooleanOptionalAction, help="only priced lines with a code like 85123A"
        )
        parser.add_argument("--out", type=Path, required=True, help="CSV to write: " + ", ".join(COLUMNS))

    def handle(self, *args: Any, **options: Any) -> None:
        limit, window = options["limit"], _window(options["window"])
        if limit < 0:
            raise CommandError("--limit is a number of units, 0 or more.")
        rows = windows.in_order(_rows(OrderFile(options["file"]), options))
        hits = windows.limit_hits(rows, most=limit, window=window, reading=windows.Reading(options["reading"]))
        count = tables.write(options["out"], COLUMNS, (_told(hit, limit) for hit in hits))
        self.stdout.write(f"{len(rows):,} lines counted, {count:,} over the limit; written to {options['out']}.")


def _rows(file: OrderFile, options: dict[str, Any]) -> Iterator[windows.Row]:
    header = tables.header(file)
    preset = order_rows.preset_for(header)
    mapping = order_rows.guess_mapping(header) | _mapping(options["map"])
    if faults := order_rows.missing_columns(mapping, header) | (
        {} if mapping.get("buyer") else {"buyer": "not_mapped"}
    ):
        raise CommandError("Columns: " + ", ".join(f"{name} {code.replace('_', ' ')}" for name, code in faults.items()))
    products_only = bool(preset) if options["products_only"] is None else options["products_only"]
    try:
        ZoneInfo(options["time_zone"])
    except (KeyError, ValueError, OSError) as error:
        raise CommandError(f"--time-zone: there is no zone {options['time_zone']}.") from error
    positions = {name: header.index(column) for name, column in mapping.items()}
    reader = order_rows.RowReader(positions, options["time_zone"], product_code=order_rows.PRODUCT_CODE)
    for number, cells in tables.rows(file):
        line = reader.read(number, cells)
        if isinstance(line, list):
            # Rows the filter leaves out may hold what no sale has, such as the negative amount of a written-off debt.
            code = cells[positions["sku"]].strip() if positions["sku"] < len(cells) else ""
            if products_only and code and not order_rows.PRODUCT_CODE.match(code):
                continue
            raise CommandError("\n".join(f"Row {f.row}, {f.field}: {f.code.replace('_', ' ')}." for f in line))
        if not {"RETURN", "NO_BUYER"} & set(line.flags) and not (
            products_only and {"ZERO_PRICE", "NOT_A_PRODUCT"} & set(line.flags)
        ):
            yield windows.Row(line.at, (line.buyer, line.sku), line.quantity, line)


def _told(hit: windows.Hit, limit: int) -> tuple[object, ...]:
    line = cast("order_rows.Line", hit.row.source)
    return line.number, line.ordinal, line.buyer, line.sku, hit.observed, limit


def _mapping(text: str) -> dict[str, str]:
    pairs = [pair.split("=", 1) for pair in text.split(",") if pair]
    if any(len(pair) != 2 for pair in pairs):
        raise CommandError("--map is field=Column,… with the fields " + ", ".join(order_rows.FIELDS) + ".")
    return {name.strip(): column.strip() for name, column in pairs}


def _window(text: str) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,3})([hd])", text)
    if found is None:
        raise CommandError("--window is a number of hours or days, such as 1h, 24h or 30d.")
    return int(found[1]) * UNITS[found[2]]
