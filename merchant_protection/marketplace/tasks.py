"""Periodic work of the marketplace; each is one line that asks a service to handle what is due."""

from datetime import timedelta

from celery import shared_task

from merchant_protection.foundation import slots
from merchant_protection.marketplace.services import changes, deciding, imports, privacy, retagging, tying


@shared_task(ignore_result=True)
def catch_up(**_: object) -> None:
    slots.run(deciding.catch_up)


@shared_task(ignore_result=True)
def tie_after_sales(**_: object) -> None:
    slots.run(tying.tie_after_sales)


@shared_task(ignore_result=True)
def retag_due(**_: object) -> None:
    slots.run(retagging.retag_due)


@shared_task(ignore_result=True)
def erase_due(**_: object) -> None:
    slots.run(privacy.erase_due, every=timedelta(hours=1))


@shared_task(ignore_result=True)
def load_files(**_: object) -> None:
    slots.run(imports.load_due)


@shared_task(ignore_result=True)
def forget_old_changes(**_: object) -> None:
    slots.run(changes.forget_old, every=timedelta(hours=1))


@shared_task(ignore_result=True)
def forget_old_slots(**_: object) -> None:
    slots.run(slots.forget_old, every=timedelta(hours=1))
