"""The codes of certificates: short enough to type, too many to guess."""

import re

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which are misread
LENGTH = 16
_READ_AS = str.maketrans("ILO", "110")


def from_number(number: int) -> str:
    """Return a code of 80 bits, in groups of four."""
    letters = "".join(LETTERS[(number >> (5 * place)) & 31] for place in range(LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4))


def read(typed: str) -> str:
    """Return the code that somebody typed, or nothing when it cannot be one."""
    letters = re.sub(r"[\s-]", "", typed.upper()).translate(_READ_AS)
    if len(letters) != LENGTH or any(letter not in LETTERS for letter in letters):
        return ""
    return "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4))
