"""When a webhook is tried again, when an endpoint is left alone for a while, and when it is given up."""

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# How long each try waits for after the one before it: ten tries over 75 hours, as Standard Webhooks advises.
WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
TRIES = len(WAITS)
JITTER = 0.1  # of the wait, added at most, so that what failed together does not come back together
LONGEST_ASKED = timedelta(hours=24)
PAUSES_AFTER = 40  # failures in a row
RESTS_AFTER = 5
FIRST_REST = timedelta(seconds=60)
LONGEST_REST = timedelta(minutes=10)


def wait_before(number: int, *, message_id: str, asked: timedelta | None = None) -> timedelta | None:
    """Return how long try `number` (2, 3, …) waits after the one before it; None when there is no such try.

    Up to a tenth is added, always the same for this try of this message. An endpoint that asked for more time
    (Retry-After) gets it, up to a day.
    """
    if number > TRIES:
        return None
    planned: timedelta = WAITS[number - 1] * (1 + JITTER * _share(f"{message_id}.{number}"))
    return max(planned, min(asked, LONGEST_ASKED)) if asked else planned


def rest_after(failures: int) -> timedelta | None:
    """Return how long an endpoint is left alone after so many failures in a row: 60 s from the fifth, doubling."""
    if failures < RESTS_AFTER:
        return None
    return min(LONGEST_REST, FIRST_REST * (1 << min(failures - RESTS_AFTER, 10)))


def is_to_be_paused(failures: int) -> bool:
    """Whether so many failures in a row mean that a person must look at the endpoint."""
    return failures >= PAUSES_AFTER


def asked_wait(retry_after: str, *, now: datetime) -> timedelta | None:
    """Return how long an answer's Retry-After asks to wait: seconds, or a date; None when it says nothing readable."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_ASKED.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), LONGEST_ASKED)


def _share(text: str) -> float:
    """Return a number from 0 to 1, evenly spread over texts and always the same for one."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
