"""Numbers as people type them, read in one way for pages, files and programs."""

import re
from decimal import Decimal

from pricing_guard.rules.findings import Reason

# Plain digits only: Python would also take those of every script, powers of ten, and 1_000. Thousands stand in threes:
# where a comma stands otherwise it may be meant for the point.
PLAIN = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?")
LONGEST = 80
SIGNS = {
    "¥": ("CNY", "JPY"),
    "￥": ("CNY", "JPY"),
    "£": ("GBP",),
    "$": ("USD", "AUD", "CAD", "HKD", "SGD", "TWD", "NZD", "MXN"),
    "€": ("EUR",),
}


def floor_of(shown: str) -> Decimal | None:
    """Return the floor that a page showed; blank is none."""
    found = read(shown)
    return found if isinstance(found, Decimal) else None


def read(typed: object, *, currency: str = "") -> Decimal | Reason:
    """Read a number, or say why it is none; with a currency its sign may stand before it, and no other's."""
    if isinstance(typed, int | float) and not isinstance(typed, bool):  # a number of JSON, which has no other way
        number = Decimal(repr(typed))
        return number if number.is_finite() else Reason("NOT_A_NUMBER")
    text = str(typed).strip()
    sign = text[:1] if currency else ""
    if sign in SIGNS:
        if currency not in SIGNS[sign]:
            return Reason("CURRENCY_DIFFERS", {"currency": sign, "usual": currency})
        text = text[1:].strip()
    if len(text) > LONGEST or not any(each.isdecimal() for each in text) or not PLAIN.fullmatch(text):
        return Reason("NOT_A_NUMBER")
    return Decimal(text.replace(",", ""))
