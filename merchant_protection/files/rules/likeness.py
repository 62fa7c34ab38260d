"""Likeness of pictures as it is stored: hexadecimal digits, and parts that an index can look up."""

from collections.abc import Sequence

from merchant_protection.files.rules import pictures

SAME = 8  # up to so many of 64 bits two pictures show the same


def stored(shades: Sequence[int]) -> tuple[str, list[int]]:
    """Return the likeness and its parts of a picture of 32 by 32 shades; nothing for one with nothing on it."""
    side = pictures.SIDE
    likeness = pictures.perceptual_hash([shades[row * side : (row + 1) * side] for row in range(side)])
    if likeness is None:
        return "", []
    return f"{likeness:016x}", parts(likeness)


def parts(likeness: int) -> list[int]:
    """Return each part with its place, so that equal parts in different places are not taken for each other."""
    return [place * 256 + part for place, part in enumerate(pictures.bands(likeness))]


def is_same(a: str, b: str) -> bool:
    """Say whether two stored likenesses show the same picture."""
    return bool(a and b) and pictures.distance(int(a, 16), int(b, 16)) < SAME
