"""Periodic work on warnings."""

from celery import shared_task

from merchant_protection.foundation import slots
from merchant_protection.risk.services import warnings


@shared_task(ignore_result=True)
def expire_due(**_: object) -> None:
    slots.run(warnings.expire_due)
