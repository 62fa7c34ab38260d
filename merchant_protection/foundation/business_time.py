"""Working time: how long a desk has really had, and when a deadline given in working hours falls.

Everything is counted in whole seconds and microseconds since 1970, so that a
day on which the clocks change has the hours it really had.
"""

import bisect
import functools
import itertools
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST_YEAR, LAST_YEAR = 1900, 2200
EARLIEST = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
LATEST = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
DAY = 86_400


class BusinessTimeError(ValueError):
    """The calendar or the moment makes no sense for counting working time."""


@dataclass(frozen=True, order=True)
class Window:
    """One stretch of a working day by the clock on the wall, in minutes since midnight."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= 1440:
            raise BusinessTimeError("A window opens before it closes, within one day; split a night shift at midnight.")

    @classmethod
    def between(cls, opens: str, closes: str) -> "Window":
        """Read a window such as 09:00 to 12:00; 24:00 is the end of the day."""
        return cls(_minutes(opens), _minutes(closes))


Hours = tuple[Window, ...]


@dataclass(frozen=True)
class Calendar:
    """When a desk works: hours for each weekday from Monday, and the dates that have their own.

    A date with no hours is a day off; a date with hours is worked whatever its
    weekday, which is how a public holiday and an adjusted workday (调休) are said.
    """

    zone: str
    week: tuple[Hours, ...]
    dates: tuple[tuple[date, Hours], ...] = ()

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise BusinessTimeError("A week has seven days.")
        for hours in itertools.chain(self.week, (hours for _, hours in self.dates)):
            _refuse_overlap(hours)
        if len({day for day, _ in self.dates}) != len(self.dates):
            raise BusinessTimeError("A date is named twice.")
        try:
            zoneinfo.ZoneInfo(self.zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise BusinessTimeError(f"There is no time zone {self.zone!r}.") from error

    @classmethod
    def of(
        cls,
        *,
        zone: str,
        week: Sequence[Iterable[Window]],
        holidays: Iterable[date] = (),
        workdays: Iterable[date] = (),
        workday_hours: Iterable[Window] | None = None,
        special: Mapping[date, Iterable[Window]] | None = None,
    ) -> "Calendar":
        """Put a calendar together from a week, days off, adjusted workdays and dates with hours of their own.

        An adjusted workday is worked with `workday_hours`, else with those of the
        first weekday that has any. Workday wins over holiday, special over both.
        """
        days = tuple(tuple(sorted(hours)) for hours in week)
        adjusted = next(filter(None, days), ()) if workday_hours is None else tuple(sorted(workday_hours))
        dates: dict[date, Hours] = dict.fromkeys(holidays, ())
        dates |= dict.fromkeys(workdays, adjusted)
        dates |= {day: tuple(sorted(hours)) for day, hours in (special or {}).items()}
        return cls(zone=zone, week=days, dates=tuple(sorted(dates.items())))

    def __hash__(self) -> int:
        return self._hash

    @functools.cached_property
    def _hash(self) -> int:
        return hash((self.zone, self.week, self.dates))

    @functools.cached_property
    def _hours_of_date(self) -> dict[int, Hours]:
        return {day.toordinal(): hours for day, hours in self.dates}

    def hours_on(self, day: date) -> Hours:
        """Return the hours worked on this date."""
        return self._hours_of_date.get(day.toordinal(), self.week[day.weekday()])


def always(zone: str = "UTC") -> Calendar:
    """Return the calendar of a desk that never closes."""
    return Calendar(zone=zone, week=((Window(0, 1440),),) * 7)


def working_time_between(calendar: Calendar, a: datetime, b: datetime) -> timedelta:
    """Return the working time from `a` to `b`, negative when `b` comes first."""
    if b < a:
        return -working_time_between(calendar, b, a)
    first, last = _ticks(a), _ticks(b)
    years = range(_year_of(first), _year_of(last))
    until_a = _year(calendar, years.start).worked_until(first)
    until_b = _year(calendar, years.stop).worked_until(last)
    return (sum(_year(calendar, each).total for each in years) + until_b - until_a) * MICROSECOND


def working_seconds_between(calendar: Calendar, a: datetime, b: datetime) -> int:
    """Return the whole working seconds from `a` to `b`, negative when `b` comes first."""
    worked = working_time_between(calendar, a, b) // MICROSECOND
    return worked // 1_000_000 if worked >= 0 else -(-worked // 1_000_000)


def add_working(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """Return the first moment at which `amount` of working time has passed since `start`.

    An amount that is used up at closing time ends at closing time, not the next
    morning; nothing at all ends at `start`. The answer is in UTC.
    """
    wanted = amount // MICROSECOND
    moment = _ticks(start)
    if wanted < 0:
        raise BusinessTimeError("Working time cannot be added backwards.")
    if wanted == 0:
        return start.astimezone(UTC)
    year = _year_of(moment)
    wanted += _year(calendar, year).worked_until(moment)
    while wanted > (total := _year(calendar, year).total):
        wanted -= total
        year += 1
    return EPOCH + _year(calendar, year).moment_of(wanted) * MICROSECOND


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Say whether the desk is at work at this moment."""
    moment = at.astimezone(UTC)
    return working_time_between(calendar, moment, moment + MICROSECOND) > timedelta(0)


