"""Sweeps that only note that they ran: each turn adds a line to the file named by TICKS."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from celery import shared_task

from merchant_protection.foundation import slots

EVERY = timedelta(seconds=2)
FIVE_MINUTES = timedelta(minutes=5)


def often(*, now: datetime) -> None:
    """A sweep of every two seconds."""
    _note("often", now, EVERY)


def long_job(*, now: datetime) -> None:
    """A sweep of every five minutes."""
    _note("long", now, FIVE_MINUTES)


@shared_task(name="ticking.often", ignore_result=True)
def often_task() -> None:
    slots.run(often, every=EVERY)


@shared_task(name="ticking.long", ignore_result=True)
def long_task() -> None:
    slots.run(long_job, every=FIVE_MINUTES)


def _note(name: str, now: datetime, every: timedelta) -> None:
    with Path(os.environ["TICKS"]).open("a") as file:
        file.write(f"{name} {int(now.timestamp() // every.total_seconds())}\n")
