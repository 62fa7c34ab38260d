"""TR-07: the calendar that other programs read."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from icalendar import Calendar

from merchant_protection.foundation import tenancy
from tests.fixtures.people import Persona
from training.models import LiveSession
from training.services import seats, sessions

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


def planned(trainer: Persona, start: datetime, *, zone: str, now: datetime) -> LiveSession:
    plan = {
        "title": {"en": "Floor prices, live", "zh": "保护价直播"},
        "summary": {"en": "With questions; and a semicolon, too.\nSecond line."},
        "starts_at": start,
        "ends_at": start + timedelta(hours=1),
        "time_zone": zone,
        "capacity": 5,
    }
    with tenancy.platform():
        return sessions.schedule(actor=trainer.actor, plan=plan, at=now)


def address_of(person: Persona) -> str:
    page = person.client.post("/m/training/calendar/").content.decode()
    found = re.search(r"/calendar/[\w-]+\.ics", page)
    assert found
    return found.group()


def feed(address: str) -> Calendar:
    answer = Client().get(address)
    assert answer["Content-Type"].startswith("text/calendar")
    return Calendar.from_ical(answer.content)  # type: ignore[return-value]


@pytest.mark.case("TR-07")
def test_the_feed_imports_with_times_right_over_daylight_saving(
    trainer: Persona, merchant: Persona, now: datetime
) -> None:
    winter = datetime(2027, 3, 27, 19, 0, tzinfo=BERLIN)
    summer = datetime(2027, 3, 28, 19, 0, tzinfo=BERLIN)  # the night between, the clocks go forward
    china = datetime(2027, 3, 28, 20, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    made = [
        planned(trainer, winter, zone="Europe/Berlin", now=now),
        planned(trainer, summer, zone="Europe/Berlin", now=now),
        planned(trainer, china, zone="Asia/Shanghai", now=now),
    ]
    with tenancy.platform():
        for session in made:
            seats.register(actor=merchant.actor, session_id=session.pk, at=now)

    calendar = feed(address_of(merchant))

    events = {str(event["UID"]).split("@")[0]: event for event in calendar.walk("VEVENT")}
    starts = [events[f"session-{session.pk}"].decoded("DTSTART") for session in made]
    assert [start.astimezone(UTC) for start in starts] == [
        datetime(2027, 3, 27, 18, 0, tzinfo=UTC),
        datetime(2027, 3, 28, 17, 0, tzinfo=UTC),
        datetime(2027, 3, 28, 12, 0, tzinfo=UTC),
    ]
    assert [start.strftime("%H:%M") for start in starts] == ["19:00", "19:00", "20:00"]
    zones = {str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")}
    assert zones == {"Europe/Berlin", "Asia/Shanghai"}
    first = events[f"session-{made[0].pk}"]
    assert (str(first["SUMMARY"]), str(first["STATUS"])) == ("Floor prices, live", "CONFIRMED")
    assert "semicolon, too.\nSecond line." in str(first["DESCRIPTION"])


def test_a_change_raises_the_sequence_and_a_cancellation_is_told(
    trainer: Persona, merchant: Persona, now: datetime
) -> None:
    session = planned(trainer, now + timedelta(days=2), zone="UTC", now=now)
    with tenancy.platform():
        seats.register(actor=merchant.actor, session_id=session.pk, at=now)
    address = address_of(merchant)
    [before] = feed(address).walk("VEVENT")
    with tenancy.platform():
        sessions.cancel(actor=trainer.actor, session_id=session.pk, at=now)

    [after] = feed(address).walk("VEVENT")

    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert str(after["STATUS"]) == "CANCELLED"
    assert before["UID"] == after["UID"]


def test_a_new_address_ends_the_old_one_and_a_guess_opens_nothing(merchant: Persona) -> None:
    first = address_of(merchant)
    second = address_of(merchant)

    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    assert Client().get("/calendar/guess.ics").status_code == 404


def test_one_session_is_a_file_of_its_own(trainer: Persona, merchant: Persona, now: datetime) -> None:
    session = planned(trainer, now + timedelta(days=2), zone="UTC", now=now)

    answer = merchant.client.get(f"/m/training/sessions/{session.pk}/session.ics")

    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.decoded("DTSTART") == session.starts_at
