import functools
import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from merchant_protection.foundation import business_time, public_holidays
from merchant_protection.foundation.business_time import BusinessTimeError, Calendar, Window
from tests.foundation import minute_oracle

ZONES = ["Asia/Shanghai", "Europe/London", "America/New_York"]
SPLIT_DAY = (Window.between("09:00", "12:00"), Window.between("13:30", "18:15"))
NIGHTS = (Window.between("00:00", "03:00"), Window.between("22:30", "24:00"))
WEEK = (SPLIT_DAY,) * 5 + ((), ())

zones = st.sampled_from(ZONES)
shifts = st.sampled_from([SPLIT_DAY, NIGHTS])
minutes = st.integers(0, minute_oracle.MINUTES)


@functools.cache
def _chinese(zone: str, hours: tuple[Window, ...]) -> tuple[Calendar, minute_oracle.Oracle]:
    @functools.cache
    def is_in_hours(minute: int) -> bool:
        return any(window.opens <= minute < window.closes for window in hours)

    def works(day: date, minute: int) -> bool:
        return is_in_hours(minute) and not minute_oracle.is_official_day_off(day)

    return public_holidays.chinese_calendar([2024, 2025, 2026], zone=zone, hours=hours), minute_oracle.Oracle(
        zone, works
    )


@given(zone=zones, hours=shifts, a=minutes, b=minutes)
@settings(max_examples=1500, deadline=None)
@pytest.mark.case("SLA-03")
def test_working_time_is_what_a_minute_by_minute_count_says_over_two_years(zone, hours, a, b):
    calendar, oracle = _chinese(zone, hours)

    counted = business_time.working_seconds_between(calendar, minute_oracle.moment(a), minute_oracle.moment(b))

    assert counted == 60 * oracle.minutes_between(a, b)


@given(zone=zones, hours=shifts, start=minutes, amount=st.integers(0, 6_000))
@settings(max_examples=200, deadline=None)
@pytest.mark.case("SLA-03")
def test_a_deadline_falls_in_the_minute_a_minute_by_minute_count_says(zone, hours, start, amount):
    calendar, oracle = _chinese(zone, hours)
    expected = oracle.add(start, amount)

    due = business_time.add_working(calendar, minute_oracle.moment(start), timedelta(minutes=amount))

    if expected is None:
        assert due > minute_oracle.ENDS
    else:
        assert due == minute_oracle.moment(expected)


@st.composite
def _hours(draw):
    marks = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return tuple(Window(opens, closes) for opens, closes in zip(marks[::2], marks[1::2], strict=False))


@st.composite
def _calendars(draw):
    zone = st.sampled_from([*ZONES, "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"])
    days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
    special = draw(st.dictionaries(days, _hours(), max_size=5))
    return Calendar.of(zone=draw(zone), week=draw(st.lists(_hours(), min_size=7, max_size=7)), special=special)


def _is_open(calendar: Calendar, at: datetime) -> bool:
    local = at.astimezone(zoneinfo.ZoneInfo(calendar.zone))
    hours = dict(calendar.dates).get(local.date(), calendar.week[local.weekday()])
    return any(window.opens <= local.hour * 60 + local.minute < window.closes for window in hours)


