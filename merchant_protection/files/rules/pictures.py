"""Telling that two pictures show the same, though one was made smaller, lighter or saved again."""

import itertools
import math
import statistics
from collections.abc import Sequence

SIDE = 32
KEPT = 8
BITS = KEPT * KEPT
PLAIN = 2.0

_COSINES = [[math.cos((2 * x + 1) * u * math.pi / (2 * SIDE)) for x in range(SIDE)] for u in range(KEPT)]


def perceptual_hash(grey: Sequence[Sequence[float]]) -> int | None:
    """Return 64 bits that say what a picture looks like, from its 32 by 32 shades of grey (0 to 255).

    The lowest frequencies of its cosine transform, each above or below their
    median. None for a picture with next to nothing on it, which would be like any other.
    """
    if len(grey) != SIDE or any(len(row) != SIDE for row in grey):
        raise ValueError("A picture is hashed from 32 rows of 32 shades.")
    if statistics.pstdev(itertools.chain.from_iterable(grey)) < PLAIN:
        return None
    rows = [[_product(row, cosines) for cosines in _COSINES] for row in grey]
    waves = [_product([row[u] for row in rows], cosines) for cosines in _COSINES for u in range(KEPT)]
    middle = statistics.median(waves[1:])
    return sum(1 << index for index, wave in enumerate(waves[1:], start=1) if wave > middle)


def distance(a: int, b: int) -> int:
    """Return in how many of the 64 bits two pictures differ; up to about 8 they show the same."""
    return (a ^ b).bit_count()


def bands(picture: int, count: int = 8) -> tuple[int, ...]:
    """Return the hash cut into `count` equal parts.

    Two pictures that differ in fewer than `count` bits have at least one part
    in common at the same place: what a database can look up by an index.
    """
    width = BITS // count
    return tuple(picture >> (place * width) & ((1 << width) - 1) for place in range(count))


def _product(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
