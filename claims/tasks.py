"""Periodic work of the desk."""

from celery import shared_task

from claims.services import (
    appealing,
    breaching,
    calendars,
    conversing,
    evidence,
    folding,
    recognising,
    remedies,
    taking,
)
from merchant_protection.foundation import slots


@shared_task(ignore_result=True)
def breach_overdue(**_: object) -> None:
    slots.run(breaching.breach_overdue)


@shared_task(ignore_result=True)
def fire_escalations(**_: object) -> None:
    slots.run(breaching.fire_escalations)


@shared_task(ignore_result=True)
def release_run_out(**_: object) -> None:
    slots.run(taking.release_run_out)


@shared_task(ignore_result=True)
def expire_due(**_: object) -> None:
    slots.run(conversing.expire_due)


@shared_task(ignore_result=True)
def finalise_due(**_: object) -> None:
    slots.run(appealing.finalise_due)


@shared_task(ignore_result=True)
def recompute_corrected(**_: object) -> None:
    slots.run(calendars.recompute_corrected)


@shared_task(ignore_result=True)
def carry_out_due(**_: object) -> None:
    slots.run(remedies.carry_out_due)


@shared_task(ignore_result=True)
def fold_lanes(**_: object) -> None:
    slots.run(folding.fold_lanes)


@shared_task(ignore_result=True)
def let_go_removed(**_: object) -> None:
    slots.run(evidence.let_go_removed)


@shared_task(ignore_result=True)
def end_pauses(**_: object) -> None:
    slots.run(recognising.end_pauses)
