"""`python -m benchmarks.replay_quarter`: a quarter of arrivals into the portal that runs here, then the count.

    python -m benchmarks.replay_quarter --portal http://127.0.0.1:8000 --days 91 --seed 7

The portal is one of this checkout (`make demo`), or one whose DATABASE_URL stands in the environment here too. The
command opens shops of its own with a key each and a source that signs; all else goes over HTTP, while the portal's
drain and sweeps do their work. It ends with 0 when pandas counts in the portal's rows what happened in the market and
what the portal answered, with 1 when something was lost or twice, with 2 when it could not begin or go on.
"""

import argparse
import importlib
import math
import sys
import time

import django
import httpx

from benchmarks.replay import Stopped
from merchant_protection.config import entry
from merchant_protection.foundation import tenancy

MOST_DAYS = 400
SAID_EVERY = 2.0  # seconds


def arguments() -> argparse.ArgumentParser:
    """Return what may be said on the command line."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.replay_quarter")
    words.add_argument("--portal", type=address, default="http://127.0.0.1:8000", help="where the portal runs")
    words.add_argument("--days", type=days, default=91, help=f"1 to {MOST_DAYS}")
    words.add_argument("--seed", type=int, default=20261124, help="what happens follows from it")
    words.add_argument("--orders-a-day", type=rate, default=8, help="of each of two shops")
    words.add_argument("--stories-a-day", type=rate, default=2.5, help="blackmailers and gangs")
    return words


def address(given: str) -> str:
    """Return the address of a portal without a stroke at its end."""
    if not given.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("begin with http:// or https://")
    return given.rstrip("/")


def days(given: str) -> int:
    """Return a number of days that a replay can take."""
    if not given.isdecimal() or not 1 <= int(given) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MOST_DAYS}")
    return int(given)


def rate(given: str) -> float:
    """Return how many a day."""
    try:
        found = float(given)
    except ValueError:
        found = -1.0
    if not math.isfinite(found) or not 0 <= found <= 10_000:
        raise argparse.ArgumentTypeError("a number from 0 to 10000")
    return found


class Progress:
    """Says how far it is, now and then, with how long it has taken."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.next = 0.0

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self.started

    def __call__(self, words: str, *, always: bool = False) -> None:
        if always or self.seconds >= self.next:
            self.next = self.seconds + SAID_EVERY
            print(f"{self.seconds:6.0f} s  {words}", flush=True)


def main() -> int:
    """Open shops, tell, file, count."""
    given = vars(arguments().parse_args())
    say = Progress()
    try:
        httpx.get(f"{given['portal']}/healthz", timeout=10)
        return _replayed(given, say)
    except httpx.HTTPError as error:
        print(f"The portal at {given['portal']} did not answer: {error}. `make demo` starts one.", file=sys.stderr)
    except Stopped as why:
        print(why, file=sys.stderr)
    return 2


def _replayed(given: dict[str, object], say: Progress) -> int:
    entry.prepare()
    django.setup()
    shops = importlib.import_module("benchmarks.replay_shops")  # models only after the settings
    counting = importlib.import_module("benchmarks.replay_count")
    replay = shops.opened(**given, say=say)
    try:
        say(f"{' and '.join(replay.keys)} opened; {given['days']} days are told", always=True)
        replay.greet()
        replay.tell()
        say(f"{sum(replay.told.values())} events told; waiting for the drain", always=True)
        replay.wait()
        replay.file()
        say(f"{len(replay.filed)} complaints filed; counting", always=True)
        with tenancy.platform():
            faults = counting.differences(replay, at=replay.until)
    finally:
        replay.close()
    told = f"{sum(replay.told.values())} events, {len(replay.market.orders)} orders, {len(replay.filed)} complaints"
    say(f"{told}: {'; '.join(faults) or 'nothing lost, nothing twice'}", always=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
