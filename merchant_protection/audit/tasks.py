"""Periodic work of the audit; each is one line that asks a service to handle what is due."""

from celery import shared_task

from merchant_protection.audit import services
from merchant_protection.foundation import slots


@shared_task(ignore_result=True)
def link_committed(**_: object) -> None:
    slots.run(services.link_committed)
