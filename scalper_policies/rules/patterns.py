"""Words and simple patterns that merchants list: `*` stands for anything, `?` for one character, nothing else counts.

They are no regular expressions, so none can be written that takes a thousand years.
"""

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_PATTERN = 100
LONGEST_TEXT = 400
MOST_PATTERNS = 2_000
MOST_STARS = 8
LOOKS_LIKE_AN_EXPRESSION = ("\\", "(?", ".*", ".+", "[^", "{", ")+", ")*", "|")


class BadPatternError(ValueError):
    """A pattern that cannot be used, with a code for the form."""

    def __init__(self, code: str, line: int) -> None:
        super().__init__(f"{code} in line {line}")
        self.code = code
        self.line = line


@dataclass(frozen=True, slots=True)
class PatternList:
    """One version of a merchant's patterns, in lower case."""

    version: int
    patterns: tuple[str, ...]

    def first_in(self, text: str) -> str:
        """The first pattern that stands in the text; empty when none does."""
        plain = text[:LONGEST_TEXT].casefold()
        return next((pattern for pattern in self.patterns if stands_in(pattern, plain)), "")


def read(lines: Iterable[str], *, version: int) -> PatternList:
    """Read a list, one pattern a line, refusing what is too long, too many or meant as a regular expression."""
    patterns: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        pattern = line[: LONGEST_PATTERN + 1].strip().casefold()
        if not pattern:
            continue
        if len(line.strip()) > LONGEST_PATTERN:
            raise BadPatternError("PATTERN_TOO_LONG", number)
        if any(mark in pattern for mark in LOOKS_LIKE_AN_EXPRESSION):
            raise BadPatternError("PATTERN_IS_AN_EXPRESSION", number)
        if pattern.count("*") > MOST_STARS:
            raise BadPatternError("PATTERN_HAS_TOO_MANY_STARS", number)
        if not pattern.strip("*? "):
            raise BadPatternError("PATTERN_MATCHES_EVERYTHING", number)
        patterns[pattern] = None
        if len(patterns) > MOST_PATTERNS:
            raise BadPatternError("TOO_MANY_PATTERNS", number)
    return PatternList(version=version, patterns=tuple(patterns))


def stands_in(pattern: str, text: str) -> bool:
    """Whether the pattern stands anywhere in the text, in time of at most their lengths multiplied."""
    if "*" not in pattern and "?" not in pattern:
        return pattern in text
    position = 0
    for part in pattern.split("*"):
        found = _find(part, text, position)
        if found < 0:
            return False
        position = found + len(part)
    return True


def _find(part: str, text: str, start: int) -> int:
    """Where a part with `?` stands first from `start` on."""
    if "?" not in part:
        return text.find(part, start)
    for position in range(start, len(text) - len(part) + 1):
        window = text[position : position + len(part)]
        if all(wanted in ("?", letter) for wanted, letter in zip(part, window, strict=True)):
            return position
    return -1
