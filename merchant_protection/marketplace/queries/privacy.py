"""Every read of where personal data is kept, and the one way to take it out of received events."""

from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import NotFound
from merchant_protection.marketplace.models import InboxEvent, Order

EMPTY = "UPDATE marketplace_inboxevent SET body = body - 'sealed' - 'means' WHERE id = ANY(%s)"


def lock(order_id: int) -> Order:
    """Return the order, locked; a stranger's is not found."""
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise NotFound
    return order


def shops() -> list[int]:
    """Return every shop, closed ones too: their buyers' data grows old as well."""
    tenancy.require_scope()
    return list(Merchant.objects.order_by("pk").values_list("pk", flat=True))


def lock_erasable(merchant_id: int, *, before: datetime) -> QuerySet[Order]:
    """Return the orders of a shop with personal data that is old enough and under no hold, locked."""
    old = Order.objects.filter(merchant_id=merchant_id, placed_at__lt=before, legal_hold=False)
    keyed = ~Q(recipient_sealed="") | ~Q(device_key="") | ~Q(ip_key="") | ~Q(payment_key="")
    return old.filter(keyed).order_by("pk").select_for_update(skip_locked=True)


def old_events(merchant_id: int, *, before: datetime) -> QuerySet[InboxEvent]:
    """Return the decided events of a shop that are old enough and still hold something personal."""
    old = InboxEvent.objects.filter(merchant_id=merchant_id, received_at__lt=before, status="DECIDED")
    return old.filter(Q(body__has_key="sealed") | Q(body__has_key="means")).order_by("pk")


def events_of(order: Order) -> QuerySet[InboxEvent]:
    """Return the received events that told an order, but for those that have yet to be looked at."""
    told = InboxEvent.objects.filter(merchant_id=order.merchant_id, object_key=order.number, type="order.changed")
    return told.exclude(status="PENDING")


def empty_events(events: QuerySet[InboxEvent]) -> int:
    """Take what is sealed and what is keyed out of received events; return of how many."""
    ids = list(events.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(EMPTY, [ids])
    return len(ids)
