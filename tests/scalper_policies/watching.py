"""How tests let the warnings look at orders: a change is owed, and the drain's loop takes it up."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Model

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Change
from scalper_policies import drains


def owe(things: Iterable[Model], *, kind: str, at: datetime) -> None:
    """Promise the warnings a look at each of these things."""
    with tenancy.platform():
        Change.objects.bulk_create(
            [
                Change(
                    merchant_id=thing.merchant_id,  # type: ignore[attr-defined]
                    consumer="risk_warnings",
                    kind=kind,
                    subject_id=thing.pk,
                    version=thing.version,  # type: ignore[attr-defined]
                    occurred_at=at,
                    created_at=at,
                    due_at=at,
                )
                for thing in things
            ],
            ignore_conflicts=True,
        )


def look_at(*things: Model, at: datetime, kind: str = "order.changed") -> int:
    """Let the loop of the drain look at these things now."""
    owe(things, kind=kind, at=at)
    with tenancy.platform():
        return drains.watch_orders(lambda: at)
