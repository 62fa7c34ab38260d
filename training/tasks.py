"""Periodic work of training; each is one line that asks a service to handle what is due."""

from celery import shared_task

from merchant_protection.foundation import slots
from training.services import publishing


@shared_task(ignore_result=True)
def publish_due(**_: object) -> None:
    slots.run(publishing.publish_due)


@shared_task(ignore_result=True)
def tell_learners(**_: object) -> None:
    slots.run(publishing.tell_learners)
