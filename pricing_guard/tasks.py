"""The guard's periodic checks and long jobs, each one line."""

from celery import shared_task

from merchant_protection.foundation import slots
from pricing_guard.services import backtests, floors
from pricing_guard.services.incidents import clocks, handing
from pricing_guard.services.watching import ahead, rechecking


@shared_task(ignore_result=True)
def end_grace(**_: object) -> None:
    slots.run(clocks.end_grace)


@shared_task(ignore_result=True)
def remind(**_: object) -> None:
    slots.run(clocks.remind)


@shared_task(ignore_result=True)
def write_ledgers(**_: object) -> None:
    slots.run(clocks.write_ledgers)


@shared_task(ignore_result=True)
def hand_over(**_: object) -> None:
    slots.run(handing.hand_over)


@shared_task(ignore_result=True)
def forget_loose(**_: object) -> None:
    slots.run(clocks.forget_loose)


@shared_task(ignore_result=True)
def look_ahead(**_: object) -> None:
    slots.run(ahead.look_ahead)


@shared_task(ignore_result=True)
def recheck(**_: object) -> None:
    slots.run(rechecking.recheck)


@shared_task(ignore_result=True)
def catch_missed(**_: object) -> None:
    slots.run(rechecking.catch_missed)


@shared_task(ignore_result=True)
def run_backtests(**_: object) -> None:
    slots.run(backtests.run_due)


@shared_task(ignore_result=True)
def apply_floors(**_: object) -> None:
    slots.run(floors.run_due)
