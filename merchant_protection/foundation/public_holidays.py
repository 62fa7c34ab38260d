"""The edge to the library that knows the world's public holidays."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import holidays
from holidays.countries import china

from merchant_protection.foundation.business_time import Calendar, Window

OFFICE_HOURS = (Window.between("09:00", "12:00"), Window.between("13:00", "18:00"))


@dataclass(frozen=True)
class PublicHolidays:
    """Days off with their names, and the weekend days that are worked in exchange (调休)."""

    names: dict[date, str]
    workdays: frozenset[date]

    @property
    def days_off(self) -> frozenset[date]:
        """The dates on which public offices rest."""
        return frozenset(self.names)


def of_country(country: str, *, years: Collection[int], language: str | None = None) -> PublicHolidays:
    """Return a country's public holidays and adjusted workdays that fall in these years."""
    wanted = frozenset(years)
    known = holidays.country_holidays(country, years=sorted(wanted), expand=False, language=language)
    # The library lists workdays of other years among these.
    workdays = frozenset(day for day in known.weekend_workdays if day.year in wanted)
    return PublicHolidays(names={day: known[day] for day in sorted(known)}, workdays=workdays)


def chinese_plan_is_known(year: int) -> bool:
    """Say whether the State Council's notice for this year is in the library; until then its swaps are missing."""
    return year in china.ChinaStaticHolidays.special_public_holidays


def chinese_calendar(
    years: Collection[int],
    *,
    zone: str = "Asia/Shanghai",
    hours: Iterable[Window] = OFFICE_HOURS,
    weekdays: Sequence[int] = (0, 1, 2, 3, 4),
) -> Calendar:
    """Return a desk's calendar with the official Chinese holidays and adjusted workdays of these years."""
    daily = tuple(hours)
    public = of_country("CN", years=years)
    return Calendar.of(
        zone=zone,
        week=tuple(daily if weekday in weekdays else () for weekday in range(7)),
        holidays=public.days_off,
        workdays=public.workdays,
        workday_hours=daily,
    )
