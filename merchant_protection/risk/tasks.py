"""Periodic work on warnings."""

from celery import shared_task

from merchant_protection.foundation import slots
from merchant_protection.risk.services import appealing, counting, restricting, warnings


@shared_task(ignore_result=True)
def expire_due(**_: object) -> None:
    slots.run(warnings.expire_due)


@shared_task(ignore_result=True)
def lapse_due(**_: object) -> None:
    slots.run(restricting.lapse_due)


@shared_task(ignore_result=True)
def tell_overdue(**_: object) -> None:
    slots.run(appealing.tell_overdue)


@shared_task(ignore_result=True)
def count_over_shops(**_: object) -> None:
    slots.run(counting.count_over_shops)
