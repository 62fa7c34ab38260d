"""When people buy, and how long things take."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
BY_HOUR = (
    0.35, 0.18, 0.10, 0.07, 0.06, 0.10, 0.25, 0.50, 0.80, 1.10, 1.30, 1.25,
    1.20, 1.15, 1.05, 1.05, 1.10, 1.05, 1.05, 1.35, 1.85, 2.10, 1.75, 0.95,
)  # fmt: skip
BY_WEEKDAY = (0.95, 0.92, 0.94, 0.97, 1.02, 1.14, 1.12)
FESTIVALS = {(11, 1): 1.7, (11, 10): 1.8, (11, 11): 3.2, (12, 12): 1.9, (6, 1): 1.4, (6, 18): 2.6, (3, 8): 1.4}
BUSIEST = max(BY_HOUR) * max(BY_WEEKDAY) * max(FESTIVALS.values())


def busyness(at: datetime) -> float:
    """Return how busy the shops are at this moment; 1 is the average of ordinary days."""
    local = at.astimezone(CHINA)
    festival = FESTIVALS.get((local.month, local.day), 1.0)
    return BY_HOUR[local.hour] * BY_WEEKDAY[local.weekday()] * festival


def next_arrival(rng: random.Random, *, after: datetime, per_day: float) -> datetime:
    """Return when the next order comes: a Poisson stream thinned to the hour, weekday and festival."""
    at = after
    while True:
        at += timedelta(days=rng.expovariate(per_day * BUSIEST))
        if rng.random() * BUSIEST < busyness(at):
            return at


@dataclass(frozen=True)
class Tempo:
    """How long each step of an order takes, in seconds, from and to."""

    pay: tuple[float, float]
    expire: float
    ship: tuple[float, float]
    deliver: tuple[float, float]
    regret: tuple[float, float]
    agree: tuple[float, float]
    refund: tuple[float, float]
    story: float

    def wait(self, rng: random.Random, step: str) -> timedelta:
        """Return how long this step takes this time."""
        low, high = getattr(self, step)
        return timedelta(seconds=low + (high - low) * rng.betavariate(1.6, 3))


HOUR = 3_600
PAST = Tempo(
    pay=(8, 900),
    expire=30 * 60,
    ship=(1.5 * HOUR, 44 * HOUR),
    deliver=(20 * HOUR, 110 * HOUR),
    regret=(2 * HOUR, 120 * HOUR),
    agree=(HOUR, 40 * HOUR),
    refund=(HOUR, 48 * HOUR),
    story=1.0,
)
LIVE = Tempo(
    pay=(2, 60),
    expire=5 * 60,
    ship=(90, 15 * 60),
    deliver=(10 * 60, 50 * 60),
    regret=(5 * 60, 60 * 60),
    agree=(3 * 60, 30 * 60),
    refund=(3 * 60, 30 * 60),
    story=0.1,
)
