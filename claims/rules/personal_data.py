"""What a decision must not tell about people: found in the words that both sides will read."""

import re
from enum import StrEnum


class Sort(StrEnum):
    """What sort of personal data it is."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"
    IDENTITY_CARD = "IDENTITY_CARD"
    BANK_CARD = "BANK_CARD"


_PATTERNS = {
    Sort.IDENTITY_CARD: re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])"),
    Sort.BANK_CARD: re.compile(r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)"),
    Sort.PHONE: re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)"),
    Sort.EMAIL: re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
}


def found_in(text: str) -> tuple[Sort, ...]:
    """Return what sorts of personal data a text holds: phone, e-mail, identity card, bank card numbers.

    A long number counts as one sort only, the most telling one.
    """
    found, rest = [], text
    for sort, pattern in _PATTERNS.items():
        if pattern.search(rest):
            found.append(sort)
            rest = pattern.sub(" ", rest)
    return tuple(found)
