"""Periodic work of the scalper policies."""

from celery import shared_task

from merchant_protection.foundation import slots
from scalper_policies.services import backtests, failing, releasing, versions


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
def run_backtests(**_: object) -> None:
    """Try policies on past orders."""
    slots.run(backtests.run_due)
