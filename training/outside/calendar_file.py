"""Live sessions as a calendar that other programs read (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event


@dataclass(frozen=True)
class Entry:
    """One session in a calendar."""

    uid: str
    title: str
    about: str
    address: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    changed_at: datetime
    revision: int
    is_cancelled: bool = False
    is_tentative: bool = False


def write(entries: Iterable[Entry], *, name: str) -> bytes:
    """Return the calendar; times stand in the zone of the session, with the zone's rules beside them."""
    calendar = Calendar()
    calendar.add("prodid", "-//Merchant Protection Portal//Training//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    zone = ZoneInfo(entry.time_zone)
    event = Event()
    event.add("uid", entry.uid)
    event.add("summary", entry.title)
    event.add("description", f"{entry.about}\n{entry.address}".strip())
    event.add("url", entry.address)
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.revision)
    event.add("status", "CANCELLED" if entry.is_cancelled else "TENTATIVE" if entry.is_tentative else "CONFIRMED")
    if not entry.is_cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.title)
        alarm.add("trigger", timedelta(minutes=-10))
        event.add_component(alarm)
    return event
