"""`manage.py evaluate_guard FILE --out OUT`: let the guard judge any price series."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from merchant_protection.marketplace.management import tables
from merchant_protection.marketplace.outside.order_files import OrderFile
from pricing_guard.rules import evaluate, recommend
from pricing_guard.rules.thresholds import DEFAULT, Thresholds

COLUMNS = ("series", "date", "price")
MOST = Decimal("9999999999.9999")


class Command(BaseCommand):
    """Write what the guard thinks of each price of a file, in the order of the file."""

    help = "Judge price series. Example: manage.py evaluate_guard prices.csv --out judged.csv --language zh-hans"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or CSV.GZ with the columns series, date, price")
        parser.add_argument("--out", type=Path, required=True, help="CSV to write: flag, check, reference, words added")
        parser.add_argument("--currency", default="CNY", help="ISO 4217 code of the prices (default CNY)")
        parser.add_argument("--language", choices=("zh-hans", "en"), default="en", help="language of the words")

    def handle(self, *args: Any, **options: Any) -> None:
        currency = options["currency"]
        if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
            raise CommandError("--currency is three capital letters, such as CNY.")
        flags = 0

        def lines() -> Iterator[tuple[object, ...]]:
            nonlocal flags
            read = _read(OrderFile(options["file"]))
            usual = _usual(options["file"])
            for one in evaluate.evaluate(read, thresholds=usual, currency=currency, translate=translation.gettext):
                flags += one.flag
                row = one.row
                reference = "" if one.reference is None else one.reference
                yield row.series, row.date.isoformat(), row.price, int(one.flag), one.check or "", reference, one.words

        with translation.override(options["language"]):
            count = tables.write(options["out"], (*COLUMNS, "flag", "check", "reference", "words"), lines())
        self.stdout.write(f"{count:,} prices judged, {flags:,} flagged; written to {options['out']}.")


def _usual(path: Path) -> Thresholds:
    """Return the default policy with what a recommendation says of a shop with so many listings."""
    listings = {series for _row, (series, *_more) in tables.columns(OrderFile(path), COLUMNS)}
    return replace(DEFAULT, usual_listings=recommend.common_in(len(listings)))


def _read(file: OrderFile) -> Iterator[evaluate.Row]:
    last: dict[str, datetime] = {}
    for row, (series, date, price) in tables.columns(file, COLUMNS):
        if not series:
            raise CommandError(f"Row {row}, series: missing.")
        at = _moment(row, date)
        if series in last and at < last[series]:
            raise CommandError(f"Row {row}, date: before the row above it in series {series}; sort the file by date.")
        last[series] = at
        yield evaluate.Row(series, at, _price(row, price))


def _moment(row: int, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.replace("/", "-"))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise CommandError(
            f"Row {row}, date: “{text[:40]}” is no date such as 2026-11-24 or 2026-11-24 08:30."
        ) from error


def _price(row: int, text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if len(text) > 24 or not price.is_finite() or not 0 <= price <= MOST:
        raise CommandError(f"Row {row}, price: “{text[:40]}” is no price from 0 to {MOST}.")
    return price
