"""Periodic work of the accounts; each is one line that asks a service to handle what is due."""

from datetime import timedelta

from celery import shared_task

from merchant_protection.accounts.services import idempotency
from merchant_protection.foundation import rates, shared_cache, slots


@shared_task(ignore_result=True)
def forget_idle_rates(**_: object) -> None:
    slots.run(rates.forget_idle, every=timedelta(hours=1))


@shared_task(ignore_result=True)
def forget_old_cache(**_: object) -> None:
    slots.run(shared_cache.forget_expired, every=timedelta(hours=1))


@shared_task(ignore_result=True)
def forget_expired(**_: object) -> None:
    slots.run(idempotency.forget_expired, every=timedelta(hours=1))
