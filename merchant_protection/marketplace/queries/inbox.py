"""Every read of inbound sources, received events and the changes that features are owed."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import Change, InboundSecret, InboundSource, InboxEvent, Platform


def live_source(public_id: str, *, at: datetime) -> tuple[InboundSource, list[InboundSecret]] | None:
    """Return a source that may send now, with the secrets that are good now; nothing for a stranger."""
    tenancy.require_scope()
    good = InboundSecret.objects.filter(revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=at))
    sources = InboundSource.objects.filter(public_id=public_id, is_active=True, platform__is_active=True)
    source = sources.prefetch_related(Prefetch("secrets", queryset=good, to_attr="good_secrets")).first()
    return (source, source.good_secrets) if source else None


def merchants_by_code(codes: Collection[str], *, only: int | None) -> dict[str, int]:
    """Return the active shops of these numbers; a shop's own source knows only its shop."""
    shops = Merchant.objects.filter(code__in=codes, is_active=True)
    return dict((shops if only is None else shops.filter(pk=only)).values_list("code", "pk"))


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
