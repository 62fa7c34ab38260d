"""Complaints in a file: one a row, each read by itself, each fault told with its row and column."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation

MOST_ROWS = 500
COLUMNS = ("order", "kind", "amount", "amount_demanded", "happened_at", "channel", "contacted", "story")
NEEDED = ("order", "kind", "story")
NAMES = {
    "订单号": "order",
    "类型": "kind",
    "涉及金额": "amount",
    "索要金额": "amount_demanded",
    "发生时间": "happened_at",
    "渠道": "channel",
    "是否联系买家": "contacted",
    "事情经过": "story",
}
YES, NO = {"yes", "y", "true", "1", "是"}, {"no", "n", "false", "0", "否", ""}
TIMES = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


class NotATable(ValueError):
    """The file cannot be read as a table at all; the code says why."""


@dataclass
class Row:
    """One row: what could be read of it, and a code for each column that could not."""

    number: int
    values: dict[str, object] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)


def read(body: bytes, *, zone: tzinfo, kinds: Iterable[str], channels: Iterable[str]) -> list[Row]:
    """Read the rows of a CSV in UTF-8 or GB 18030, the head first; empty lines are passed over."""
    lines = list(csv.reader(io.StringIO(_text(body), newline="")))
    if not lines:
        raise NotATable("empty")
    head = [_column(cell) for cell in lines[0]]
    if missing := [name for name in NEEDED if name not in head]:
        raise NotATable(f"no_column:{missing[0]}")
    rows = [(number, cells) for number, cells in enumerate(lines[1:], start=2) if any(cell.strip() for cell in cells)]
    if not rows:
        raise NotATable("empty")
    if len(rows) > MOST_ROWS:
        raise NotATable("too_many")
    known_kinds, known_channels = set(kinds), set(channels)
    return [
        _row(number, dict(zip(head, cells, strict=False)), zone, known_kinds, known_channels) for number, cells in rows
    ]


def _row(number: int, cells: dict[str, str], zone: tzinfo, kinds: set[str], channels: set[str]) -> Row:
    given = {name: cells.get(name, "").strip() for name in COLUMNS}
    row = Row(number, cells=given)
    for name in ("order", "story"):
        row.values[name] = given[name]
    if not given["order"]:
        row.faults["order"] = "order_missing"
    row.values["kind"] = given["kind"].upper()
    if row.values["kind"] not in kinds:
        row.faults["kind"] = "kind_unknown"
    for name in ("amount", "amount_demanded"):
        row.values[name] = _amount(given[name], row, name)
    row.values["happened_at"] = _time(given["happened_at"], row, zone)
    row.values["channel"] = given["channel"].upper()
    if given["channel"] and row.values["channel"] not in channels:
        row.faults["channel"] = "channel_unknown"
    contacted = given["contacted"].casefold()
    row.values["contacted"] = contacted in YES if contacted else None
    if contacted not in YES | NO:
        row.faults["contacted"] = "contacted_unknown"
    return row


def _amount(text: str, row: Row, name: str) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", "").replace("¥", "").replace("，", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value < 10**10 or value != round(value, 2):
        row.faults[name] = "amount_unreadable"
        return None
    return value


def _time(text: str, row: Row, zone: tzinfo) -> datetime | None:
    if not text:
        return None
    try:
        known = datetime.fromisoformat(text)
    except ValueError:
        known = next((parsed for form in TIMES if (parsed := _parsed(text, form))), None)  # type: ignore[assignment]
    if known is None:
        row.faults["happened_at"] = "time_unreadable"
        return None
    return known if known.tzinfo else known.replace(tzinfo=zone)


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007  the zone is the shop's, given by the caller
    except ValueError:
        return None


def _column(cell: str) -> str:
    name = cell.strip().lstrip("\ufeff")
    return NAMES.get(name, name.casefold().replace(" ", "_"))


def _text(body: bytes) -> str:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = body.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise NotATable("not_text")
        return text
    raise NotATable("not_text")
