"""Periodic work of training; each is one line that asks a service to handle what is due."""

from datetime import timedelta

from celery import shared_task

from merchant_protection.foundation import slots
from training.services import assigning, attempts, publishing, reminders, seats


@shared_task(ignore_result=True)
def publish_due(**_: object) -> None:
    slots.run(publishing.publish_due)


@shared_task(ignore_result=True)
def tell_learners(**_: object) -> None:
    slots.run(publishing.tell_learners)


@shared_task(ignore_result=True)
def close_overdue(**_: object) -> None:
    slots.run(attempts.close_overdue)


@shared_task(ignore_result=True)
def fill(**_: object) -> None:
    slots.run(seats.fill)


@shared_task(ignore_result=True)
def send_due(**_: object) -> None:
    slots.run(reminders.send_due)


@shared_task(ignore_result=True)
def apply_rules(**_: object) -> None:
    slots.run(assigning.apply_rules, every=timedelta(minutes=5))