CLOCK_CHANGES = [
    datetime(2025, 3, 9, 7, tzinfo=UTC),
    datetime(2025, 3, 30, 1, tzinfo=UTC),
    datetime(2025, 4, 5, 15, tzinfo=UTC),
    datetime(2025, 10, 26, 1, tzinfo=UTC),
    datetime(2025, 11, 2, 6, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
    datetime(2025, 1, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
]


@given(
    calendar=_calendars(),
    around=st.sampled_from(CLOCK_CHANGES),
    lead=st.integers(0, 2_000),
    length=st.integers(0, 4_000),
)
@settings(max_examples=300, deadline=None)
def test_any_calendar_counts_right_around_a_change_of_clocks(calendar, around, lead, length):
    start = around - timedelta(minutes=lead)
    by_the_minute = sum(_is_open(calendar, start + timedelta(minutes=each)) for each in range(length))

    counted = business_time.working_seconds_between(calendar, start, start + timedelta(minutes=length))

    assert counted == 60 * by_the_minute


@given(
    calendar=_calendars(),
    since=st.timedeltas(timedelta(0), timedelta(days=730)),
    amount=st.timedeltas(timedelta(0), timedelta(days=400)),
)
@settings(deadline=None)
def test_adding_working_time_and_counting_it_agree_to_the_microsecond(calendar, since, amount):
    assume(any(calendar.week))
    start = minute_oracle.BEGINS + since
    a_week = timedelta(minutes=sum(window.closes - window.opens for hours in calendar.week for window in hours))
    amount = min(amount, 100 * a_week)  # where a desk works a minute a week, 400 days of work never end

    due = business_time.add_working(calendar, start, amount)

    assert business_time.working_time_between(calendar, start, due) == amount
    assert business_time.working_time_between(calendar, due, start) == -amount
    if amount:
        just_before = due - timedelta(microseconds=1)
        assert business_time.working_time_between(calendar, start, just_before) < amount


def test_the_hour_that_comes_twice_is_worked_twice_and_the_skipped_one_never():
    calendar = Calendar.of(zone="Europe/London", week=[[Window.between("01:15", "01:45")]] * 7)
    autumn, spring = datetime(2025, 10, 26, tzinfo=UTC), datetime(2025, 3, 30, tzinfo=UTC)

    twice = business_time.working_seconds_between(calendar, autumn, autumn + timedelta(hours=3))
    never = business_time.working_seconds_between(calendar, spring, spring + timedelta(hours=3))

    assert (twice, never) == (2 * 30 * 60, 0)


def test_an_adjusted_workday_is_worked_and_its_holiday_is_not():
    calendar = public_holidays.chinese_calendar([2026])
    friday_evening = datetime(2026, 2, 13, 18, tzinfo=zoneinfo.ZoneInfo("Asia/Shanghai"))

    due = business_time.add_working(calendar, friday_evening, timedelta(hours=9))

    # Saturday 14 February is worked for 8 hours, then Spring Festival rests until Tuesday the 24th.
    assert due == datetime(2026, 2, 24, 10, tzinfo=zoneinfo.ZoneInfo("Asia/Shanghai"))


def test_the_library_knows_the_official_days_of_two_years():
    known = public_holidays.of_country("CN", years=[2025, 2026])
    days = [date(2025, 1, 1) + timedelta(days=each) for each in range(730)]

    rested = {day for day in days if day in known.days_off or (day.weekday() >= 5 and day not in known.workdays)}

    assert rested == {day for day in days if minute_oracle.is_official_day_off(day)}
    assert known.workdays == frozenset(minute_oracle.OFFICIAL_WORKDAYS)
    assert known.names[date(2026, 10, 1)] == "国庆节"


def test_a_december_workday_belongs_to_the_year_it_falls_in():
    known = public_holidays.of_country("CN", years=[2005])

    assert date(2005, 12, 31) in known.workdays
    assert all(day.year == 2005 for day in known.days_off | known.workdays)


def test_other_countries_have_holidays_and_names_in_another_language():
    known = public_holidays.of_country("GB", years=[2026])
    english = public_holidays.of_country("CN", years=[2026], language="en_US")

    assert date(2026, 12, 25) in known.days_off
    assert english.names[date(2026, 10, 1)] == "National Day"


def test_a_year_without_its_official_notice_is_recognised():
    assert public_holidays.chinese_plan_is_known(2026)
    assert not public_holidays.chinese_plan_is_known(2199)


def test_a_deadline_used_up_at_closing_time_falls_at_closing_time():
    calendar = Calendar.of(zone="UTC", week=WEEK)
    monday = datetime(2026, 6, 1, 9, tzinfo=UTC)

    assert business_time.add_working(calendar, monday, timedelta(hours=3)) == monday.replace(hour=12)
    assert business_time.add_working(calendar, monday.replace(hour=12, minute=30), timedelta(0)).hour == 12


def test_a_desk_that_never_closes_counts_every_second():
    calendar = business_time.always("America/New_York")
    start = datetime(2025, 1, 1, 12, 0, 7, 500_000, tzinfo=UTC)

    assert business_time.working_time_between(calendar, start, start + timedelta(days=500)) == timedelta(days=500)
    assert business_time.working_seconds_between(calendar, start, start + timedelta(seconds=1.9)) == 1
    assert business_time.working_seconds_between(calendar, start, start - timedelta(seconds=1.9)) == -1


def test_working_time_used_up_with_the_year_ends_with_the_last_closing_time():
    calendar = Calendar.of(zone="UTC", week=WEEK)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    whole_year = business_time.working_time_between(calendar, start, start.replace(year=2026))

    due = business_time.add_working(calendar, start, whole_year)

    assert due == datetime(2025, 12, 31, 18, 15, tzinfo=UTC)


def test_being_open_is_told_to_the_microsecond():
    calendar = Calendar.of(zone="UTC", week=WEEK)
    opening = datetime(2026, 6, 1, 9, tzinfo=UTC)

    assert business_time.is_open(calendar, opening)
    assert not business_time.is_open(calendar, opening - timedelta(microseconds=1))
    assert not business_time.is_open(calendar, opening.replace(hour=12))


def test_special_hours_win_over_a_workday_and_a_workday_over_a_holiday():
    day, eve = date(2026, 2, 14), date(2026, 2, 15)
    half = (Window.between("09:00", "11:00"),)

    calendar = Calendar.of(
        zone="UTC", week=WEEK, holidays=[day, eve], workdays=[day, eve], special={eve: half}, workday_hours=NIGHTS
    )

    assert calendar.hours_on(day) == NIGHTS
    assert calendar.hours_on(eve) == half
    assert hash(calendar) == hash(Calendar(zone="UTC", week=calendar.week, dates=calendar.dates))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Window(600, 600),
        lambda: Window.between("22:00", "06:00"),
        lambda: Window.between("24:01", "25:00"),
        lambda: Window.between("9", "12:00"),
        lambda: Window.between("09:00", "12:60"),
        lambda: Calendar.of(zone="UTC", week=[[]] * 6),
        lambda: Calendar.of(zone="UTC", week=[[Window(0, 60), Window(59, 90)]] * 7),
        lambda: Calendar.of(zone="Mars/Olympus", week=[[]] * 7),
        lambda: Calendar.of(zone="../etc/passwd", week=[[]] * 7),
        lambda: Calendar("UTC", ((),) * 7, ((date(2026, 1, 1), ()), (date(2026, 1, 1), ()))),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(BusinessTimeError):
        wrong()


@pytest.mark.parametrize(
    ("start", "amount"),
    [
        (datetime(2026, 1, 1), timedelta(hours=1)),  # noqa: DTZ001
        (datetime(1, 1, 1, tzinfo=UTC), timedelta(hours=1)),
        (datetime(9999, 12, 31, tzinfo=UTC), timedelta(0)),
        (datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=-1)),
    ],
)
def test_a_moment_or_amount_that_cannot_be_counted_is_refused(start, amount):
    with pytest.raises(BusinessTimeError):
        business_time.add_working(business_time.always(), start, amount)


def test_a_desk_that_never_opens_is_told_and_not_waited_for():
    closed = Calendar.of(zone="UTC", week=[[]] * 7)

    with pytest.raises(BusinessTimeError, match="not open for long enough"):
        business_time.add_working(closed, datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=1))


def test_moments_before_the_epoch_are_counted_too():
    calendar = Calendar.of(zone="Asia/Shanghai", week=WEEK)
    monday = datetime(1962, 1, 1, 9, tzinfo=zoneinfo.ZoneInfo("Asia/Shanghai"))

    due = business_time.add_working(calendar, monday, timedelta(hours=4))

    assert due == monday.replace(hour=14, minute=30)
    assert business_time.working_seconds_between(calendar, monday, due) == 4 * 3600
