"""Every read of inbound sources, received events and the changes that features are owed."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import prepared, tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import Change, InboundSecret, InboundSource, InboxEvent, Platform


class LiveSource(NamedTuple):
    """A source that may send now, as far as taking in needs it."""

    pk: int
    merchant_id: int | None
    last_event_at: datetime | None
    secrets: list[str]  # sealed


LIVE_SOURCE = """
SELECT source.id, source.merchant_id, source.last_event_at, ARRAY(
    SELECT secret.secret_sealed FROM marketplace_inboundsecret secret
    WHERE secret.source_id = source.id AND secret.revoked_at IS NULL
      AND (secret.expires_at IS NULL OR secret.expires_at > %(at)s::timestamptz)
    ORDER BY secret.id)
FROM marketplace_inboundsource source JOIN marketplace_platform platform ON platform.id = source.platform_id
WHERE source.public_id = %(public_id)s::text AND source.is_active AND platform.is_active
"""
SHOPS = """
SELECT code, id FROM accounts_merchant
WHERE code = ANY(%(codes)s::text[]) AND is_active AND (%(only)s::bigint IS NULL OR id = %(only)s::bigint)
"""


def live_source(public_id: str, *, at: datetime) -> LiveSource | None:
    """Return a source that may send now, with the secrets that are good now; nothing for a stranger."""
    tenancy.require_scope()
    with prepared.cursor() as cursor:
        cursor.execute(LIVE_SOURCE, {"public_id": public_id, "at": at})
        row = cursor.fetchone()
    return LiveSource(*row) if row else None


def merchants_by_code(codes: Collection[str], *, only: int | None) -> dict[str, int]:
    """Return the active shops of these numbers; a shop's own source knows only its shop."""
    with prepared.cursor() as cursor:
        cursor.execute(SHOPS, {"codes": prepared.array(codes), "only": only})
        return dict(cursor.fetchall())


def digests(source_id: int, ids: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Return the digests of events that were received before, by shop and event."""
    rows = InboxEvent.objects.filter(
        source_id=source_id, merchant_id__in={shop for shop, _ in ids}, event_id__in={event for _, event in ids}
    )
    return {(shop, event): digest for shop, event, digest in rows.values_list("merchant_id", "event_id", "digest")}


def sources_visible_to(actor: Actor) -> QuerySet[InboundSource]:
    """Return the sources of the actor's shops; staff and the system see all, the platform's own too."""
    tenancy.require_scope()
    sources = InboundSource.objects.select_related("platform")
    return sources if actor.is_staff or actor.is_system else sources.filter(merchant_id__in=_shops(actor))


def secrets_of(source_id: int) -> QuerySet[InboundSecret]:
    """Return a source's secrets, newest first; what they say stays sealed."""
    return InboundSecret.objects.filter(source_id=source_id).order_by("-pk")


def lock_source(source_id: int) -> InboundSource:
    """Return a source, locked."""
    source = InboundSource.objects.select_for_update().filter(pk=source_id).first()
    if source is None:
        raise NotFound
    return source


def events_visible_to(actor: Actor) -> QuerySet[InboxEvent]:
    """Return the events received for the actor's shops; staff and the system see all.

    The source is not joined: the platform's own is nobody's shop, and a shop cannot see it.
    """
    tenancy.require_scope()
    events = InboxEvent.objects.all()  # without its source: the platform's own lies outside a shop's scope
    return events if actor.is_staff or actor.is_system else events.filter(merchant_id__in=_shops(actor))


def lock_event(event_id: int) -> InboxEvent:
    """Return a received event, locked."""
    event = InboxEvent.objects.select_for_update().filter(pk=event_id).first()
    if event is None:
        raise NotFound
    return event


def events_due() -> QuerySet[InboxEvent]:
    """Return the events that wait to be decided."""
    tenancy.require_scope()
    return InboxEvent.objects.filter(status=InboxEvent.Status.PENDING)


def still_mine(rows: Collection[InboxEvent]) -> list[InboxEvent]:
    """Lock those of the claimed events whose lease nobody else has taken over, and return them."""
    held = {row.pk: row.generation for row in rows}
    found = InboxEvent.objects.select_for_update().filter(pk__in=held).order_by("pk")
    return [row for row in found if row.generation == held[row.pk] and row.status == InboxEvent.Status.PENDING]


def changes_due(consumer: str) -> QuerySet[Change]:
    """Return the changes that a feature has yet to look at."""
    tenancy.require_scope()
    return Change.objects.filter(consumer=consumer)


def changes_still_mine(rows: Collection[Change]) -> list[Change]:
    """Lock those of the claimed changes that are still one's own, and return them as they were claimed.

    Nothing of a change is written while its generation stays, so its other columns need not be read again.
    """
    found = Change.objects.select_for_update().filter(pk__in=[row.pk for row in rows], due_at__isnull=False)
    there = dict(found.order_by("pk").values_list("pk", "generation"))
    return sorted((row for row in rows if there.get(row.pk) == row.generation), key=lambda row: row.pk)


def conservation(*, now: datetime) -> dict[str, Any]:
    """Return what became of everything accepted: received = decided + parked + pending, and the oldest wait."""
    tenancy.require_scope()
    by_status = dict(InboxEvent.objects.values_list("status").annotate(count=Count("pk")))
    oldest = InboxEvent.objects.filter(status=InboxEvent.Status.PENDING).order_by("received_at").first()
    return {
        "received": sum(by_status.values()),
        "decided": by_status.get(InboxEvent.Status.DECIDED, 0),
        "parked": by_status.get(InboxEvent.Status.PARKED, 0),
        "pending": by_status.get(InboxEvent.Status.PENDING, 0),
        "oldest_wait_seconds": (now - oldest.received_at).total_seconds() if oldest else 0.0,
    }


def source(public_id: str) -> InboundSource | None:
    """Return the source with this name, if there is one."""
    return InboundSource.objects.filter(public_id=public_id).first()


def first_platform() -> int | None:
    """Return the platform a shop's own systems speak beside: the first that is active."""
    return Platform.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True).first()


def _shops(actor: Actor) -> set[int]:
    return {*actor.merchant_roles, *([actor.merchant_id] if actor.merchant_id else [])}
