"""Queue a notice in the transaction of the change it tells of."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from merchant_protection.accounts.models import User
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
    people = queries.people_to_mail(merchant_id, kind=kind, urgency=urgency)
    _mail(notice, [user for user in people if only_to in (None, user.pk)], at=at)
    return notice


@transaction_required
def put_away(
    *, merchant_id: int, kinds: Collection[str], at: datetime, subject_id: object = "", dedupe_key: str = ""
) -> list[int]:
    """Take out of the shop's inbox what nobody has to do anything about any more; it stays findable.

    It is named as it was queued, by what it is about or by its key. Mail of it that has not left never does.
    Returns the numbers of what it was about, for `call_back`.
    """
    named = {"dedupe_key": dedupe_key} if dedupe_key else {"subject_id": str(subject_id)}
    told = Notice.objects.filter(merchant_id=merchant_id, kind__in=kinds, **named)
    found = list(told.values_list("pk", flat=True))
    told.filter(archived_at=None).update(archived_at=at)
    waiting = Delivery.objects.filter(merchant_id=merchant_id, notice_id__in=found, status=Delivery.Status.PENDING)
    waiting.update(status=Delivery.Status.WITHDRAWN, due_at=None)
    return found


@transaction_required
def call_back(
    notice_ids: Collection[int],
    *,
    merchant_id: int,
    kind: str,
    at: datetime,
    params: Mapping[str, Any],
    path: str,
    dedupe_key: str,
    but_not: int | None = None,
) -> Notice | None:
    """Tell by one short mail, whoever was mailed these notices and wants to know, that they need nothing any more.

    It does not stand in the inbox, where what it calls back is gone already. The person `but_not` brought it about
    and is told nothing.
    """
    left = Delivery.objects.filter(
        merchant_id=merchant_id, notice_id__in=list(notice_ids), status=Delivery.Status.DELIVERED
    )
    mailed = set(left.values_list("recipient", flat=True))
    people = queries.people_to_mail(merchant_id, kind=kind, urgency=Notice.Urgency.NORMAL) if mailed else []
    readers = [user for user in people if user.email in mailed and user.pk != but_not]
    if not readers:
        return None
    fields = {"params": dict(params), "path": path, "created_at": at, "archived_at": at}
    notice, is_new = _once(merchant_id=merchant_id, kind=kind, dedupe_key=dedupe_key, **fields)
    if is_new:
        _mail(notice, readers, at=at)
    return notice if is_new else None


@transaction_required
def wake() -> None:
    """Wake the drain when this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute(WAKE)


@transaction_required
def _mail(notice: Notice, readers: Iterable[User], *, at: datetime) -> None:
    mails = [
        Delivery(
            merchant_id=notice.merchant_id,
            notice=notice,
            channel=Delivery.Channel.EMAIL,
            recipient=user.email,
            dedupe_key=f"notice-{notice.pk}-{user.pk}",
            created_at=at,
            due_at=at,
        )
        for user in readers
    ]
    Delivery.objects.bulk_create(mails)
    wake()


def _once(*, merchant_id: int, kind: str, dedupe_key: str, **fields: Any) -> tuple[Notice, bool]:
    if not dedupe_key:
        return Notice.objects.create(merchant_id=merchant_id, kind=kind, **fields), True
    return Notice.objects.get_or_create(merchant_id=merchant_id, kind=kind, dedupe_key=dedupe_key, defaults=fields)
