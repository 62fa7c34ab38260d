"""Reading a question about an order from the body of a request, and describing it."""

import re
from typing import Any

import msgspec

from merchant_protection.marketplace.rules.event_reading import NUL
from scalper_policies.rules import asked
from scalper_policies.rules.asked import Asked

LARGEST = 256 * 1024
LARGEST_BATCH = 8 * 1024 * 1024
MOST_AT_ONCE = 500
PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<field>.*)`)?\Z", re.DOTALL)


class Unreadable(Exception):
    """What was sent is no question: the status to answer with, the field and the reason."""

    def __init__(self, status: int, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field


class _Many(msgspec.Struct):
    orders: list[msgspec.Raw]


_many = msgspec.json.Decoder(_Many)


def one(body: bytes) -> Asked:
    """Read one question."""
    if len(body) > LARGEST:
        raise Unreadable(413, f"A question has at most {LARGEST} bytes.")
    if b"\\u0000" in body and NUL.search(body):
        raise Unreadable(422, "The character U+0000 cannot be kept.")
    try:
        return asked.read(body)
    except msgspec.ValidationError as error:
        place = PLACE.match(str(error))
        raise Unreadable(
            422, place["what"] if place else str(error), (place["field"] or "") if place else ""
        ) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(400, "It is not JSON in UTF-8.") from error


def many(body: bytes) -> list[bytes]:
    """Part a list of questions into its questions, each still to be read."""
    if len(body) > LARGEST_BATCH:
        raise Unreadable(413, f"Questions together have at most {LARGEST_BATCH} bytes.")
    try:
        found = [bytes(each) for each in _many.decode(body).orders]
    except (ValueError, RecursionError) as error:
        raise Unreadable(422 if isinstance(error, msgspec.ValidationError) else 400, str(error)) from error
    if not 1 <= len(found) <= MOST_AT_ONCE:
        raise Unreadable(422, f"From 1 to {MOST_AT_ONCE} orders at once.")
    return found


def schema() -> dict[str, Any]:
    """Describe a question, without references to other parts of the description."""
    found, parts = msgspec.json.schema_components([Asked], ref_template="#/{name}")
    return dict(_inlined(found[0], parts))


def _inlined(node: Any, parts: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(each, parts) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(parts[node["$ref"].removeprefix("#/")], parts)
    return {name: _inlined(value, parts) for name, value in node.items() if name not in ("default", "title")}


def schema_of_many() -> dict[str, Any]:
    """Describe a list of questions; one that is none is told beside the answers of the others."""
    orders = {"type": "array", "items": {}, "minItems": 1, "maxItems": MOST_AT_ONCE}
    return {"type": "object", "required": ["orders"], "properties": {"orders": orders}}
