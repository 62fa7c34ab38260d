"""The slow, obvious answer: look at the wall clock in every single minute."""

import array
import functools
import itertools
import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

BEGINS = datetime(2025, 1, 1, tzinfo=UTC)
ENDS = datetime(2027, 1, 1, tzinfo=UTC)
MINUTES = (ENDS - BEGINS) // timedelta(minutes=1)

# The notices of the State Council for 2025 and 2026, copied out by hand: first and last day of each holiday.
OFFICIAL_HOLIDAYS = [
    (date(2025, 1, 1), date(2025, 1, 1)),
    (date(2025, 1, 28), date(2025, 2, 4)),
    (date(2025, 4, 4), date(2025, 4, 6)),
    (date(2025, 5, 1), date(2025, 5, 5)),
    (date(2025, 5, 31), date(2025, 6, 2)),
    (date(2025, 10, 1), date(2025, 10, 8)),
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
]
OFFICIAL_WORKDAYS = [
    date(2025, 1, 26),
    date(2025, 2, 8),
    date(2025, 4, 27),
    date(2025, 9, 28),
    date(2025, 10, 11),
    date(2026, 1, 4),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 5, 9),
    date(2026, 9, 20),
    date(2026, 10, 10),
]


@functools.cache
def is_official_day_off(day: date) -> bool:
    if day in OFFICIAL_WORKDAYS:
        return False
    return day.weekday() >= 5 or any(first <= day <= last for first, last in OFFICIAL_HOLIDAYS)


@functools.cache
def local_minutes(zone: str) -> tuple[array.array, array.array]:
    """For each minute of the two years: the local date as an ordinal, and the minute of that day."""
    info = zoneinfo.ZoneInfo(zone)
    days, minutes = array.array("l"), array.array("l")
    for minute in range(MINUTES):
        local = (BEGINS + timedelta(minutes=minute)).astimezone(info)
        days.append(local.toordinal())
        minutes.append(local.hour * 60 + local.minute)
    return days, minutes


class Oracle:
    """Counts worked minutes by asking `works(date, minute of day)` about each."""

    def __init__(self, zone: str, works: Callable[[date, int], bool]) -> None:
        days, minutes = local_minutes(zone)
        dates = {day: date.fromordinal(day) for day in set(days)}
        worked = (works(dates[day], minute) for day, minute in zip(days, minutes, strict=True))
        self.worked_before = array.array("l", itertools.accumulate(worked, initial=0))

    def minutes_between(self, a: int, b: int) -> int:
        return self.worked_before[b] - self.worked_before[a]

    def add(self, start: int, amount: int) -> int | None:
        """The first minute by which `amount` minutes have been worked, or None beyond the two years."""
        for minute in range(start, MINUTES + 1):
            if self.minutes_between(start, minute) >= amount:
                return minute
        return None


def moment(minute: int) -> datetime:
    return BEGINS + timedelta(minutes=minute)
