import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.rules import sla
from claims.rules.sla import Alert, History, Interval, OnBreach, Promise, Step, Target, Terms
from merchant_protection.foundation import business_time, public_holidays
from merchant_protection.foundation.business_time import Calendar, Window
from tests.foundation import minute_oracle

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
OFFICE = (Window.between("09:00", "12:00"), Window.between("13:00", "18:00"))
PROMISES = (
    Promise(Target.FIRST_RESPONSE, 4 * HOUR),
    Promise(Target.NEXT_UPDATE, 8 * HOUR, OnBreach.NOTIFY),
    Promise(Target.RESOLUTION, 24 * HOUR, OnBreach.AUTO_UPHOLD),
)
STEPS = (Step(1, "OWNER", -HOUR), Step(2, "TEAM_LEAD", timedelta(0)), Step(3, "HEAD", 4 * HOUR))


@pytest.fixture
def terms() -> Terms:
    return Terms(public_holidays.chinese_calendar([2025, 2026]), PROMISES, 16 * HOUR, steps=STEPS)


def _at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def _of(found: tuple[sla.Clock, ...], target: Target) -> sla.Clock:
    return [clock for clock in found if clock.target == target][-1]


def test_a_new_claim_owes_a_first_response_and_a_resolution_but_no_update_yet(terms):
    found = sla.clocks(terms, History(opened_at=_at(6, 1, 9)))

    assert [clock.target for clock in found] == [Target.FIRST_RESPONSE, Target.RESOLUTION]
    assert sla.next_deadline(found).target == Target.FIRST_RESPONSE
    assert sla.next_deadline(found).due_at == _at(6, 1, 14)
    assert _of(found, Target.RESOLUTION).due_at == _at(6, 3, 18)


def test_the_update_target_starts_with_the_first_response_and_again_with_every_update(terms):
    history = History(
        opened_at=_at(6, 1, 9),
        first_response_at=_at(6, 1, 10),
        updates=(_at(6, 1, 9, 30), _at(6, 2, 15), _at(6, 2, 11)),
    )

    rounds = [clock for clock in sla.clocks(terms, history) if clock.target == Target.NEXT_UPDATE]

    assert [(clock.round, clock.started_at, clock.stopped_at) for clock in rounds] == [
        (1, _at(6, 1, 10), _at(6, 2, 11)),
        (2, _at(6, 2, 11), _at(6, 2, 15)),
        (3, _at(6, 2, 15), None),
    ]
    assert rounds[0].is_breached(_at(6, 9, 9))
    assert not rounds[1].is_breached(_at(6, 9, 9))
    assert sla.next_deadline(rounds).due_at == _at(6, 3, 15)


def test_an_update_sent_with_the_first_response_starts_no_round_of_its_own(terms):
    history = History(opened_at=_at(6, 1, 9), first_response_at=_at(6, 1, 10), updates=(_at(6, 1, 10),))

    assert [clock.round for clock in sla.clocks(terms, history) if clock.target == Target.NEXT_UPDATE] == [1]


def test_a_deadline_that_falls_as_a_pause_begins_is_not_put_off(terms):
    history = History(opened_at=_at(6, 1, 9), pauses=(Interval(_at(6, 1, 14), _at(6, 2, 9)),))

    assert _of(sla.clocks(terms, history), Target.FIRST_RESPONSE).due_at == _at(6, 1, 14)


def test_a_pause_that_was_over_before_a_clock_started_does_not_count_for_it(terms):
    pauses = (Interval(_at(6, 1, 9), _at(6, 1, 10)),)
    history = History(opened_at=_at(6, 1, 9), first_response_at=_at(6, 1, 11), pauses=pauses)

    assert _of(sla.clocks(terms, history), Target.NEXT_UPDATE).due_at == _at(6, 2, 11)