@dataclass(frozen=True)
class _Year:
    """The working intervals of one UTC year in microseconds, with the working time before each."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    total: int

    def worked_until(self, moment: int) -> int:
        index = bisect.bisect_right(self.starts, moment) - 1
        if index < 0:
            return 0
        return self.before[index] + min(moment, self.ends[index]) - self.starts[index]

    def moment_of(self, worked: int) -> int:
        index = bisect.bisect_left(self.before, worked) - 1
        return self.starts[index] + worked - self.before[index]


@functools.lru_cache(maxsize=512)
def _year(calendar: Calendar, year: int) -> _Year:
    if year > LAST_YEAR:
        raise BusinessTimeError("The desk is not open for long enough to work that off.")
    spans = list(_joined(_intervals(calendar, year)))
    lengths = [end - start for start, end in spans]
    before = tuple(itertools.accumulate(lengths, initial=0))
    return _Year(tuple(start for start, _ in spans), tuple(end for _, end in spans), before[:-1], before[-1])


def _intervals(calendar: Calendar, year: int) -> Iterator[tuple[int, int]]:
    """Give the working intervals of a UTC year, in order.

    Within a stretch of unchanging offset the wall clock runs evenly, so a
    window is looked up stretch by stretch: the hour that is skipped in spring is
    never worked, the hour that comes twice in autumn is worked twice.
    """
    for begins, ends, offset in _stretches(calendar.zone, year):
        first, last = (begins + offset) // DAY, (ends + offset - 1) // DAY
        for day in range(first, last + 1):
            for window in calendar.hours_on(EPOCH.date() + timedelta(days=day)):
                start = max(day * DAY + window.opens * 60 - offset, begins)
                end = min(day * DAY + window.closes * 60 - offset, ends)
                if start < end:
                    yield start * 1_000_000, end * 1_000_000


def _joined(intervals: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for start, end in intervals:
        if current and start <= current[1]:
            current = (current[0], end)
            continue
        if current:
            yield current
        current = (start, end)
    if current:
        yield current


@functools.lru_cache(maxsize=512)
def _stretches(zone: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """Return the UTC year cut where the zone's offset changes: (from, to, offset), in seconds."""
    info = zoneinfo.ZoneInfo(zone)
    begins, ends = (_seconds(datetime(each, 1, 1, tzinfo=UTC)) for each in (year, year + 1))
    found: list[tuple[int, int, int]] = []
    start = begins
    for probe in range(begins, ends, DAY):
        upper = min(probe + DAY, ends - 1)
        if _offset(info, probe) != _offset(info, upper):
            change = _change_between(info, probe, upper)
            found.append((start, change, _offset(info, probe)))
            start = change
    return (*found, (start, ends, _offset(info, ends - 1)))


def _change_between(info: zoneinfo.ZoneInfo, lower: int, upper: int) -> int:
    """Return the first second in (lower, upper] that has not the offset of `lower`."""
    old = _offset(info, lower)
    seconds = range(lower, upper + 1)
    return seconds[bisect.bisect_left(seconds, True, key=lambda second: _offset(info, second) != old)]


def _offset(info: zoneinfo.ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, tz=info).utcoffset()
    return offset // timedelta(seconds=1) if offset else 0


def _ticks(moment: datetime) -> int:
    if moment.utcoffset() is None:
        raise BusinessTimeError("A moment needs its time zone.")
    ticks = (moment - EPOCH) // MICROSECOND
    if not EARLIEST <= ticks < LATEST:
        raise BusinessTimeError(f"Working time is counted from {FIRST_YEAR} to {LAST_YEAR} only.")
    return ticks


def _year_of(ticks: int) -> int:
    return (EPOCH + ticks * MICROSECOND).year


def _seconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1)


def _minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(minute) < 60):
        raise BusinessTimeError(f"{clock!r} is not a time of day.")
    return int(hour) * 60 + int(minute)


def _refuse_overlap(hours: Hours) -> None:
    for earlier, later in itertools.pairwise(hours):
        if later.opens < earlier.closes:
            raise BusinessTimeError("The windows of a day follow one another without overlap.")
