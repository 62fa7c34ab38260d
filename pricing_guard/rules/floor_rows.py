"""One row of a file or table of floor prices: which listing, which floor; blank takes the floor away."""

import re
from dataclasses import dataclass
from decimal import Decimal

from pricing_guard.rules import amounts, money
from pricing_guard.rules.findings import Reason
from pricing_guard.rules.validation import LARGEST

SKU_NAMES = frozenset({"sku", "sku_id", "stockcode", "code", "商品编码", "商品编号", "货号", "规格编码"})
FLOOR_NAMES = frozenset(
    {
        *("floor", "floor_price", "floor price", "own floor price", "minimum", "min_price"),
        *("保护价", "商品保护价", "底价", "最低价"),
    }
)
CURRENCY_NAMES = frozenset({"currency", "币种"})
LONGEST_SKU = 80
UNREADABLE = re.compile("[\x00\ud800-\udfff]")  # bytes of another encoding, which no database keeps
QUOTED = re.compile(r"'(?=[=+\-@\t\r])")  # our own files quote what a spreadsheet would take for a formula


@dataclass(frozen=True)
class Columns:
    """In which columns a file says what."""

    sku: int
    floor: int
    currency: int | None = None


@dataclass(frozen=True)
class FloorRow:
    """One row that was understood."""

    row: int
    sku: str
    floor: Decimal | None


@dataclass(frozen=True)
class RowFault:
    """What is wrong with one row."""

    row: int
    field: str
    reason: Reason
    value: str = ""


def columns_of(header: list[str]) -> Columns | None:
    """Find the columns by their names; None when SKU or floor is missing."""
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        plain = name.strip().casefold()
        for field, names in (("sku", SKU_NAMES), ("floor", FLOOR_NAMES), ("currency", CURRENCY_NAMES)):
            if plain in names:
                found.setdefault(field, place)
    if "sku" not in found or "floor" not in found:
        return None
    return Columns(found["sku"], found["floor"], found.get("currency"))


def read(row: int, cells: list[str], columns: Columns, *, currency: str) -> FloorRow | RowFault:
    """Read one row; blank is "no floor", never zero."""
    sku = QUOTED.sub("", _cell(cells, columns.sku), count=1)
    if not sku or len(sku) > LONGEST_SKU:
        return RowFault(row, "sku", Reason("SKU_MISSING"), sku[:80])
    named = _cell(cells, columns.currency)
    if named and named.upper() != currency:
        return RowFault(row, "currency", Reason("CURRENCY_DIFFERS", {"currency": named[:10], "usual": currency}), sku)
    text = _cell(cells, columns.floor)
    if not text:
        return FloorRow(row, sku, None)
    floor = amounts.read(text, currency=currency)
    reason = floor if isinstance(floor, Reason) else _fault(floor, currency)
    if isinstance(floor, Reason) or reason is not None:
        return RowFault(row, "floor", reason or Reason("NOT_A_NUMBER"), text[:80])
    return FloorRow(row, sku, floor)


def _fault(floor: Decimal, currency: str) -> Reason | None:
    if floor < 0:
        return Reason("NEGATIVE")
    if floor == 0:
        return Reason("MUST_BE_ABOVE_ZERO")
    if floor > LARGEST:
        return Reason("TOO_LARGE", {"most": str(LARGEST)})
    if floor != money.rounded(floor, currency):
        return Reason("TOO_MANY_DECIMALS", {"currency": currency, "places": str(money.places(currency))})
    return None


def _cell(cells: list[str], place: int | None) -> str:
    return UNREADABLE.sub("\ufffd", cells[place]).strip() if place is not None and place < len(cells) else ""
