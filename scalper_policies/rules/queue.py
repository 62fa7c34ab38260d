"""Places in a queue (排队): orders go on one after the other at an even pace, in the order they came."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Place:
    """An order's place in a queue, and when it is due."""

    number: int
    due_at: datetime


def apart(per_minute: int) -> timedelta:
    """How long after one place the next is due, at so many orders a minute."""
    return timedelta(minutes=1) / per_minute


class Line:
    """A queue while orders pass by: whoever comes to an empty one goes on at once."""

    def __init__(self, per_minute: int) -> None:
        self._apart = apart(per_minute)
        self._last: Place | None = None

    def take(self, at: datetime) -> Place:
        """Give an order that came at this moment the next place."""
        last = self._last
        self._last = Place(1, at) if last is None else Place(last.number + 1, max(at, last.due_at + self._apart))
        return self._last
