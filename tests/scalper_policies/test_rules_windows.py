"""Rolling windows against a slow and obvious count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalper_policies.rules import windows
from scalper_policies.rules.windows import LaunchCount, Reading, RollingCount, Row

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DRAWN = st.lists(st.tuples(st.integers(0, 240), st.sampled_from("abc"), st.integers(1, 4)), max_size=60)
EVENTS = DRAWN.map(
    lambda events: [Row(START + timedelta(minutes=m), key, units, n) for n, (m, key, units) in enumerate(events)]
)


def slow_hits(rows: list[Row], *, most: int, window: timedelta | None, enforced: bool) -> list[tuple[object, int]]:
    kept: list[Row] = []
    hits = []
    for row in rows:
        earlier = [old for old in kept if old.key == row.key and (window is None or old.at > row.at - window)]
        count = sum(old.units for old in earlier) + row.units
        if count > most:
            hits.append((row.source, count))
        if count <= most or not enforced:
            kept.append(row)
    return hits


@given(
    rows=EVENTS,
    most=st.integers(1, 9),
    window=st.sampled_from([None, HOUR, timedelta(minutes=1), timedelta(minutes=7), timedelta(hours=3)]),
    reading=st.sampled_from(Reading),
)
def test_hits_are_those_of_a_slow_count(rows: list[Row], most: int, window: timedelta | None, reading: Reading) -> None:
    rows = windows.in_order(rows)

    hits = [
        (hit.row.source, hit.observed) for hit in windows.limit_hits(rows, most=most, window=window, reading=reading)
    ]

    assert hits == slow_hits(rows, most=most, window=window, enforced=reading is Reading.ENFORCED)


def test_a_window_opens_after_its_edge_and_holds_its_own_moment() -> None:
    rows = [
        Row(START, "a", 1, "first"),
        Row(START + HOUR, "a", 1, "an hour later"),
        Row(START + HOUR, "a", 1, "at once"),
    ]

    hits = list(windows.limit_hits(rows, most=1, window=HOUR, reading=Reading.OBSERVED))

    assert [(hit.row.source, hit.observed) for hit in hits] == [("at once", 2)]


def test_a_rejected_order_reserves_nothing_where_limits_are_enforced() -> None:
    rows = [Row(START, "a", 2, 1), Row(START, "a", 3, 2), Row(START, "a", 1, 3)]

    observed = [hit.row.source for hit in windows.limit_hits(rows, most=3, window=HOUR, reading=Reading.OBSERVED)]
    enforced = [hit.row.source for hit in windows.limit_hits(rows, most=3, window=HOUR, reading=Reading.ENFORCED)]

    assert observed == [2, 3]
    assert enforced == [2]


def test_rows_out_of_order_are_refused() -> None:
    rows = [Row(START + HOUR, "a", 1), Row(START, "a", 1)]

    with pytest.raises(ValueError, match="in order of time"):
        list(windows.limit_hits(rows, most=1, window=HOUR, reading=Reading.OBSERVED))


def test_progress_is_told() -> None:
    told: list[int] = []
    rows = [Row(START, str(n), 1) for n in range(20_001)]

    list(windows.limit_hits(rows, most=1, window=HOUR, reading=Reading.OBSERVED, progress=told.append))

    assert told == [0, 10_000, 20_000]


@given(
    steps=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 3), st.booleans()), max_size=40),
    window=st.sampled_from([None, timedelta(minutes=45), timedelta(minutes=5)]),
)
def test_units_given_back_are_gone_once(steps: list[tuple[int, int, bool]], window: timedelta | None) -> None:
    count = windows.count_for(window)
    kept: list[tuple[datetime, int]] = []
    at = START
    for minutes, units, returned in steps:
        at += timedelta(minutes=minutes)
        count.add("a", at, units)
        kept.append((at, units))
        if returned and len(kept) > 1:
            placed, given = kept.pop(len(kept) // 2)
            count.give_back("a", placed, given)

        held = sum(number for placed, number in kept if window is None or placed > at - window)
        assert count.before("a", at) == held


def test_giving_back_to_a_stranger_or_twice_takes_nothing_below_zero() -> None:
    for count in (RollingCount(HOUR), LaunchCount()):
        count.give_back("nobody", START, 3)
        count.add("a", START, 2)
        count.give_back("a", START, 2)
        count.give_back("a", START, 2)

        assert count.before("a", START) == 0
        assert count.before("nobody", START) == 0


def test_keys_that_left_the_window_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "PURGE_FROM", 10)
    count = RollingCount(HOUR)
    for number in range(200):
        at = START + number * timedelta(minutes=30)
        count.add(f"once {number}", at, 1)
        count.add("always", at, 1)

    assert len(count._once) + len(count._often) <= 40
    assert count.before("always", at) == 2
