"""Parts of a video or of a day as intervals: joined, cut and measured."""

from collections.abc import Iterable, Sequence

type Interval = tuple[float, float]

JOIN = 0.5  # seconds; a player reports the end of one part and the start of the next a little apart


def merged(parts: Iterable[Sequence[float]], *, join: float = JOIN) -> list[Interval]:
    """Return the parts in order, those that touch or overlap as one."""
    joined: list[Interval] = []
    for start, end in sorted((float(part[0]), float(part[1])) for part in parts):
        if end <= start:
            continue
        if joined and start <= joined[-1][1] + join:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def length(parts: Iterable[Sequence[float]]) -> float:
    """Return how long the parts are together; they must not overlap."""
    return sum(part[1] - part[0] for part in parts)


def within(parts: Iterable[Sequence[float]], *, start: float, end: float) -> list[Interval]:
    """Return what of the parts lies between two points."""
    cut = ((max(part[0], start), min(part[1], end)) for part in parts)
    return [(first, last) for first, last in cut if last > first]


def without(part: Sequence[float], taken: Iterable[Sequence[float]]) -> list[Interval]:
    """Return what is left of a part once the taken ones are cut out."""
    left, end = [], float(part[1])
    at = float(part[0])
    for start, stop in merged(taken, join=0):
        if stop <= at or start >= end:
            continue
        if start > at:
            left.append((at, start))
        at = max(at, stop)
    if at < end:
        left.append((at, end))
    return left


def is_covered(parts: Iterable[Sequence[float]], *, duration: float, percent: float) -> bool:
    """Whether the parts cover this share of the whole."""
    if duration <= 0:
        return False
    return length(within(merged(parts), start=0, end=duration)) >= duration * percent / 100 - JOIN
