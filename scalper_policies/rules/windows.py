"""How much one key has bought lately.

A rolling window of length w at an order placed at t counts what was placed in (t - w, t]; orders of the
same instant count in their order of arrival; the order's own units are included; a limit is broken when
the count exceeds it.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

PURGE_FROM = 50_000


class Reading(StrEnum):
    """How the past is read: as it happened, or as it would have gone with rejected orders reserving nothing."""

    OBSERVED = "observed"
    ENFORCED = "enforced"


def opens_after(at: datetime, window: timedelta) -> datetime:
    """The moment after which an earlier order still counts at `at`: the window is (this, at]."""
    return at - window


def breaks(count: int, most: int) -> bool:
    """A limit is broken when the count, own units included, exceeds it."""
    return count > most


class _Entries:
    """What one key placed, oldest first; what left the window stays until half the list is such."""

    __slots__ = ("ats", "head", "total", "units")

    def __init__(self, ats: list[datetime], units: list[int]) -> None:
        self.ats = ats
        self.units = units
        self.head = 0
        self.total = sum(units)

    def forget(self, until: datetime) -> None:
        ats, head = self.ats, self.head
        while head < len(ats) and ats[head] <= until:
            self.total -= self.units[head]
            head += 1
        if head > 16 and head * 2 > len(ats):
            del ats[:head], self.units[:head]
            head = 0
        self.head = head


class RollingCount:
    """Units by key in a rolling window, for orders that arrive in order of time.

    Most keys buy once: those are kept as a pair, which is a third of the memory.
    """

    def __init__(self, window: timedelta) -> None:
        self.window = window
        self._once: dict[Hashable, tuple[datetime, int]] = {}
        self._often: dict[Hashable, _Entries] = {}
        self._purge_at = PURGE_FROM

    def before(self, key: Hashable, at: datetime) -> int:
        """What the key holds at `at`, without the order that asks."""
        once = self._once.get(key)
        if once is not None:
            return once[1] if once[0] > opens_after(at, self.window) else 0
        entries = self._often.get(key)
        if entries is None:
            return 0
        until = opens_after(at, self.window)
        if entries.head < len(entries.ats) and entries.ats[entries.head] <= until:
            entries.forget(until)
        return entries.total

    def add(self, key: Hashable, at: datetime, units: int) -> None:
        """Count an order that was placed."""
        entries = self._often.get(key)
        if entries is not None:
            entries.ats.append(at)
            entries.units.append(units)
            entries.total += units
            return
        once = self._once.get(key)
        if once is None or once[0] <= opens_after(at, self.window):
            self._once[key] = (at, units)
            if len(self._once) + len(self._often) > self._purge_at:
                self._purge(at)
            return
        del self._once[key]
        self._often[key] = _Entries([once[0], at], [once[1], units])

    def give_back(self, key: Hashable, placed_at: datetime, units: int) -> None:
        """Take back what an order placed at `placed_at` counted; nothing when it has left the window already."""
        once = self._once.get(key)
        if once is not None and once[0] == placed_at:
            self._once[key] = (placed_at, max(0, once[1] - units))
        entries = self._often.get(key)
        if entries is None:
            return
        index = bisect_left(entries.ats, placed_at, lo=entries.head)
        while units and index < len(entries.ats) and entries.ats[index] == placed_at:
            taken = min(units, entries.units[index])
            entries.units[index] -= taken
            entries.total -= taken
            units -= taken
            index += 1

    def _purge(self, at: datetime) -> None:
        until = opens_after(at, self.window)
        self._once = {key: once for key, once in self._once.items() if once[0] > until}
        self._often = {key: entries for key, entries in self._often.items() if entries.ats[-1] > until}
        self._purge_at = max(PURGE_FROM, 2 * (len(self._once) + len(self._often)))


class LaunchCount:
    """Units by key over the whole launch."""

    def __init__(self) -> None:
        self._keys: dict[Hashable, int] = {}

    def before(self, key: Hashable, at: datetime) -> int:
        """What the key holds, without the order that asks."""
        return self._keys.get(key, 0)

    def add(self, key: Hashable, at: datetime, units: int) -> None:
        """Count an order that was placed."""
        self._keys[key] = self._keys.get(key, 0) + units

    def give_back(self, key: Hashable, placed_at: datetime, units: int) -> None:
        """Take back what an order counted."""
        self._keys[key] = max(0, self._keys.get(key, 0) - units)


Count = RollingCount | LaunchCount


def count_for(window: timedelta | None) -> Count:
    """A count over a rolling window, or over the whole launch when there is none."""
    return LaunchCount() if window is None else RollingCount(window)


class Row(NamedTuple):
    """One line of a file of orders: what is counted together, when, how many, and the line itself."""

    at: datetime
    key: Hashable
    units: int
    source: object = None


class Hit(NamedTuple):
    """A row that broke the limit, and the count that broke it."""

    row: Row
    observed: int


def limit_hits(
    rows: Iterable[Row],
    *,
    most: int,
    window: timedelta | None,
    reading: Reading,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Hit]:
    """Yield the rows that break a limit, with the count that broke it.

    Rows come in order of time, those of one instant in their order of arrival; `in_order` sorts a file so.
    """
    count = count_for(window)
    last: datetime | None = None
    for index, row in enumerate(rows):
        if last is not None and row.at < last:
            raise ValueError("rows must come in order of time")
        last = row.at
        observed = count.before(row.key, row.at) + row.units
        broken = breaks(observed, most)
        if broken:
            yield Hit(row, observed)
        if not (broken and reading is Reading.ENFORCED):
            count.add(row.key, row.at, row.units)
        if progress is not None and index % 10_000 == 0:
            progress(index)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Rows in order of time; those of one instant keep their order in the file."""
    return sorted(rows, key=lambda row: row.at)
