"""Periodic work of the scalper policies."""

from datetime import timedelta

from celery import shared_task

from merchant_protection.foundation import slots
from scalper_policies.services import backtests, draws, failing, failures, lists, releasing, versions

HOUR = timedelta(hours=1)


@shared_task(ignore_result=True)
def expire_due(**_: object) -> None:
    """End the policies whose launch is over."""
    slots.run(versions.expire_due)


@shared_task(ignore_result=True)
def release_unplaced(**_: object) -> None:
    """Give back what was kept for orders that were never placed."""
    slots.run(releasing.release_unplaced)


@shared_task(ignore_result=True)
def reconcile(**_: object) -> None:
    """Look at what was answered without the database."""
    slots.run(failing.reconcile)


@shared_task(ignore_result=True)
def tell_failures(**_: object) -> None:
    """Tell of policies that could not answer."""
    slots.run(failures.tell_failures)


@shared_task(ignore_result=True)
def run_backtests(**_: object) -> None:
    """Try policies on past orders."""
    slots.run(backtests.run_due)


@shared_task(ignore_result=True)
def read_lists(**_: object) -> None:
    """Read files of list entries."""
    slots.run(lists.read_due)


@shared_task(ignore_result=True)
def draw_due(**_: object) -> None:
    """Close entries and draw."""
    slots.run(draws.draw_due)


@shared_task(ignore_result=True)
def forget_entries(**_: object) -> None:
    """Drop list entries that ended long ago."""
    slots.run(lists.forget_expired, every=HOUR)
