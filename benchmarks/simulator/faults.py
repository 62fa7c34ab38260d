"""How the platform fails when it is told to.

Which request fails depends on the seed, its idempotency key and how often that key came,
never on the order in which requests arrive: a run can be repeated though threads race.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from benchmarks.simulator import chance

KINDS = ("unavailable", "throttled", "lost", "hang")


@dataclass(frozen=True)
class Rates:
    """Shares of requests, 0 to 1.

    unavailable: 503, nothing done. throttled: 429, nothing done. lost: done, but the
    connection breaks instead of an answer. hang: nothing for `hang_seconds`, then done
    and answered, when the caller has long hung up. slow_seconds delays every answer.
    """

    unavailable: float = 0.0
    throttled: float = 0.0
    lost: float = 0.0
    hang: float = 0.0
    hang_seconds: float = 15.0
    slow_seconds: float = 0.0
    retry_after: int = 1

    def changed(self, given: Mapping[str, Any]) -> Rates:
        """Return the rates with these replaced; ValueError for what makes no sense."""
        unknown = set(given) - {one.name for one in fields(self)}
        if unknown:
            raise ValueError(f"No such fault: {', '.join(sorted(unknown))}")
        rates = replace(self, **{name: type(getattr(self, name))(value) for name, value in given.items()})
        shares = [getattr(rates, kind) for kind in KINDS]
        if min(shares) < 0 or sum(shares) > 1 or min(rates.hang_seconds, rates.slow_seconds, rates.retry_after) < 0:
            raise ValueError("Shares lie between 0 and 1 and sum up to no more than 1; seconds are not negative.")
        return rates


class Faults:
    """The faults now in force."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rates = Rates()
        self._down_until = 0.0
        self._wake = threading.Event()

    def set(self, given: Mapping[str, Any]) -> None:
        """Change rates; `down` is true, false or a number of seconds."""
        given = dict(given)
        down = given.pop("down", None)
        self.rates = self.rates.changed(given)
        if down is not None:
            self._down_until = time.monotonic() + _seconds(down)

    def clear(self) -> None:
        """Work well again."""
        self.rates = Rates()
        self._down_until = 0.0

    @property
    def down(self) -> bool:
        """Say whether the platform is down now."""
        return time.monotonic() < self._down_until

    def pick(self, key: str, time_seen: int) -> str:
        """Return the fault that befalls this request, or ""."""
        drawn = chance.share(self.seed, "fault", key, time_seen)
        for kind in KINDS:
            drawn -= getattr(self.rates, kind)
            if drawn < 0:
                return kind
        return ""

    def wait(self, seconds: float) -> None:
        """Hang, but not beyond the end of the program."""
        self._wake.wait(seconds)

    def stop(self) -> None:
        """Let everything that hangs go."""
        self._wake.set()

    def data(self) -> dict[str, Any]:
        """Return the faults for the control page."""
        return {**asdict(self.rates), "down": self.down}


def _seconds(down: Any) -> float:
    if isinstance(down, bool):
        return float("inf") if down else 0.0
    return float(down)