def test_pauses_that_touch_are_one_and_stop_before_the_claim_opened_or_once_it_is_resolved(terms):
    pauses = (
        Interval(_at(6, 1, 8), _at(6, 1, 10)),
        Interval(_at(6, 1, 14), _at(6, 1, 16)),
        Interval(_at(6, 1, 15), _at(6, 1, 15, 30)),
        Interval(_at(6, 1, 16), _at(6, 1, 17)),
        Interval(_at(6, 1, 17, 30)),
    )
    history = History(opened_at=_at(6, 1, 9), resolved_at=_at(6, 2, 9), pauses=pauses)

    assert sla.capped_pauses(terms, history) == (
        (_at(6, 1, 9), _at(6, 1, 10)),
        (_at(6, 1, 14), _at(6, 1, 17)),
        (_at(6, 1, 17, 30), _at(6, 2, 9)),
    )


def test_what_is_resolved_owes_nothing_more(terms):
    history = History(
        opened_at=_at(6, 1, 9),
        first_response_at=_at(6, 1, 10),
        updates=(_at(6, 1, 16), _at(6, 1, 17), _at(6, 2, 9)),
        resolved_at=_at(6, 1, 17),
    )

    found = sla.clocks(terms, history)

    assert sla.next_deadline(found) is None
    assert [clock.stopped_at for clock in found if clock.target == Target.NEXT_UPDATE] == [_at(6, 1, 16), _at(6, 1, 17)]


def test_a_claim_resolved_without_an_answer_stops_its_first_response(terms):
    found = sla.clocks(terms, History(opened_at=_at(6, 1, 9), resolved_at=_at(6, 1, 15)))

    assert _of(found, Target.FIRST_RESPONSE).stopped_at == _at(6, 1, 15)
    assert _of(found, Target.FIRST_RESPONSE).is_breached(_at(6, 1, 15))


def test_an_answer_on_the_very_moment_is_in_time(terms):
    found = sla.clocks(terms, History(opened_at=_at(6, 1, 9), first_response_at=_at(6, 1, 14)))

    assert not _of(found, Target.FIRST_RESPONSE).is_breached(_at(6, 9, 9))


def test_waiting_for_the_merchant_moves_the_deadline_by_the_working_time_waited(terms):
    pauses = (Interval(_at(6, 1, 17), _at(6, 2, 11)),)

    found = sla.clocks(terms, History(opened_at=_at(6, 1, 9), pauses=pauses))

    assert _of(found, Target.RESOLUTION).due_at == _at(6, 4, 12)


@pytest.mark.parametrize(("cap", "due"), [(2 * HOUR, _at(6, 4, 11)), (timedelta(0), _at(6, 3, 18))])
def test_a_pause_counts_only_up_to_the_cap(terms, cap, due):
    capped = Terms(terms.calendar, PROMISES, cap)
    pauses = (Interval(_at(6, 1, 10), _at(6, 2, 17)), Interval(_at(6, 2, 17, 30), _at(6, 8, 9)))

    found = sla.clocks(capped, History(opened_at=_at(6, 1, 9), pauses=pauses))

    assert _of(found, Target.RESOLUTION).due_at == due


def test_an_open_pause_shows_the_latest_deadline_and_resuming_brings_it_nearer(terms):
    waiting = History(opened_at=_at(6, 1, 9), pauses=(Interval(_at(6, 1, 11)),))
    resumed = History(opened_at=_at(6, 1, 9), pauses=(Interval(_at(6, 1, 11), _at(6, 1, 12)),))

    latest = _of(sla.clocks(terms, waiting), Target.RESOLUTION).due_at
    actual = _of(sla.clocks(terms, resumed), Target.RESOLUTION).due_at

    assert latest == _at(6, 5, 18)
    assert actual == _at(6, 4, 10)
    assert sla.is_paused(terms, waiting, _at(6, 1, 15))
    assert not sla.is_paused(terms, waiting, _at(6, 3, 11, 1))
    assert not sla.is_paused(terms, resumed, _at(6, 1, 12))


