"""A month as its calendar shows it: whole weeks from Monday, days of the neighbours included."""

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

WRITTEN = re.compile(r"((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Month:
    """A month in the viewer's zone."""

    first: date

    @classmethod
    def named(cls, text: str) -> "Month":
        """Return the month written as "2026-11"; the present one when that is not what was written."""
        found = WRITTEN.fullmatch(text)
        return cls(date(int(found[1]), int(found[2]), 1) if found else timezone.localdate().replace(day=1))

    @property
    def after(self) -> date:
        """The first day of the month that follows."""
        return (self.first + timedelta(days=32)).replace(day=1)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The month's first moment, and the next month's."""
        zone = timezone.get_current_timezone()
        since, until = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (self.first, self.after))
        return since, until

    def grid[T](
        self, rows: Iterable[T], *, lasts: Callable[[T], tuple[datetime | None, datetime | None]]
    ) -> dict[str, Any]:
        """Return what the template `portal/parts/month.html` needs: each day with the rows that last on it.

        `lasts` gives the first and the last moment of a row; a row without a first moment stands on no day, one
        without a last on every day from its first.
        """
        spans = []
        for row in rows:
            start, end = (moment and timezone.localdate(moment) for moment in lasts(row))
            spans.append((row, start or date.max, end or date.max))
        weeks = calendar.Calendar().monthdatescalendar(self.first.year, self.first.month)
        return {
            "first": self.first,
            "before": (self.first - timedelta(days=1)).strftime("%Y-%m"),
            "after": self.after.strftime("%Y-%m"),
            "weekdays": weeks[0],
            "today": timezone.localdate(),
            "weeks": [
                [
                    {
                        "day": day,
                        "own": day.month == self.first.month,
                        "rows": [row for row, start, end in spans if start <= day <= end],
                    }
                    for day in week
                ]
                for week in weeks
            ],
        }
