"""Reading a body of events: cutting it into items, and each item into a checked event or the faults in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from merchant_protection.marketplace.rules import events

MOST_ITEMS = 5_000
LARGEST_ITEM = 256 * 1024
LARGEST_BODY = 16 * 1024 * 1024
MOST_PARTS = 1_000_000  # commas: an array of ten million numbers would cost memory before its items can be counted
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<field>.*)`)?\Z", re.DOTALL)
MISSING = re.compile(r"missing required field `(?P<name>\w+)`")
CODES: tuple[tuple[str, str], ...] = (
    ("missing required field", "required"),
    ("matching regex", "format"),
    ("Invalid enum value", "unknown"),
    ("of length", "length"),
    ("RFC3339", "format"),
    ("timezone", "format"),
    ("out of range", "malformed"),
    (">=", "range"),
    ("<=", "range"),
    ("Expected", "type"),
)
FORMATS = {
    "currency": "Three capital letters such as CNY.",
    "pictures": "A web address of at most 500 characters.",
    "image_url": "A web address of at most 200 characters.",
}
AMOUNT = 'An amount as text, not negative, such as "129.00".'

_items = msgspec.json.Decoder(list[msgspec.Raw])
_envelope = msgspec.json.Decoder(events.Envelope)
_data = {name: msgspec.json.Decoder(struct) for name, struct in events.TYPES.items()}


class Unreadable(Exception):
    """The body as a whole cannot be taken: `status` and why."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field of one item."""

    field: str
    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        """Return it as the answer carries it."""
        return {"field": self.field, "code": self.code, "message": self.message}


@dataclass(frozen=True)
class Event:
    """One event that is as it should be."""

    envelope: events.Envelope
    data: events.Data

    @property
    def canonical(self) -> bytes:
        """The event in one spelling, by which two bodies of one id are compared."""
        return msgspec.json.encode([self.envelope.type, self.envelope.version, self.envelope.occurred_at, self.data])


@dataclass(frozen=True)
class Item:
    """One item of a body: an event, or what is wrong with it."""

    index: int
    id: str
    event: Event | None = None
    faults: tuple[Fault, ...] = ()


def split(body: bytes, *, is_lines: bool) -> tuple[list[bytes], bool]:
    """Cut a body into its items; also say whether it was one bare object."""
    stripped = body.strip(b" \t\r\n")
    if not stripped:
        raise Unreadable(400, "The body is empty.")
    if is_lines:
        return _limited(_lines(stripped)), False
    if not stripped.startswith(b"["):
        if len(stripped) > LARGEST_ITEM:
            raise Unreadable(413, f"An event may have at most {LARGEST_ITEM} bytes.")
        return [stripped], True
    if stripped.count(b",") > MOST_PARTS:
        raise Unreadable(413, f"At most {MOST_ITEMS} events at once.")
    try:
        found = [bytes(raw) for raw in _items.decode(stripped)]
    except (ValueError, RecursionError) as error:
        raise Unreadable(400, f"The array cannot be read: {_cause(error)}") from error
    if not found:
        raise Unreadable(400, "The array is empty.")
    return _limited(found), False


def read(items: list[bytes]) -> list[Item]:
    """Read each item by itself, so that a bad one does not sink its neighbours."""
    return [_read(index, raw) for index, raw in enumerate(items)]


def _lines(body: bytes) -> list[bytes]:
    if body.count(b"\n") >= MOST_ITEMS * 2:
        raise Unreadable(413, f"At most {MOST_ITEMS} events at once.")
    return [line for line in (each.strip() for each in body.split(b"\n")) if line]


def _limited(items: list[bytes]) -> list[bytes]:
    if len(items) > MOST_ITEMS:
        raise Unreadable(413, f"At most {MOST_ITEMS} events at once.")
    return items


def _read(index: int, raw: bytes) -> Item:
    if len(raw) > LARGEST_ITEM:
        return Item(index, "", faults=(Fault("", "too_large", f"At most {LARGEST_ITEM} bytes an event."),))
    if b"\\u0000" in raw and NUL.search(raw):
        return Item(index, "", faults=(Fault("", "malformed", "The character U+0000 cannot be kept."),))
    envelope, fault = _decoded(_envelope.decode, raw)
    if fault is not None or envelope is None:
        return Item(index, _id_of(raw), faults=(fault,) if fault else ())
    faults = _faults_of_envelope(envelope)
    if faults:
        return Item(index, _shown(envelope.id), faults=faults)
    data, fault = _decoded(_data[envelope.type].decode, bytes(envelope.data), prefix="data")
    if fault is not None or data is None:
        return Item(index, envelope.id, faults=(fault,) if fault else ())
    faults = tuple(_faults_of_data(data))
    return Item(index, envelope.id, faults=faults) if faults else Item(index, envelope.id, Event(envelope, data))


def _decoded(decode: Callable[[bytes], Any], raw: bytes, *, prefix: str = "") -> tuple[Any | None, Fault | None]:
    try:
        return decode(raw), None
    except msgspec.ValidationError as error:
        return None, _fault(str(error), prefix=prefix)
    except (ValueError, RecursionError) as error:
        return None, Fault(prefix, "malformed", _cause(error))


def _faults_of_envelope(envelope: events.Envelope) -> tuple[Fault, ...]:
    if envelope.type not in events.TYPES:
        known = ", ".join(events.TYPES)
        return (Fault("type", "unknown", f"Not a type of event we know: {known}."),)
    if envelope.schema not in events.SCHEMAS:
        return (Fault("schema", "unknown", "This version of the event is not known here."),)
    return () if EARLIEST <= envelope.occurred_at <= LATEST else (_far("occurred_at"),)


def _faults_of_data(data: events.Data) -> list[Fault]:
    names = ("placed_at", "shipped_at", "opened_at", "starts_at", "ends_at", "account_created_at")
    moments = [(name, getattr(data, name, None)) for name in names]
    found = [_far(f"data.{name}") for name, at in moments if at is not None and not EARLIEST <= at <= LATEST]
    if isinstance(data, events.Promotion) and not data.ends_at > data.starts_at:
        found.append(Fault("data.ends_at", "order", "A promotion ends after it starts."))
    if isinstance(data, events.Promotion) and data.kind == "PERCENTAGE" and float(data.value) > 100:
        found.append(Fault("data.value", "range", "At most 100 percent."))
    return found


def _far(field: str) -> Fault:
    return Fault(field, "range", f"Between {EARLIEST.year} and {LATEST.year}.")


def _fault(said: str, *, prefix: str) -> Fault:
    place = PLACE.match(said)
    what, field = (place["what"], place["field"] or "") if place else (said, "")
    if missing := MISSING.search(what):
        field = f"{field}.{missing['name']}" if field else missing["name"]
    code = next((code for sign, code in CODES if sign in what), "invalid")
    last = re.sub(r"\[.*", "", field.rsplit(".", 1)[-1])
    message = FORMATS.get(last, AMOUNT) if "matching regex" in what else f"{what.replace('`', '')}."
    return Fault(".".join(part for part in (prefix, field) if part), code, message)


def _cause(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "It is nested too deeply."
    if isinstance(error, UnicodeDecodeError):
        return "It is not UTF-8."
    return "It is not JSON: a half surrogate, a number that is none, or a part that is cut off."


class _OnlyId(msgspec.Struct):
    id: str = ""


_only_id = msgspec.json.Decoder(_OnlyId)


def _id_of(raw: bytes) -> str:
    try:
        return _shown(_only_id.decode(raw).id)
    except (ValueError, RecursionError):
        return ""


def _shown(id: str) -> str:
    return id[:100]