def test_pauses_are_read_from_the_history_of_statuses():
    moves = [
        (_at(6, 1, 9), "SUBMITTED"),
        (_at(6, 1, 10), "IN_REVIEW"),
        (_at(6, 1, 11), "AWAITING_EVIDENCE"),
        (_at(6, 2, 11), "IN_REVIEW"),
        (_at(6, 3, 9), "AWAITING_EVIDENCE"),
        (_at(6, 3, 10), "AWAITING_PLATFORM"),
    ]

    found = sla.pauses_from(moves, ["AWAITING_EVIDENCE", "AWAITING_PLATFORM"])

    assert found == (Interval(_at(6, 1, 11), _at(6, 2, 11)), Interval(_at(6, 3, 9)))
    assert sla.pauses_from(moves[:4], ["AWAITING_EVIDENCE"]) == found[:1]


def test_warnings_and_levels_are_due_before_and_after_the_target(terms):
    alerts = _of(sla.clocks(terms, History(opened_at=_at(6, 1, 9))), Target.FIRST_RESPONSE).alerts

    assert [(alert.kind, alert.level, alert.audience, alert.due_at) for alert in alerts] == [
        ("WARNING", 50, "OWNER", _at(6, 1, 11)),
        ("ESCALATION", 1, "OWNER", _at(6, 1, 12)),
        ("WARNING", 75, "OWNER", _at(6, 1, 12)),
        ("WARNING", 90, "OWNER", _at(6, 1, 13, 36)),
        ("ESCALATION", 2, "TEAM_LEAD", _at(6, 1, 14)),
        ("ESCALATION", 3, "HEAD", _at(6, 1, 18)),
    ]


def test_a_level_that_would_fall_before_the_start_falls_on_it(terms):
    early = Terms(terms.calendar, PROMISES, HOUR, warnings=(), steps=(Step(1, "OWNER", -9 * HOUR),))

    found = sla.clocks(early, History(opened_at=_at(6, 1, 9)))

    assert _of(found, Target.FIRST_RESPONSE).alerts[0].due_at == _at(6, 1, 9)


def test_progress_is_told_in_working_time(terms):
    history = History(opened_at=_at(6, 1, 9), pauses=(Interval(_at(6, 1, 10), _at(6, 1, 11)),))
    clock = _of(sla.clocks(terms, history), Target.FIRST_RESPONSE)

    shares = [sla.progress(terms, history, clock, _at(6, 1, hour)) for hour in (9, 10, 11, 12, 15, 18)]

    assert shares == [0.0, 0.25, 0.25, 0.5, 1.0, 1.75]


def test_progress_stops_with_the_clock(terms):
    history = History(opened_at=_at(6, 1, 9), first_response_at=_at(6, 1, 11))
    clock = _of(sla.clocks(terms, history), Target.FIRST_RESPONSE)

    assert sla.progress(terms, history, clock, _at(6, 5, 9)) == 0.5


def test_correcting_the_calendar_moves_what_is_pending_and_leaves_alone_what_has_fired(terms):
    holiday = Calendar.of(zone="Asia/Shanghai", week=[OFFICE] * 7, holidays=[date(2026, 6, 2)])
    corrected = Terms(holiday, PROMISES, 16 * HOUR, warnings=(50, 60), steps=STEPS)
    history = History(opened_at=_at(6, 1, 15))
    before = _of(sla.clocks(terms, history), Target.FIRST_RESPONSE).alerts
    after = _of(sla.clocks(corrected, history), Target.FIRST_RESPONSE).alerts

    found = sla.changes(pending=before[1:], fired=[before[0].key], wanted=after)

    assert before[0].key == ("WARNING", 50)
    assert [alert.key for alert in found.added] == [("WARNING", 60)]
    assert [(alert.key, alert.due_at) for alert in found.moved] == [
        (("ESCALATION", 2), _at(6, 3, 10)),
        (("ESCALATION", 3), _at(6, 3, 15)),
    ]
    assert [alert.key for alert in found.dropped] == [("WARNING", 75), ("WARNING", 90)]


def test_nothing_changes_when_nothing_was_corrected():
    alerts = [Alert("WARNING", 50, "OWNER", _at(6, 1, 9)), Alert("WARNING", 75, "OWNER", _at(6, 1, 10))]

    assert sla.changes(pending=alerts[1:], fired=[alerts[0].key], wanted=alerts) == sla.Changes()


ZONES = st.sampled_from(["Asia/Shanghai", "Europe/London", "America/New_York"])
ROUND_CLOCK = st.sampled_from([OFFICE, (Window(0, 1440),), (Window.between("00:00", "02:30"),)])


