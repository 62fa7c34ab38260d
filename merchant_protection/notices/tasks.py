"""Periodic work of the notices; each is one line that asks a service to handle what is due."""

from celery import shared_task

from merchant_protection.foundation import slots
from merchant_protection.notices.services import exports, webhooks


@shared_task(ignore_result=True)
def write_exports(**_: object) -> None:
    slots.run(exports.write_due)


@shared_task(ignore_result=True)
def forget_old(**_: object) -> None:
    slots.run(webhooks.forget_old)
