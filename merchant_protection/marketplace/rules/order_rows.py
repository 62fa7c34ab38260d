"""One row of an order file: which column means what, and whether the row can be taken.

The facts of the file stay as they are: a price of zero, a return or a code that
is no product is kept and flagged, never mended.
"""

import itertools
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from zoneinfo import ZoneInfo

REQUIRED = ("number", "sku", "quantity", "at", "unit_price")
OPTIONAL = ("title", "buyer", "country")
FIELDS = REQUIRED + OPTIONAL
LIMITS = {"number": 80, "sku": 80, "title": 300, "buyer": 80, "country": 60}
PRODUCT_CODE = re.compile(r"[0-9]{5}[A-Za-z]{0,2}\Z")
MOST = Decimal("9999999999.9999")
MOST_UNITS = 10_000_000  # a database's whole number holds the sum of 200 such lines
MOST_OF_ANY = Decimal(999)  # a price up to here times any number of units that is taken is not too large
AT, PRICE = FIELDS.index("at"), FIELDS.index("unit_price")
TEXTS = [(name, FIELDS.index(name)) for name in LIMITS]
NOWHERE = sys.maxsize  # the place of a field without a column: behind the end of every row
MARKS = ("ZERO_PRICE", "RETURN", "NOT_A_PRODUCT", "NO_BUYER")
FLAGS = {
    which: tuple(itertools.compress(MARKS, which)) for which in itertools.product((False, True), repeat=len(MARKS))
}

ALIASES: Mapping[str, tuple[str, ...]] = {
    "number": ("invoiceno", "invoice", "order", "order number", "order_number", "order no", "订单号", "订单编号"),
    "sku": ("stockcode", "sku", "product code", "商品编码", "货号", "sku编码"),
    "title": ("description", "title", "product", "商品名称", "商品标题"),
    "quantity": ("quantity", "qty", "units", "数量", "购买数量"),
    "at": ("invoicedate", "date", "placed_at", "order time", "下单时间", "订单时间"),
    "unit_price": ("unitprice", "price", "unit price", "unit_price", "单价", "成交单价"),
    "buyer": ("customerid", "customer id", "customer", "buyer", "买家", "买家id", "买家账号"),
    "country": ("country", "region", "国家", "地区"),
}


@dataclass(frozen=True)
class Preset:
    """How one known kind of file is read."""

    columns: Mapping[str, str]
    currency: str
    time_zone: str
    cancellation_prefix: str = ""
    product_code: re.Pattern[str] | None = None


