"""Lists that hurt whoever writes them: once, so that the next one gets through, or each time.

A list's filter names the misdeed and the file in which each start is noted.
"""

import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from merchant_protection.foundation import slots, tables
from merchant_protection.marketplace.views import orders
from merchant_protection.notices.services import exports

KIND = "hazard"
FOREVER = 3_600
MORE_THAN_THERE_IS = 4 << 30
ROOM = 256 << 20

exports.LEASE = timedelta(seconds=float(os.environ.get("HAZARD_LEASE", "60")))
settings.EXPORTS = settings.EXPORTS | {KIND: ("Hazard", "tests.faults.misdeeds.table")}


@shared_task(name="hazards.write_lists", ignore_result=True)
def write_lists(**_: object) -> None:
    slots.run(exports.write_due, every=timedelta(seconds=2))


def table(actor: Any, asked: Mapping[str, str]) -> tables.Table:
    """The shop's orders; while they are written, what the filter says happens."""
    whole = orders.table(actor, {})
    if "misdeed" in asked:
        starts = Path(asked["starts"])
        with starts.open("a") as file:
            file.write(f"{time.time()}\n")
        if asked.get("always") or len(starts.read_text().splitlines()) == 1:
            MISDEEDS[asked["misdeed"]]()
    return whole


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _eat() -> None:
    """Ask for more memory than the process may have."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, before[1]))
    try:
        bytearray(MORE_THAN_THERE_IS)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _dawdle() -> None:
    time.sleep(FOREVER)


def _never_listen() -> None:
    """Sleep on through the soft limit, as a call into C does that never comes back."""
    end = time.monotonic() + FOREVER
    while time.monotonic() < end:
        try:
            time.sleep(FOREVER)
        except SoftTimeLimitExceeded:
            continue


MISDEEDS: dict[str, Callable[[], None]] = {
    "die": _die,
    "eat": _eat,
    "dawdle": _dawdle,
    "never_listen": _never_listen,
}
