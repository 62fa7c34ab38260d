"""Live sessions: seats, the queue, attendance, rooms; TR-02 and TR-04 with its control."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, NotAllowed
from merchant_protection.notices.models import Notice
from tests.factories.accounts import MembershipFactory, MerchantFactory, UserFactory
from tests.fixtures.people import Persona
from training.lifecycle import QUESTION_MOVES, SESSION_MOVES
from training.models import Attendance, LiveSession, Registration, Reminder, RoomPost, StudySpan
from training.queries import sessions as queries
from training.services import attending, reminders, rooms, seats, sessions, timing

HOUR = timedelta(hours=1)


def plan(at: datetime, **more: Any) -> dict[str, Any]:
    return {"title": {"en": "Live"}, "starts_at": at, "ends_at": at + HOUR, "capacity": 10, **more}


@pytest.fixture
def session(trainer: Persona, now: datetime) -> LiveSession:
    with tenancy.platform():
        return sessions.schedule(actor=trainer.actor, plan=plan(now + 2 * HOUR, stream_url="/s.m3u8"), at=now)


def crowd(count: int) -> list[Persona]:
    """So many people of five shops."""
    shops = [MerchantFactory() for _ in range(5)]
    return [
        Persona(MembershipFactory(merchant=shops[place % 5], user=UserFactory()).user, shops[place % 5])
        for place in range(count)
    ]


def in_shop(person: Persona) -> Any:
    assert person.shop
    return tenancy.merchant(person.shop.pk)


def register_all(people: list[Persona], session_id: int, at: datetime) -> None:
    actors = [(person, person.actor) for person in people]

    def one(pair: tuple[Persona, Any]) -> None:
        try:
            with in_shop(pair[0]):
                seats.register(actor=pair[1], session_id=session_id, at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(one, actors))


def counts() -> dict[str, int]:
    with tenancy.platform():
        rows = list(Registration.objects.values_list("status", flat=True))
    return {status: rows.count(status) for status in ("SEATED", "WAITING", "CANCELLED")}


def test_every_move_of_sessions_and_questions() -> None:
    def legal(moves: Any, statuses: tuple[str, ...]) -> set[tuple[str, str, str]]:
        return {(s, name, move.target) for name, move in moves.items() for s in statuses if s in move.sources}

    assert legal(SESSION_MOVES, ("SCHEDULED", "LIVE", "ENDED", "CANCELLED")) == {
        ("SCHEDULED", "go_live", "LIVE"),
        ("LIVE", "end", "ENDED"),
        ("SCHEDULED", "cancel", "CANCELLED"),
    }
    assert legal(QUESTION_MOVES, ("PENDING", "SHOWN", "ANSWERED", "DECLINED")) == {
        ("PENDING", "show", "SHOWN"),
        ("DECLINED", "show", "SHOWN"),
        ("PENDING", "decline", "DECLINED"),
        *((status, "answer", "ANSWERED") for status in ("PENDING", "SHOWN", "ANSWERED", "DECLINED")),
    }


@pytest.mark.case("TR-04")
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_get_exactly_the_seats_there_are_and_the_queue_moves_up(
    session: LiveSession, now: datetime
) -> None:
    people = crowd(50)

    register_all(people, session.pk, now)
    register_all(people[:5], session.pk, now)  # asking again changes nothing

    assert counts() == {"SEATED": 10, "WAITING": 40, "CANCELLED": 0}
    with tenancy.platform():
        session.refresh_from_db()
        assert (session.seats_taken, session.waiting) == (10, 40)
        seated = list(Registration.objects.filter(status="SEATED").values_list("user_id", flat=True))
        first = list(queries.queue_of(session.pk).values_list("user_id", flat=True)[:3])
    for person in [each for each in people if each.user.pk in seated][:3]:
        with in_shop(person):
            seats.give_up(actor=person.actor, session_id=session.pk, at=now)
    with tenancy.platform():
        assert seats.fill(now=now) == 3
        assert seats.fill(now=now) == 0
        risen = set(Registration.objects.filter(user_id__in=first).values_list("status", flat=True))
    assert counts() == {"SEATED": 10, "WAITING": 37, "CANCELLED": 3}
    assert risen == {"SEATED"}, "those who waited longest"


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_there_are_more_seats_than_there_are(session: LiveSession, now: datetime) -> None:
    """The control: the same race with the session read without its lock."""
    people = crowd(50)

    def unlocked(session_id: int) -> LiveSession:
        return LiveSession.objects.get(pk=session_id)

    with mock.patch.object(queries, "lock", unlocked):
        register_all(people, session.pk, now)

    assert counts()["SEATED"] > 10


@pytest.mark.django_db
def test_who_comes_while_others_wait_goes_behind_them(session: LiveSession, now: datetime) -> None:
    people = crowd(12)
    for person in people[:11]:
        with in_shop(person):
            seats.register(actor=person.actor, session_id=session.pk, at=now)
    with in_shop(people[0]):
        seats.give_up(actor=people[0].actor, session_id=session.pk, at=now)
    with in_shop(people[11]):
        late = seats.register(actor=people[11].actor, session_id=session.pk, at=now)

    with tenancy.platform():
        seats.fill(now=now)
        waited = Registration.objects.get(user=people[10].user)
    assert (late.status, waited.status) == ("WAITING", "SEATED")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["merchant", "staff", "reviewer"])
def test_only_trainers_plan_and_hold_sessions(who: str, request: Any, session: LiveSession, now: datetime) -> None:
    person: Persona = request.getfixturevalue(who)
    calls: list[Callable[[], Any]] = [
        lambda: sessions.schedule(actor=person.actor, plan=plan(now), at=now),
        lambda: sessions.go_live(actor=person.actor, session_id=session.pk, at=now),
        lambda: sessions.cancel(actor=person.actor, session_id=session.pk, at=now),
        lambda: rooms.announce(actor=person.actor, session_id=session.pk, text="x", at=now),
    ]
    with tenancy.platform():
        for call in calls:
            with pytest.raises(NotAllowed):
                call()
        assert LiveSession.objects.count() == 1
        assert not RoomPost.objects.exists()


@pytest.fixture
def room(session: LiveSession, trainer: Persona, merchant: Persona, now: datetime) -> Iterator[datetime]:
    """A room that is live, with a seat for the merchant; yields when it began."""
    start = now + 2 * HOUR
    with tenancy.platform():
        seats.register(actor=merchant.actor, session_id=session.pk, at=now)
        sessions.go_live(actor=trainer.actor, session_id=session.pk, at=start)
        yield start


def beat(person: Persona, session: LiveSession, at: datetime, **told: Any) -> Attendance:
    return attending.beat(actor=person.actor, session_id=session.pk, told=timing.Beat(**told), at=at)


@pytest.mark.case("TR-02")
@pytest.mark.django_db
def test_attendance_counts_only_above_the_threshold_and_replay_separately(
    room: datetime, session: LiveSession, merchant: Persona, operator: Persona, trainer: Persona, now: datetime
) -> None:
    seats.register(actor=operator.actor, session_id=session.pk, at=now)
    for person in (merchant, operator):
        beat(person, session, room)

    # 42 minutes are 70 % of the hour: a second less does not count, two tabs do not make it more.
    for minute in range(9, 42, 9):
        there = beat(merchant, session, room + timedelta(minutes=minute), spans=[(540, 0)])
        there = beat(merchant, session, room + timedelta(minutes=minute), spans=[(540, 0)])
    there = beat(merchant, session, room + timedelta(minutes=41, seconds=59), spans=[(359, 0)])
    assert (there.live_seconds, there.attended_at) == (2519, None)
    there = beat(merchant, session, room + timedelta(minutes=42), spans=[(1, 0)])
    assert there.attended_at is not None

    # Half an hour there, and the whole recording afterwards: that is not attendance.
    for minute in (9, 18, 27):
        beat(operator, session, room + timedelta(minutes=minute), spans=[(540, 0)])
    sessions.end(
        actor=trainer.actor, session_id=session.pk, at=room + HOUR, recording_url="/r.m3u8", recording_seconds=600
    )
    after = room + 2 * HOUR
    seen = beat(operator, session, after, spans=[(300, 0)], seen=[(0, 600)])
    assert (seen.live_seconds, seen.attended_at) == (1620, None)
    assert seen.replay_seconds == 600
    assert seen.replayed_at is not None


@pytest.mark.django_db
def test_a_session_that_ended_early_is_judged_by_how_long_it_lasted(
    room: datetime, session: LiveSession, merchant: Persona, trainer: Persona
) -> None:
    beat(merchant, session, room)
    for minute in (9, 18):
        beat(merchant, session, room + timedelta(minutes=minute), spans=[(540, 0)])

    sessions.end(actor=trainer.actor, session_id=session.pk, at=room + timedelta(minutes=20))

    assert Attendance.objects.get().attended_at is not None


@pytest.mark.django_db
def test_without_a_seat_nobody_is_counted_in_a_room(room: datetime, session: LiveSession, operator: Persona) -> None:
    with pytest.raises(Conflict):
        beat(operator, session, room + timedelta(seconds=15), spans=[(15, 0)])

    assert not Attendance.objects.exists()
    assert not StudySpan.objects.exists()


@pytest.mark.django_db
def test_a_question_stands_on_the_board_without_a_name_once_the_host_takes_it_up(
    room: datetime, session: LiveSession, merchant: Persona, rival: Persona, trainer: Persona
) -> None:
    asked = rooms.ask(actor=merchant.actor, session_id=session.pk, text=" Why\n this? ", at=room)
    with pytest.raises(Conflict):
        rooms.ask(actor=merchant.actor, session_id=session.pk, text="Again?", at=room + timedelta(seconds=9))
    assert queries.posts_of(session.pk) == []

    rooms.show(actor=trainer.actor, question_id=asked.pk, at=room)
    rooms.answer(actor=trainer.actor, question_id=asked.pk, text="Because.", at=room)

    [post] = queries.posts_of(session.pk)
    assert (post.text, post.answer) == ("Why this?", "Because.")
    page = rival.client.get(f"/m/training/sessions/{session.pk}/live/")
    assert "Because." in page.content.decode()
    assert merchant.user.display_name not in page.content.decode()
    again = rival.client.get(f"/m/training/sessions/{session.pk}/live/", headers={"If-None-Match": page["ETag"]})
    assert again.status_code == 304


@pytest.mark.django_db
def test_reminders_come_a_day_an_hour_and_ten_minutes_before_and_follow_the_plan(
    trainer: Persona, merchant: Persona, now: datetime
) -> None:
    with tenancy.platform():
        session = sessions.schedule(actor=trainer.actor, plan=plan(now + timedelta(days=3)), at=now)
        seats.register(actor=merchant.actor, session_id=session.pk, at=now)
        later = now + timedelta(days=4)
        moved = plan(later)
        sessions.change(actor=trainer.actor, session_id=session.pk, plan=moved, at=now)

        sent = [
            reminders.send_due(now=later - before)
            for before in (timedelta(days=1, seconds=1), timedelta(days=1), HOUR, timedelta(minutes=10))
        ]
        again = reminders.send_due(now=later - timedelta(minutes=10))

        assert (sent, again) == ([0, 1, 1, 1], 0)
        assert Notice.objects.filter(kind="training.session_soon", merchant=merchant.shop).count() == 3


@pytest.mark.django_db
def test_nobody_is_reminded_of_what_was_called_off_or_given_back(
    trainer: Persona, merchant: Persona, session: LiveSession, now: datetime
) -> None:
    with tenancy.platform():
        seats.register(actor=merchant.actor, session_id=session.pk, at=now)
        seats.give_up(actor=merchant.actor, session_id=session.pk, at=now)
        assert reminders.send_due(now=now + HOUR) == 0
        seats.register(actor=merchant.actor, session_id=session.pk, at=now)
        sessions.cancel(actor=trainer.actor, session_id=session.pk, at=now)
        assert reminders.send_due(now=now + 3 * HOUR) == 0
        assert not Notice.objects.filter(kind="training.session_soon").exists()
        assert not Reminder.objects.filter(due_at__isnull=False).exists()
