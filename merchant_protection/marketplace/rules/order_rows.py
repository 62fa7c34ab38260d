"""One row of an order file: which column means what, and whether the row can be taken.

The facts of the file stay as they are: a price of zero, a return or a code that
is no product is kept and flagged, never mended.
"""

import re
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
    _good_texts: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in LIMITS})

    def read(self, row: int, cells: Sequence[str]) -> Line | list[Fault]:
        """Return the row as a line, or everything that is wrong with it."""
        values = {name: cells[at].strip() if at < len(cells) else "" for name, at in self.positions.items()}
        number = values["number"]
        ordinal = self._ordinals[number] = self._ordinals.get(number, 0) + 1
        faults = [Fault(row, name, code) for name, code in self._texts(values)]
        quantity = self._quantity(values["quantity"])
        if not isinstance(quantity, int):
            faults.append(Fault(row, "quantity", quantity))
        price = self._price(values["unit_price"])
        if price is None:
            faults.append(Fault(row, "unit_price", _price_fault(values["unit_price"])))
        elif isinstance(quantity, int) and price * abs(quantity) > MOST:
            faults.append(Fault(row, "unit_price", "too_large"))
        at = self._time(values["at"])
        if at is None:
            faults.append(Fault(row, "at", "not_a_time" if values["at"] else "missing"))
        if faults or not isinstance(quantity, int) or price is None or at is None:
            return faults
        return Line(
            row=row,
            number=number,
            ordinal=ordinal,
            sku=values["sku"],
            title=values.get("title", ""),
            quantity=quantity,
            unit_price=price,
            at=at,
            buyer=values.get("buyer", ""),
            country=values.get("country", ""),
            flags=self._flags(values, quantity, price),
        )

    def is_cancellation(self, number: str) -> bool:
        """Whether an order number is that of a cancellation."""
        return bool(self.cancellation_prefix) and number.startswith(self.cancellation_prefix)

    def _flags(self, values: Mapping[str, str], quantity: int, price: Decimal) -> tuple[str, ...]:
        flags = []
        if price == 0:
            flags.append("ZERO_PRICE")
        if quantity < 0:
            flags.append("RETURN")
        if self.product_code is not None and not self.product_code.match(values["sku"]):
            flags.append("NOT_A_PRODUCT")
        if not values.get("buyer"):
            flags.append("NO_BUYER")
        return tuple(flags)

    def _texts(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return what is wrong with the texts; one that was found good is not looked at again."""
        faults = [(name, "missing") for name in ("number", "sku") if not values[name]]
        for name, good in self._good_texts.items():
            text = values.get(name, "")
            if text not in good:
                code = _text_fault(text, limit=LIMITS[name])
                if code:
                    faults.append((name, code))
                else:
                    good.add(text)
        return faults

    def _quantity(self, text: str) -> int | str:
        if text not in self._quantities:
            self._quantities[text] = _quantity(text)
        return self._quantities[text]

    def _price(self, text: str) -> Decimal | None:
        if text not in self._prices:
            self._prices[text] = _money(text)
        return self._prices[text]

    def _time(self, text: str) -> datetime | None:
        if text not in self._times:
            self._times[text] = _aware(text, ZoneInfo(self.time_zone))
        return self._times[text]


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
