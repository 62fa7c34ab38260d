"""A month's calendar: its weeks, its ends, and what lasts over them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from merchant_protection.foundation.months import Month

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_month_begins_where_its_viewer_is() -> None:
    with timezone.override(SHANGHAI):
        assert Month.named("2026-12").span == (
            datetime(2026, 11, 30, 16, tzinfo=UTC),
            datetime(2026, 12, 31, 16, tzinfo=UTC),
        )


def test_what_is_no_month_is_the_present_one() -> None:
    with timezone.override(SHANGHAI):
        for text in ("", "2026-13", "2026", "\x00", "9999-12", "0001-01", "２０２６-11"):
            assert Month.named(text).first == timezone.localdate().replace(day=1)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 40), st.integers(0, 40))
def test_a_row_stands_on_each_day_from_its_first_to_its_last(day: date, back: int, on: int) -> None:
    month = Month(day.replace(day=1))
    with timezone.override(SHANGHAI):
        start, end = (datetime.fromordinal(day.toordinal() + by).replace(tzinfo=SHANGHAI) for by in (-back, on))
        cells = [cell for week in month.grid([1], lasts=lambda _: (start, end))["weeks"] for cell in week]

    assert [cell["day"].toordinal() for cell in cells] == list(
        range(cells[0]["day"].toordinal(), cells[0]["day"].toordinal() + len(cells))
    )
    assert cells[0]["day"].weekday() == 0
    assert {cell["day"] for cell in cells if cell["own"]} >= {month.first, day}
    assert all(bool(cell["rows"]) == (start.date() <= cell["day"] <= end.date()) for cell in cells)


def test_without_an_end_it_goes_on_and_without_a_beginning_it_stands_nowhere() -> None:
    month = Month(date(2026, 11, 1))
    begun = datetime(2026, 11, 10, tzinfo=UTC)
    with timezone.override(SHANGHAI):
        ends = {"open": (begun, None), "never": (None, begun)}
        cells = [cell for week in month.grid(ends, lasts=lambda name: ends[name])["weeks"] for cell in week]

    assert [cell["day"] for cell in cells if cell["rows"]] == [
        c["day"] for c in cells if c["day"] >= date(2026, 11, 10)
    ]
    assert not any("never" in cell["rows"] for cell in cells)
