"""The clocks of real rows: started, paused, met, missed, worked out again; and who hears of it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from claims.models import Claim, Clock, DeskSettings, Escalation, SlaPolicy, WorkCalendar
from claims.services import appealing, breaching, calendars, conversing, deciding, taking
from merchant_protection.foundation.errors import Invalid, NotAllowed
from merchant_protection.notices.models import Notice
from tests.factories import claims as make
from tests.fixtures.people import Persona

pytestmark = pytest.mark.usefixtures("platform_scope")
HOUR = timedelta(hours=1)
# A Monday morning in an ordinary week.
MORNING = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def _desk(reviewer: Persona, senior: Persona) -> None:
    make.on_the_desk(reviewer.user, lead=senior.user)
    make.on_the_desk(senior.user)


def auto_uphold(**limits: object) -> None:
    promises = [{"target": "RESOLUTION", "minutes": 60, "on_breach": "AUTO_UPHOLD"}]
    SlaPolicy.objects.update(promises=promises, steps=[])
    DeskSettings.objects.update(**limits)


def test_a_complaint_owes_a_first_response_and_a_resolution(merchant: Persona) -> None:
    claim = make.submitted(merchant.shop, at=MORNING)

    due = dict(Clock.objects.values_list("target", "due_at"))
    assert due == {"FIRST_RESPONSE": MORNING + 2 * HOUR, "RESOLUTION": MORNING + timedelta(days=1, hours=9)}
    assert claim.due_at == MORNING + 2 * HOUR
    assert Escalation.objects.count() == 12


def test_a_message_meets_the_first_response_and_starts_the_next_update(merchant: Persona, reviewer: Persona) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=MORNING)

    conversing.write_to_merchant(claim_id=claim.pk, actor=reviewer.actor, at=MORNING + HOUR, body="We look at it.")

    clocks = {clock.target: clock for clock in Clock.objects.all()}
    assert clocks["FIRST_RESPONSE"].stopped_at == MORNING + HOUR
    assert clocks["NEXT_UPDATE"].started_at == MORNING + HOUR
    assert not Escalation.objects.filter(clock=clocks["FIRST_RESPONSE"]).exists()


def test_asking_stops_the_clock_and_evidence_lets_it_go_on(merchant: Persona, reviewer: Persona) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=MORNING)
    before = Clock.objects.get(target="RESOLUTION").due_at

    conversing.ask_for_evidence(
        claim_id=claim.pk, actor=reviewer.actor, at=MORNING + HOUR, body="The chat, please.", asks_for=["CHAT"]
    )
    claim.refresh_from_db()
    assert (claim.status, claim.is_paused, claim.reviewer_id) == ("AWAITING_EVIDENCE", True, None)

    conversing.receive_evidence(claim_id=claim.pk, actor=merchant.actor, at=MORNING + 4 * HOUR, body="Here it is.")
    claim.refresh_from_db()
    # From 10 to 13 o'clock the desk works two hours: it has its lunch from 12 to 13.
    assert Clock.objects.get(target="RESOLUTION").due_at == before + timedelta(days=1) - 9 * HOUR + 2 * HOUR
    assert (claim.status, claim.is_paused) == ("SUBMITTED", False)


def test_evidence_is_asked_for_by_who_has_the_case_and_in_words(
    merchant: Persona, reviewer: Persona, senior: Persona
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=MORNING)

    with pytest.raises(NotAllowed):
        conversing.ask_for_evidence(claim_id=claim.pk, actor=senior.actor, at=MORNING, body="The chat, please.")
    with pytest.raises(Invalid):
        conversing.ask_for_evidence(claim_id=claim.pk, actor=reviewer.actor, at=MORNING, body=" ")
    with pytest.raises(Invalid):
        conversing.ask_for_evidence(
            claim_id=claim.pk, actor=reviewer.actor, at=MORNING, body="This.", asks_for=["NO_SUCH"]
        )

    assert Claim.objects.get().status == "IN_REVIEW"


@pytest.mark.case("SLA-04")
def test_a_complaint_whose_evidence_never_came_is_closed_and_told(merchant: Persona, reviewer: Persona) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=MORNING)
    conversing.ask_for_evidence(claim_id=claim.pk, actor=reviewer.actor, at=MORNING, body="The chat, please.")
    until = MORNING + timedelta(days=3)

    assert conversing.expire_due(now=until - timedelta(seconds=1)) == 0
    assert conversing.expire_due(now=until) == 1
    assert conversing.expire_due(now=until) == 0

    claim.refresh_from_db()
    assert (claim.status, claim.closed_at, claim.due_at) == ("EXPIRED", until, None)
    told = Notice.objects.get(kind="claim.expired")
    assert (told.merchant_id, told.params, told.urgency) == (merchant.shop.pk, {"number": claim.number}, "CRITICAL")
    assert not Clock.objects.filter(stopped_at=None).exists()


def test_a_missed_target_is_noted_once_and_heard_of_by_the_right_people(
    merchant: Persona, reviewer: Persona, senior: Persona
) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=MORNING)
    late = MORNING + 2 * HOUR + timedelta(minutes=1)

    assert breaching.breach_overdue(now=MORNING + 2 * HOUR) == 0
    assert breaching.breach_overdue(now=late) == 1
    assert breaching.breach_overdue(now=late) == 0
    fired = breaching.fire_escalations(now=late)

    claim.refresh_from_db()
    told = dict(Escalation.objects.filter(kind="ESCALATION", fired_at=late).values_list("level", "told_id"))
    assert claim.is_overdue
    assert told == {1: reviewer.user.pk, 2: senior.user.pk}
    assert fired == Escalation.objects.exclude(fired_at=None).count()
    assert breaching.fire_escalations(now=late) == 0


def test_nothing_more_fires_once_it_is_decided(merchant: Persona, reviewer: Persona) -> None:
    make.decided(merchant.shop, reviewer.actor, at=MORNING)

    assert breaching.breach_overdue(now=MORNING + timedelta(days=9)) == 0
    assert breaching.fire_escalations(now=MORNING + timedelta(days=9)) == 0


def test_one_that_fails_holds_up_no_other(
    merchant: Persona, reviewer: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (make.submitted(merchant.shop, at=MORNING) for _ in range(2))
    change = breaching.moving.change

    def fail(claim: Claim, **changes: object) -> None:
        assert claim.pk != first.pk
        change(claim, **changes)

    monkeypatch.setattr(breaching.moving, "change", fail)
    late = MORNING + 2 * HOUR + timedelta(seconds=1)

    assert breaching.breach_overdue(now=late) == 1
    assert breaching.breach_overdue(now=late) == 0
    second.refresh_from_db()
    assert second.is_overdue
    assert Clock.objects.get(claim=first, target="FIRST_RESPONSE").due_at > late


def test_upholding_by_the_clock_is_off_until_switched_on_and_never_without_evidence(merchant: Persona) -> None:
    auto_uphold()
    make.submitted(merchant.shop, at=MORNING)
    Claim.objects.update(is_complete=True)

    breaching.breach_overdue(now=MORNING + 2 * HOUR)

    assert Claim.objects.get().status == "SUBMITTED"
    assert "AUTO_UPHOLD_IS_OFF" in Clock.objects.get().breach_answer["reasons"]


def test_upholding_by_the_clock_keeps_its_budget(merchant: Persona) -> None:
    auto_uphold(auto_uphold_on=True, auto_uphold_a_day=2)
    for _ in range(3):
        make.submitted(merchant.shop, at=MORNING)
    Claim.objects.update(is_complete=True)

    breaching.breach_overdue(now=MORNING + 2 * HOUR)

    assert sorted(Claim.objects.values_list("status", flat=True)) == ["SUBMITTED", "UPHELD", "UPHELD"]


def test_upholding_by_the_clock_leaves_large_amounts_to_people(merchant: Persona) -> None:
    auto_uphold(auto_uphold_on=True, auto_uphold_a_day=9)
    make.submitted(merchant.shop, at=MORNING, amount="9000")
    Claim.objects.update(is_complete=True)

    breaching.breach_overdue(now=MORNING + 2 * HOUR)

    assert Claim.objects.get().status == "SUBMITTED"
    assert Clock.objects.get().breach_answer == {"action": "ESCALATE", "reasons": ["NEEDS_SECOND_APPROVAL"]}


def test_a_target_can_tell_the_merchant(merchant: Persona) -> None:
    SlaPolicy.objects.update(promises=[{"target": "RESOLUTION", "minutes": 60, "on_breach": "NOTIFY"}])
    make.submitted(merchant.shop, at=MORNING)

    breaching.breach_overdue(now=MORNING + 2 * HOUR)

    assert Notice.objects.filter(kind="claim.late").count() == 1


def test_a_corrected_calendar_moves_what_runs_and_not_what_is_over(
    merchant: Persona, reviewer: Persona, staff: Persona
) -> None:
    make.decided(merchant.shop, reviewer.actor, at=MORNING)
    claim = make.submitted(merchant.shop, at=MORNING)
    over = list(Clock.objects.exclude(claim=claim).order_by("pk").values_list("due_at", flat=True))
    calendar = WorkCalendar.objects.get()

    calendars.correct(calendar_id=calendar.pk, actor=staff.actor, at=MORNING, dates={MORNING.date(): []})
    assert calendars.recompute_corrected(now=MORNING) == 1
    assert calendars.recompute_corrected(now=MORNING) == 0

    claim.refresh_from_db()
    assert claim.due_at == MORNING + timedelta(days=1, hours=2)
    assert list(Clock.objects.exclude(claim=claim).order_by("pk").values_list("due_at", flat=True)) == over


def test_a_correction_is_shown_before_it_is_made(merchant: Persona, staff: Persona) -> None:
    make.submitted(merchant.shop, at=MORNING)
    row = WorkCalendar.objects.get()
    always = calendars.queries.build(WorkCalendar(pk=row.pk, zone=row.zone, week=[[["00:00", "24:00"]]] * 7))

    shown = calendars.preview(calendar=always, calendar_id=row.pk, now=MORNING)

    # In whole days and nights the resolution comes sooner, but the first response is due as before.
    assert (shown.looked_at, shown.moved) == (1, 0)


def test_hours_that_make_no_calendar_are_refused(staff: Persona, reviewer: Persona) -> None:
    row = WorkCalendar.objects.get()

    with pytest.raises(Invalid):
        calendars.correct(calendar_id=row.pk, actor=staff.actor, at=MORNING, week=[[["18:00", "09:00"]]] * 7)
    with pytest.raises(NotAllowed):
        calendars.correct(calendar_id=row.pk, actor=reviewer.actor, at=MORNING, week=[[]] * 7)

    row.refresh_from_db()
    assert row.revision == 1


def test_holidays_of_a_year_are_taken_in_and_leave_alone_what_was_entered_by_hand(staff: Persona) -> None:
    row = WorkCalendar.objects.get()
    day = datetime(2026, 10, 1, tzinfo=ZoneInfo("Asia/Shanghai")).date()
    calendars.correct(calendar_id=row.pk, actor=staff.actor, at=MORNING, dates={day: [["10:00", "12:00"]]})

    taken_in = calendars.take_in_holidays(calendar_id=row.pk, year=2026, actor=staff.actor, at=MORNING)

    assert taken_in > 20
    assert row.dates.get(date=day).hours == [["10:00", "12:00"]]


def test_a_new_version_of_a_service_level_leaves_what_runs_alone(merchant: Persona, staff: Persona) -> None:
    old = make.submitted(merchant.shop, at=MORNING)
    promises = [{"target": "RESOLUTION", "minutes": 60, "on_breach": "ESCALATE"}]
    calendars.publish(code="HIGH", actor=staff.actor, at=MORNING, promises=promises)

    new = make.submitted(merchant.shop, at=MORNING)
    conversing.note(claim_id=old.pk, actor=staff.actor, at=MORNING, body="Seen.")

    assert set(Clock.objects.filter(claim=old).values_list("policy__version", flat=True)) == {1}
    assert list(Clock.objects.filter(claim=new).values_list("policy__version", "due_at")) == [(2, MORNING + HOUR)]
    with pytest.raises(Invalid):
        calendars.publish(code="HIGH", actor=staff.actor, at=MORNING, promises=[])


def test_a_flood_gets_staggered_clocks_and_an_ordinary_day_does_not(merchant: Persona) -> None:
    DeskSettings.objects.update(bulk_at_once=2, bulk_spacing=timedelta(minutes=15))

    started = [make.submitted(merchant.shop, at=MORNING).opened_at for _ in range(4)]

    assert [at - MORNING for at in started] == [timedelta(minutes=minutes) for minutes in (0, 0, 15, 30)]


def test_a_reviewer_who_has_seen_a_warning_is_not_told_again(merchant: Persona, reviewer: Persona) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=MORNING)
    breaching.fire_escalations(now=MORNING + HOUR)

    assert breaching.see(claim_id=claim.pk, actor=reviewer.actor, at=MORNING + HOUR) == 2
    assert breaching.see(claim_id=claim.pk, actor=reviewer.actor, at=MORNING + HOUR) == 0


def test_a_case_put_back_keeps_its_deadline(merchant: Persona, reviewer: Persona) -> None:
    claim = make.taken(merchant.shop, reviewer.actor, at=MORNING)
    due = claim.due_at

    taking.put_back(claim_id=claim.pk, actor=reviewer.actor, at=MORNING + HOUR, reason="Not mine.")

    claim.refresh_from_db()
    assert claim.due_at == due
    assert deciding.needs_second_person(claim) is False


def test_what_is_decided_before_its_clocks_start_leaves_none_running(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    """In a flood a shop's clocks start later; a reviewer who is faster than that owes nothing afterwards."""
    make.limits(bulk_at_once=0)

    claim = make.decided(merchant.shop, reviewer.actor, at=now)

    assert claim.opened_at > now + timedelta(minutes=5)
    assert (Clock.objects.filter(stopped_at=None).exists(), claim.due_at) == (False, None)
    assert breaching.breach_overdue(now=now + timedelta(days=60)) == 0


def test_an_appeal_in_the_moment_of_the_decision_has_its_own_clocks(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    claim = make.decided(merchant.shop, reviewer.actor, verdict=make.REJECT, at=now)

    appealing.appeal(
        claim_id=claim.pk, actor=merchant.actor, at=claim.decided_at, ground="FACTS_WRONG", text="It was swapped."
    )

    assert Claim.objects.get().due_at is not None
    assert Clock.objects.filter(stage=2, stopped_at=None).exists()
