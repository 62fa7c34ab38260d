"""Until when an address of a file is good: so long that a page can be read, the same for a while so that it is kept."""

from datetime import UTC, datetime

STEP = 1800


def until(now: datetime) -> int:
    """Return the second until which an address given out now is good: half an hour to an hour from now."""
    return (int(now.timestamp()) // STEP + 2) * STEP


def is_over(until: int, now: datetime) -> bool:
    """Say whether the address is no longer good."""
    return now.timestamp() >= until


def moment(until: int) -> datetime:
    """Return that second as a time."""
    return datetime.fromtimestamp(until, tz=UTC)
