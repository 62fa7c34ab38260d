"""`python -m benchmarks.replay_quarter`: a quarter of arrivals into the portal that runs here, then the count.

    python -m benchmarks.replay_quarter --portal http://127.0.0.1:8000 --days 91 --seed 7

It opens shops of its own with a key each and a source that signs; all else goes over HTTP, while the portal's drain
and sweeps do their work (`make demo` runs them). It ends well when pandas counts in the portal's rows what happened in
the market and what the portal answered.
"""

import argparse
import importlib
import sys
import time

import django

from merchant_protection.config import entry
from merchant_protection.foundation import tenancy


def arguments() -> argparse.ArgumentParser:
    """Return what may be said on the command line."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.replay_quarter")
    words.add_argument("--portal", default="http://127.0.0.1:8000", help="where the portal runs")
    words.add_argument("--days", type=int, default=91)
    words.add_argument("--seed", type=int, default=20261124, help="what happens follows from it")
    words.add_argument("--orders-a-day", type=float, default=8, help="of each of two shops")
    words.add_argument("--stories-a-day", type=float, default=2.5, help="blackmailers and gangs")
    return words


def main() -> int:
    """Open shops, tell, file, count."""
    given = vars(arguments().parse_args())
    entry.prepare()
    django.setup()
    shops = importlib.import_module("benchmarks.replay_shops")  # models only after the settings
    counting = importlib.import_module("benchmarks.replay_count")
    started = time.monotonic()
    replay = shops.opened(**given)
    try:
        replay.tell()
        replay.wait()
        replay.file()
        with tenancy.platform():
            faults = counting.differences(replay, at=replay.until)
    finally:
        replay.close()
    told = f"{sum(replay.told.values())} events, {len(replay.market.orders)} orders, {len(replay.filed)} complaints"
    print(f"{told} in {time.monotonic() - started:.0f} s: {'; '.join(faults) or 'nothing lost, nothing twice'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
