"""What an answer teaches: labels of orders, and kinds that are silent about a buyer until a date."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.risk.models import Label, Snooze, Warning

LONGEST_SNOOZE = timedelta(days=180)


@transaction_required
def label(*, merchant_id: int, order_id: int, value: str, source: str, actor: Actor, at: datetime) -> Label:
    """Write down what a person found an order to be; the newest label counts."""
    return Label.objects.create(
        merchant_id=merchant_id, order_id=order_id, value=value, source=source, at=at, actor_name=actor.name[:200]
    )


@transaction_required
def label_warned(warning: Warning, value: str, *, actor: Actor, at: datetime) -> None:
    """Label the order a warning is about, if it is about one."""
    if warning.order_id is not None:
        label(
            merchant_id=warning.merchant_id,
            order_id=warning.order_id,
            value=value,
            source="warning",
            actor=actor,
            at=at,
        )


@transaction_required
def snooze_all(
    *, merchant_id: int, buyer_id: int, kinds: Iterable[str], until: datetime, actor: Actor, at: datetime
) -> None:
    """Let several kinds say nothing about a buyer until a date."""
    _require_near(until, at=at)
    for kind in kinds:
        _put(merchant_id, buyer_id, kind, until=until, note="", actor=actor, at=at)


@transaction_required
def snooze(warning: Warning, *, until: datetime, note: str, actor: Actor, at: datetime) -> None:
    """Let a kind say nothing about a buyer until a date, at most half a year ahead."""
    if warning.buyer_id is None:
        return
    _require_near(until, at=at)
    _put(warning.merchant_id, warning.buyer_id, warning.kind, until=until, note=note, actor=actor, at=at)


def _require_near(until: datetime, *, at: datetime) -> None:
    if not at < until <= at + LONGEST_SNOOZE:
        raise Invalid(fields={"snooze_until": [_("Choose a date within the next 180 days.")]})


def _put(merchant_id: int, buyer_id: int, kind: str, *, until: datetime, note: str, actor: Actor, at: datetime) -> None:
    Snooze.objects.update_or_create(
        merchant_id=merchant_id,
        buyer_id=buyer_id,
        kind=kind,
        defaults={"until": until, "made_at": at, "made_by": actor.name[:200], "note": note},
    )
