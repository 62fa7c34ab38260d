"""The chain over the audit: each link's digest covers the link before it, so one changed row breaks all that follow."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

BEGINNING = "0" * 64


def digest(*, previous: str, sequence: int, row: Mapping[str, Any]) -> str:
    """Return the digest of a row in its place after the link `previous`."""
    return hashlib.sha256(f"{previous}\n{sequence}\n{canonical(row)}".encode()).hexdigest()


def canonical(row: Mapping[str, Any]) -> str:
    """Return a row as the one text that means it: keys in order, moments in UTC."""
    return json.dumps(row, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_text)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no canonical text")
