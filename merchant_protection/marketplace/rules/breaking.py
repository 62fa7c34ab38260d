"""When a platform that fails is left alone, tried again, and how slowly the backlog follows. Plain values only."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FAILURES_TO_OPEN = 5
FIRST_PAUSE = 60
LONGEST_PAUSE = 600
PROBE_LEASE = timedelta(seconds=60)
RAMP_AFTER = 240  # seconds of pause reached: the platform was away for seven minutes or more
RAMP_A_MINUTE = 60
RAMP_BURST = 5.0
RAMP_A_SECOND = (RAMP_A_MINUTE - RAMP_BURST) / 60  # so that no minute, wherever it begins, holds more than sixty


@dataclass(frozen=True)
class Health:
    """How a platform is doing, as its breaker keeps it."""

    failures: int = 0
    open_until: datetime | None = None
    open_seconds: int = 0
    probe_until: datetime | None = None
    retry_at: datetime | None = None
    is_ramping: bool = False
    ramp_tokens: float = 0.0
    ramp_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the platform is being left alone, or tried with one call."""
        return self.open_until is not None

    @property
    def is_plain(self) -> bool:
        """Whether nothing holds calls back."""
        return not (self.is_open or self.is_ramping or self.retry_at)


def allowance(health: Health, *, now: datetime, wanted: int) -> tuple[int, Health]:
    """Return how many calls may leave now, and the health once so many have been handed out.

    Closed: as many as wanted. Open: none, then one probe at a time. After an outage:
    sixty a minute until the backlog is gone.
    """
    if health.retry_at is not None and now < health.retry_at:
        return 0, health
    health = replace(health, retry_at=None)
    if health.open_until is not None:
        is_probing = health.probe_until is not None and now < health.probe_until
        if now < health.open_until or is_probing or wanted < 1:
            return 0, health
        return 1, replace(health, probe_until=now + PROBE_LEASE)
    if not health.is_ramping:
        return wanted, health
    since = max(0.0, (now - health.ramp_at).total_seconds()) if health.ramp_at else 0.0
    tokens = min(RAMP_BURST, health.ramp_tokens + since * RAMP_A_SECOND)
    allowed = min(wanted, int(tokens))
    return allowed, replace(health, ramp_tokens=tokens - allowed, ramp_at=now)


def handed_back(health: Health, *, unused: int) -> Health:
    """Return the health when fewer calls were due than allowed: a probe not made, or a backlog that is gone."""
    if unused < 1:
        return health
    if health.open_until is not None:
        return replace(health, probe_until=None)
    return replace(health, is_ramping=False, ramp_tokens=0.0, ramp_at=None)


def after_success(health: Health, *, now: datetime) -> Health:
    """Return the health after an answer: an open breaker closes, and after a long outage the backlog follows slowly."""
    if not health.is_open:
        return replace(health, failures=0, open_seconds=0)
    if health.open_seconds < RAMP_AFTER:
        return Health(retry_at=health.retry_at)
    return Health(retry_at=health.retry_at, is_ramping=True, ramp_at=now)


def after_failure(health: Health, *, now: datetime) -> Health:
    """Return the health after a failure: five in a row open it for a minute, each failed probe doubles, at most ten."""
    failures = health.failures + 1
    is_probe = health.open_until is not None and now >= health.open_until
    if is_probe:
        pause = min(LONGEST_PAUSE, health.open_seconds * 2)
    elif health.open_until is None and failures >= FAILURES_TO_OPEN:
        pause = FIRST_PAUSE
    else:
        return replace(health, failures=failures)
    return replace(
        health,
        failures=failures,
        open_until=now + timedelta(seconds=pause),
        open_seconds=pause,
        probe_until=None,
        is_ramping=False,
    )


def asked_to_wait(health: Health, *, now: datetime, seconds: float) -> Health:
    """Return the health after the platform asked for patience; that is no failure."""
    until = now + timedelta(seconds=max(1.0, min(seconds, float(LONGEST_PAUSE))))
    return replace(health, retry_at=max(until, health.retry_at or until))