@st.composite
def _lives(draw):
    """A calendar and a claim's life: opened at some minute, with pauses that may touch, overlap or go on."""
    calendar = public_holidays.chinese_calendar([2025, 2026], zone=draw(ZONES), hours=draw(ROUND_CLOCK))
    opened = draw(st.integers(0, 400 * 1440))
    marks = draw(st.lists(st.tuples(st.integers(-600, 9_000), st.integers(0, 4_000)), max_size=5))
    pauses = [
        Interval(minute_oracle.moment(max(opened + start, 0)), minute_oracle.moment(max(opened + start, 0) + length))
        for start, length in marks
    ]
    if pauses and draw(st.booleans()):
        pauses[-1] = Interval(pauses[-1].start)
    return calendar, History(opened_at=minute_oracle.moment(opened), pauses=tuple(pauses))


def _due_by_the_minute(calendar: Calendar, history: History, amount: int, cap: int) -> datetime:
    """Live through the claim minute by minute, as a person with a wall clock would."""
    zone = zoneinfo.ZoneInfo(calendar.zone)
    at, worked, paused = history.opened_at, 0, 0
    while worked < amount:
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        if any(window.opens <= minute < window.closes for window in calendar.hours_on(local.date())):
            waiting = any(pause.start <= at and (pause.end is None or at < pause.end) for pause in history.pauses)
            if waiting and paused < cap:
                paused += 1
            else:
                worked += 1
        at += MINUTE
    return at


@given(life=_lives(), amount=st.integers(1, 1_500), cap=st.integers(0, 1_500))
@settings(max_examples=250, deadline=None)
@pytest.mark.case("SLA-02")
def test_a_deadline_with_pauses_is_what_living_through_it_minute_by_minute_gives(life, amount, cap):
    calendar, history = life
    terms = Terms(calendar, (Promise(Target.RESOLUTION, amount * MINUTE),), cap * MINUTE)

    (clock,) = sla.clocks(terms, history)

    assert clock.due_at == _due_by_the_minute(calendar, history, amount, cap)


@given(life=_lives(), amount=st.integers(1, 5_000), cap=st.integers(0, 5_000))
@settings(max_examples=300, deadline=None)
@pytest.mark.case("SLA-02")
def test_pausing_and_resuming_never_lengthens_beyond_the_cap_nor_shortens(life, amount, cap):
    calendar, history = life
    terms = Terms(calendar, (Promise(Target.RESOLUTION, amount * MINUTE),), cap * MINUTE, steps=STEPS)

    (clock,) = sla.clocks(terms, history)

    assert clock.due_at >= business_time.add_working(calendar, history.opened_at, amount * MINUTE)
    assert clock.due_at <= business_time.add_working(calendar, history.opened_at, (amount + cap) * MINUTE)


@given(life=_lives(), amount=st.integers(1, 3_000), cap=st.integers(0, 3_000))
@settings(max_examples=200, deadline=None)
def test_exactly_the_promised_time_was_worked_when_a_clock_falls_due(life, amount, cap):
    calendar, history = life
    terms = Terms(calendar, (Promise(Target.RESOLUTION, amount * MINUTE),), cap * MINUTE)

    (clock,) = sla.clocks(terms, history)

    assert sla.progress(terms, history, clock, clock.due_at) == 1.0
    assert [alert.due_at for alert in clock.alerts] == sorted(alert.due_at for alert in clock.alerts)
    assert all(history.opened_at <= alert.due_at <= clock.due_at for alert in clock.alerts)


def test_a_pause_across_a_change_of_clocks_is_counted_right():
    calendar = business_time.always("America/New_York")
    opened = datetime(2025, 11, 1, 12, tzinfo=UTC)
    terms = Terms(calendar, (Promise(Target.RESOLUTION, 24 * HOUR),), 100 * HOUR)

    (clock,) = sla.clocks(terms, History(opened, pauses=(Interval(opened + 3 * HOUR, opened + 28 * HOUR),)))

    assert clock.due_at == opened + 49 * HOUR
