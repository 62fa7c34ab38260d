"""Queue a notice in the transaction of the change it tells of."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from merchant_protection.foundation.transactions import transaction_required
from merchant_protection.notices import queries
from merchant_protection.notices.models import Delivery, Notice

WAKE = "NOTIFY portal_due"


@transaction_required
def queue(
    *,
    merchant_id: int,
    kind: str,
    at: datetime,
    params: Mapping[str, Any] | None = None,
    path: str = "",
    subject_id: object = "",
    urgency: str = Notice.Urgency.NORMAL,
    dedupe_key: str = "",
    only_to: int | None = None,
) -> Notice | None:
    """Tell a shop something, in its inbox and by the mail its people want.

    The words stand in `templates/notices/kinds/<kind>.html`; `params` are plain
    values for them and never personal data. With a `dedupe_key` the same thing is
    told once: nothing is returned when it was told before. With `only_to` one person of the
    shop is told, by the inbox and by mail, and nobody else.
    """
    notice, is_new = _once(
        merchant_id=merchant_id,
        kind=kind,
        params=dict(params or {}),
        path=path,
        subject_id=str(subject_id),
        urgency=urgency,
        dedupe_key=dedupe_key,
        created_at=at,
        only_to_id=only_to,
    )
    if not is_new:
        return None
    mails = [
        Delivery(
            merchant_id=merchant_id,
            notice=notice,
            channel=Delivery.Channel.EMAIL,
            recipient=user.email,
            dedupe_key=f"notice-{notice.pk}-{user.pk}",
            created_at=at,
            due_at=at,
        )
        for user in queries.people_to_mail(merchant_id, kind=kind, urgency=urgency)
        if only_to in (None, user.pk)
    ]
    Delivery.objects.bulk_create(mails)
    wake()
    return notice


@transaction_required
def put_away(
    *, merchant_id: int, kinds: Collection[str], at: datetime, subject_id: object = "", dedupe_key: str = ""
) -> int:
    """Take out of the shop's inbox what nobody has to do anything about any more; it stays findable.

    It is named as it was queued, by what it is about or by its key.
    """
    named = {"dedupe_key": dedupe_key} if dedupe_key else {"subject_id": str(subject_id)}
    told = Notice.objects.filter(merchant_id=merchant_id, kind__in=kinds, archived_at=None, **named)
    return told.update(archived_at=at)


@transaction_required
def wake() -> None:
    """Wake the drain when this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute(WAKE)


def _once(*, merchant_id: int, kind: str, dedupe_key: str, **fields: Any) -> tuple[Notice, bool]:
    if not dedupe_key:
        return Notice.objects.create(merchant_id=merchant_id, kind=kind, **fields), True
    return Notice.objects.get_or_create(merchant_id=merchant_id, kind=kind, dedupe_key=dedupe_key, defaults=fields)
