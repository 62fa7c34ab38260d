"""Periodic work on files."""

from datetime import timedelta

from celery import shared_task

from merchant_protection.files.services import checking, uploads
from merchant_protection.foundation import slots

HOUR = timedelta(hours=1)


@shared_task(ignore_result=True)
def discard_abandoned(**_: object) -> None:
    slots.run(uploads.discard_abandoned, every=HOUR)


@shared_task(ignore_result=True)
def scan_again(**_: object) -> None:
    slots.run(checking.scan_again, every=HOUR)
