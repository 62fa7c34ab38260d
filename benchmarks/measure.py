"""Measuring side by side: ours and the yardstick take turns, and the ratio is the median over the turns."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

PAIRS = 7
LONGEST = 240.0  # seconds for all turns of one row; a slow one gets fewer turns, and says how many


@dataclass(frozen=True)
class Goal:
    """What the ratio ours / yardstick is held to; without a limit it is only told."""

    limit: float | None = None
    is_ceiling: bool = True

    def holds(self, ratio: float | None) -> bool | None:
        """Nothing holds that was not measured."""
        if ratio is None or self.limit is None:
            return None
        return ratio <= self.limit if self.is_ceiling else ratio >= self.limit

    def __str__(self) -> str:
        return "told" if self.limit is None else f"{'≤' if self.is_ceiling else '≥'} {self.limit:g} ×"


@dataclass(frozen=True)
class Row:
    """One line of the table. `ratio` is ours divided by the yardstick, in `unit`."""

    id: str
    sizes: str
    unit: str
    ours: float | None
    yardstick: float | None
    ratio: float | None
    goal: Goal
    pairs: int
    note: str = ""

    def as_json(self) -> dict[str, object]:
        names = ("id", "sizes", "ours", "yardstick", "unit", "ratio", "pairs", "note")
        return {name: getattr(self, name) for name in names} | {
            "goal": str(self.goal),
            "holds": self.goal.holds(self.ratio),
        }


def at_most(limit: float) -> Goal:
    return Goal(limit)


def at_least(limit: float) -> Goal:
    return Goal(limit, is_ceiling=False)


TOLD = Goal()


def seconds(work: Callable[[], object]) -> Callable[[], float]:
    """Turn work into a measurement of its wall-clock seconds."""

    def measure() -> float:
        gc.collect()
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return measure


def pair(
    id: str,
    *,
    sizes: str,
    unit: str,
    goal: Goal,
    ours: Callable[[], float],
    yardstick: Callable[[], float],
    pairs: int = PAIRS,
    note: str = "",
) -> Row:
    """Measure both in turns, the first of each turn changing, after one turn that does not count."""
    ours(), yardstick()
    start, mine, theirs = time.perf_counter(), [], []
    for turn in range(pairs):
        order: list[tuple[list[float], Callable[[], float]]] = [(mine, ours), (theirs, yardstick)]
        for found, measure in order if turn % 2 == 0 else reversed(order):
            found.append(measure())
        if time.perf_counter() - start > LONGEST:
            break
    ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
    return Row(id, sizes, unit, statistics.median(mine), statistics.median(theirs), ratio, goal, len(mine), note)


def told(id: str, *, sizes: str, unit: str, ours: float, note: str = "") -> Row:
    """A figure without a yardstick."""
    return Row(id, sizes, unit, ours, None, None, TOLD, 1, note)


def without_yardstick(id: str, *, sizes: str, unit: str, goal: Goal, ours: float | None, why: str) -> Row:
    """A measurement whose yardstick could not be run: it says so, and holds nothing."""
    return Row(id, sizes, unit, ours, None, None, goal, 0, f"yardstick missing: {why}")
