"""Who looked for due work, and when: alive is who claimed lately, not whose process exists."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from merchant_protection.foundation.models import Heartbeat

LATELY = timedelta(seconds=60)


def beat(name: str, *, at: datetime) -> None:
    """Note that this loop or sweep just looked for due work."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=at)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


def silent(names: Iterable[str], *, now: datetime, within: timedelta = LATELY) -> list[str]:
    """Return those of these loops and sweeps that have not looked lately."""
    heard = set(Heartbeat.objects.filter(at__gt=now - within).values_list("name", flat=True))
    return sorted(set(names) - heard)


def ages(*, now: datetime) -> dict[str, float]:
    """Return for each loop and sweep how many seconds ago it last looked."""
    return {name: (now - at).total_seconds() for name, at in Heartbeat.objects.values_list("name", "at")}
