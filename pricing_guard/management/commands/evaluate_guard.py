"""`manage.py evaluate_guard FILE --out OUT`: let the guard judge any price series."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from merchant_protection.marketplace.management import tables
from merchant_protection.marketplace.outside.order_files import OrderFile
from pricing_guard.rules import evaluate, recommend
from pricing_guard.rules.thresholds import DEFAULT, Thresholds

COLUMNS = ("series", "date", "price")
MOST = Decimal("9999999999.9999")
FINEST = Decimal("0.000001")  # what is finer comes of arithmetic in binary, and is no price
MOST_FAULTS = 10
DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2})(:.+))?")
KEPT_APART = 65_536


class Command(BaseCommand):
    """Write what the guard thinks of each price of a file, in the order of the file."""

    help = "Judge price series. Example: manage.py evaluate_guard prices.csv --out judged.csv --language zh-hans"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, CSV.GZ or XLSX with the columns series, date, price")
        parser.add_argument("--out", type=Path, required=True, help="CSV to write: flag, check, reference, words added")
        parser.add_argument("--currency", default="CNY", help="ISO 4217 code of the prices (default CNY)")
        parser.add_argument("--language", choices=("zh-hans", "en"), default="en", help="language of the words")

    def handle(self, *args: Any, **options: Any) -> None:
        currency = options["currency"]
        if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
            raise CommandError("--currency is three capital letters, such as CNY.")
        file = OrderFile(options["file"])
        rows = _read(file)
        with translation.override(options["language"]):
            doubts = _doubts(rows, currency)
        count = tables.write(options["out"], (*COLUMNS, "flag", "check", "reference", "words"), _answers(file, doubts))
        self.stdout.write(f"{count:,} prices judged, {len(doubts):,} flagged; written to {options['out']}.")


def _doubts(rows: list[evaluate.Row], currency: str) -> dict[int, evaluate.Judged]:
    """Return what is flagged, by its place in the file; the guard sees prices in the order of their dates."""
    places = sorted(range(len(rows)), key=lambda place: rows[place].date)
    judged = evaluate.evaluate(
        (rows[place] for place in places),
        thresholds=_usual(rows),
        currency=currency,
        translate=translation.gettext,
    )
    return {place: one for place, one in zip(places, judged, strict=True) if one.flag}


def _usual(rows: list[evaluate.Row]) -> Thresholds:
    """Return the default policy with what a recommendation says of a shop with so many listings."""
    listings = len({row.series for row in rows})
    return replace(DEFAULT, usual_listings=recommend.common_in(listings))


def _answers(file: OrderFile, doubts: dict[int, evaluate.Judged]) -> Iterator[tuple[object, ...]]:
    """Yield every row as it was given, with its answer."""
    for place, (_row, values) in enumerate(tables.columns(file, COLUMNS)):
        one = doubts.get(place)
        if one is None:
            yield *values, 0, "", "", ""
        else:
            yield *values, 1, one.check, "" if one.reference is None else one.reference, one.words


def _read(file: OrderFile) -> list[evaluate.Row]:
    """Return every row; a file with faults is refused with the first of them, as its answers would mislead."""
    rows: list[evaluate.Row] = []
    faults: list[str] = []
    for row, (series, date, price) in tables.columns(file, COLUMNS):
        try:
            rows.append(evaluate.Row(_series(series), _moment(date), _price(price)))
        except ValueError as error:
            faults.append(f"Row {row}, {error}") if len(faults) < MOST_FAULTS else faults.append("")
    if faults:
        more = len(faults) - MOST_FAULTS
        told = faults[:MOST_FAULTS] + ([f"… and {more:,} more rows."] if more > 0 else [])
        raise CommandError("\n".join(told))
    return rows


def _series(text: str) -> str:
    if not text:
        raise ValueError("series: missing.")
    return intern(text)


@lru_cache(maxsize=KEPT_APART)
def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(DATE.sub(_written_out, text))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"date: “{text[:40]}” is no date such as 2026-11-24 or 2026-11-24 08:30.") from error


def _written_out(found: re.Match[str]) -> str:
    """Write 2026/1/5 8:30 as 2026-01-05 08:30."""
    year, month, day, hour, rest = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}" + (f" {hour:0>2}{rest}" if hour else "")


@lru_cache(maxsize=KEPT_APART)
def _price(text: str) -> Decimal:
    """Read a price; one below zero is no fault of the file but an error to find."""
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not text:
        raise ValueError("price: missing.")
    if len(text) > 24 or not price.is_finite() or abs(price) > MOST:
        raise ValueError(f"price: “{text[:40]}” is no price such as 129.00, up to {MOST}.")
    return round(price, 6) if price % FINEST else price
