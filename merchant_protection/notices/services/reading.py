"""What a person does with the shop's inbox."""

from collections.abc import Collection
from datetime import datetime

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import require
from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices import policies, queries
from merchant_protection.notices.models import Preference, Reading


@transaction
def mark_read(*, actor: Actor, merchant_id: int, notice_ids: Collection[int], at: datetime) -> int:
    """Note that the person has read these notices; return how many were unread."""
    require(policies.can_read(actor, merchant_id))
    unread = queries.unread(actor, merchant_id).filter(pk__in=notice_ids).values_list("pk", flat=True)
    readings = [Reading(merchant_id=merchant_id, notice_id=pk, user_id=actor.id, read_at=at) for pk in unread]
    Reading.objects.bulk_create(readings, ignore_conflicts=True)
    return len(readings)


@transaction
def mark_all_read(*, actor: Actor, merchant_id: int, at: datetime) -> int:
    """Note that the person has read everything in the inbox; return how many were unread."""
    require(policies.can_read(actor, merchant_id))
    unread = queries.unread(actor, merchant_id).values_list("pk", flat=True)
    readings = [Reading(merchant_id=merchant_id, notice_id=pk, user_id=actor.id, read_at=at) for pk in unread]
    Reading.objects.bulk_create(readings, ignore_conflicts=True)
    return len(readings)


@transaction
def mark_unread(*, actor: Actor, merchant_id: int, notice_ids: Collection[int]) -> int:
    """Take back that the person has read these notices."""
    require(policies.can_read(actor, merchant_id))
    mine = Reading.objects.filter(merchant_id=merchant_id, user_id=actor.id, notice_id__in=notice_ids)
    return mine.delete()[0]


@transaction
def archive(*, actor: Actor, merchant_id: int, notice_ids: Collection[int], at: datetime) -> int:
    """Take notices out of the shop's inbox; they stay findable."""
    require(policies.can_archive(actor, merchant_id))
    rows = queries.visible_to(actor).filter(merchant_id=merchant_id, pk__in=notice_ids, archived_at=None)
    return rows.update(archived_at=at)


@transaction
def restore(*, actor: Actor, merchant_id: int, notice_ids: Collection[int]) -> int:
    """Put archived notices back into the inbox."""
    require(policies.can_archive(actor, merchant_id))
    rows = queries.visible_to(actor).filter(merchant_id=merchant_id, pk__in=notice_ids, archived_at__isnull=False)
    return rows.update(archived_at=None)


@transaction
def prefer(*, actor: Actor, merchant_id: int, kind: str, by_email: bool) -> Preference:
    """Say whether notices of a kind should also come by e-mail; critical ones always do."""
    require(policies.can_read(actor, merchant_id))
    preference, _created = Preference.objects.update_or_create(
        merchant_id=merchant_id, user_id=actor.id, kind=kind, defaults={"by_email": by_email}
    )
    return preference