PRESETS: Mapping[str, Preset] = {
    "online-retail": Preset(
        columns={
            "number": "InvoiceNo",
            "sku": "StockCode",
            "title": "Description",
            "quantity": "Quantity",
            "at": "InvoiceDate",
            "unit_price": "UnitPrice",
            "buyer": "CustomerID",
            "country": "Country",
        },
        currency="GBP",
        time_zone="Europe/London",
        cancellation_prefix="C",
        product_code=PRODUCT_CODE,
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row could not be taken: its number in the file (the header is row 1), the field, and the reason's code."""

    row: int
    field: str
    code: str


class Line(NamedTuple):
    """A row as it will be stored; `at` is aware, in UTC."""

    row: int
    number: str
    ordinal: int
    sku: str
    title: str
    quantity: int
    unit_price: Decimal
    at: datetime
    buyer: str
    country: str
    flags: tuple[str, ...]


def guess_mapping(header: Sequence[str]) -> dict[str, str]:
    """Return field → column for the columns whose names are known, in Chinese or English."""
    by_name = {name.strip().lower(): name for name in reversed(header)}
    found: dict[str, str] = {}
    for name, aliases in ALIASES.items():
        column = next((by_name[alias] for alias in aliases if alias in by_name), None)
        if column is not None:
            found[name] = column
    return found


def preset_for(header: Sequence[str]) -> str:
    """Return the preset whose columns are exactly those of the file, or nothing."""
    for name, preset in PRESETS.items():
        if set(preset.columns.values()) == {column.strip() for column in header}:
            return name
    return ""


def missing_columns(mapping: Mapping[str, str], header: Sequence[str]) -> dict[str, str]:
    """Return field → reason for each required field without a column, and each mapped column the file lacks."""
    faults = {name: "not_mapped" for name in REQUIRED if not mapping.get(name)}
    faults |= {name: "unknown_field" for name in mapping if name not in FIELDS}
    faults |= {name: "no_such_column" for name, column in mapping.items() if column and column not in header}
    return faults


@dataclass
class RowReader:
    """Turns rows into lines or faults, in the order of the file, counting each order's ordinals as it goes."""

    positions: Mapping[str, int]
    time_zone: str
    cancellation_prefix: str = ""
    product_code: re.Pattern[str] | None = None
    _ordinals: dict[str, int] = field(default_factory=dict)
    _times: dict[str, datetime | None] = field(default_factory=dict)
    _prices: dict[str, Decimal | None] = field(default_factory=dict)
    _quantities: dict[str, int | str] = field(default_factory=dict)
    _products: dict[str, bool] = field(default_factory=dict)
    _good_texts: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in LIMITS})

    def __post_init__(self) -> None:
        self._places = [self.positions.get(name, NOWHERE) for name in FIELDS]

    def read(self, row: int, cells: Sequence[str]) -> Line | list[Fault]:
        """Return the row as a line, or everything that is wrong with it."""
        width = len(cells)
        texts = [cells[place].strip() if place < width else "" for place in self._places]
        number, sku, quantity_text, at_text, price_text, title, buyer, country = texts
        ordinal = self._ordinals[number] = self._ordinals.get(number, 0) + 1
        quantity, price, at = self._quantity(quantity_text), self._price(price_text), self._time(at_text)
        faults = self._faults(row, texts, quantity, price, at)
        if faults or not isinstance(quantity, int) or price is None or at is None:
            return faults
        flags = self._flags(sku, buyer, quantity, price)
        return Line(row, number, ordinal, sku, title, quantity, price, at, buyer, country, flags)

    def is_cancellation(self, number: str) -> bool:
        """Whether an order number is that of a cancellation."""
        return bool(self.cancellation_prefix) and number.startswith(self.cancellation_prefix)

    def _faults(
        self, row: int, texts: list[str], quantity: int | str, price: Decimal | None, at: datetime | None
    ) -> list[Fault]:
        faults = [Fault(row, name, code) for name, code in self._text_faults(texts)]
        if isinstance(quantity, str):
            faults.append(Fault(row, "quantity", quantity))
        if price is None:
            faults.append(Fault(row, "unit_price", _price_fault(texts[PRICE])))
        elif price > MOST_OF_ANY and isinstance(quantity, int) and price * abs(quantity) > MOST:
            faults.append(Fault(row, "unit_price", "too_large"))
        if at is None:
            faults.append(Fault(row, "at", "not_a_time" if texts[AT] else "missing"))
        return faults

    def _flags(self, sku: str, buyer: str, quantity: int, price: Decimal) -> tuple[str, ...]:
        if (is_product := self._products.get(sku)) is None:
            is_product = self._products[sku] = self.product_code is None or bool(self.product_code.match(sku))
        return FLAGS[not price, quantity < 0, not is_product, not buyer]

    def _text_faults(self, texts: list[str]) -> list[tuple[str, str]]:
        """Return what is wrong with the texts; one that was found good is not looked at again."""
        faults = [(name, "missing") for name in ("number", "sku") if not texts[FIELDS.index(name)]]
        for name, place in TEXTS:
            text, good = texts[place], self._good_texts[name]
            if text not in good:
                code = _text_fault(text, limit=LIMITS[name])
                if code:
                    faults.append((name, code))
                else:
                    good.add(text)
        return faults

    def _quantity(self, text: str) -> int | str:
        if (found := self._quantities.get(text)) is None:
            found = self._quantities[text] = _quantity(text)
        return found

    def _price(self, text: str) -> Decimal | None:
        if (found := self._prices.get(text)) is None:
            found = self._prices[text] = _money(text)
        return found

    def _time(self, text: str) -> datetime | None:
        if (found := self._times.get(text)) is None:
            found = self._times[text] = _aware(text, ZoneInfo(self.time_zone))
        return found


def _text_fault(text: str, *, limit: int) -> str:
    if len(text) > limit:
        return "too_long"
    is_readable = text.isprintable() or not any(_is_unreadable(letter) for letter in text)
    return "" if is_readable else "not_readable"


def _is_unreadable(letter: str) -> bool:
    """NUL and other controls cannot be stored; lone surrogates are bytes of another encoding."""
    return (letter < " " and letter not in "\t") or "\ud800" <= letter <= "\udfff"


def _quantity(text: str) -> int | str:
    if not text:
        return "missing"
    if len(text) > 12 or not re.fullmatch(r"[+-]?[0-9]+(\.0+)?", text):
        return "not_a_whole_number"
    quantity = int(text.split(".")[0])
    if quantity == 0:
        return "zero"
    return quantity if abs(quantity) <= MOST_UNITS else "too_large"


def _money(text: str) -> Decimal | None:
    if len(text) > 24:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    exponent = amount.as_tuple().exponent
    fits = amount.is_finite() and isinstance(exponent, int) and exponent >= -4 and 0 <= amount <= MOST
    return abs(amount) if fits else None


def _price_fault(text: str) -> str:
    if not text:
        return "missing"
    return "negative" if re.fullmatch(r"-[0-9.]{1,23}", text) else "not_an_amount"


def _aware(text: str, zone: ZoneInfo) -> datetime | None:
    if len(text) > 40:
        return None
    try:
        at = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None
