"""The numbers of rows that a page sends back, as somebody may have written them by hand."""

from collections.abc import Iterable

DIGITS = 18  # more are no number of a row here, and too many are none for Python either


def read(text: str) -> int | None:
    """The number that was sent; nothing where it can be no row's."""
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None


def read_all(texts: Iterable[str]) -> list[int]:
    """The numbers that were sent, without what can be no row's."""
    return [number for text in texts if (number := read(text)) is not None]
