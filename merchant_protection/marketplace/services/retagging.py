"""Stored addresses are tagged again when the lists of words change, a part at a time."""

import logging
from datetime import datetime, timedelta

import msgspec

from merchant_protection.foundation import crypto, leases
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Order, Retagging
from merchant_protection.marketplace.queries import address_lists as queries
from merchant_protection.marketplace.rules import address_tags
from merchant_protection.marketplace.rules.address_tags import AddressWords

logger = logging.getLogger(__name__)
SHOPS_AT_ONCE = 20
PART = 500
PARTS_AT_ONCE = 20
LOOKS_AGAIN_AFTER = timedelta(seconds=30)


def retag_due(*, now: datetime) -> int:
    """Tag addresses by the newest lists where those changed; return how many orders were looked at.

    Safe to run at any time and by several workers at once: a shop's work is
    claimed under a lease, goes on where it was left, and ends only when no
    order of the shop is tagged by older words.
    """
    looked_at = 0
    for work in leases.claim(queries.retaggings(), now=now, limit=SHOPS_AT_ONCE):
        try:
            looked_at += _retag_shop(work, now=now)
        except Exception:
            logger.exception("Could not tag the addresses of shop %s", work.merchant_id)
            leases.finish(work, due_at=now + leases.retry_delay(work.attempts))
    return looked_at


def _retag_shop(work: Retagging, *, now: datetime) -> int:
    words = queries.in_force([work.merchant_id])[work.merchant_id]
    looked_at = 0
    for _part in range(PARTS_AT_ONCE):
        done, work.reached = _retag_part(work, words)
        looked_at += done
        if done < PART:
            return looked_at + _end(work, words, tagged=work.tagged + looked_at, now=now)
    leases.finish(work, due_at=now, attempts=0, reached=work.reached, tagged=work.tagged + looked_at)
    return looked_at


def _end(work: Retagging, words: AddressWords, *, tagged: int, now: datetime) -> int:
    """Rows that somebody else was writing were passed over: they are looked for until there are none."""
    if queries.stale_orders(work.merchant_id, version=words.version).exists():
        leases.finish(work, due_at=now + LOOKS_AGAIN_AFTER, attempts=0, reached=0, tagged=tagged)
    else:
        leases.finish(work, finished_at=now, attempts=0, tagged=tagged)
    return 0


@transaction
def _retag_part(work: Retagging, words: AddressWords) -> tuple[int, int]:
    stale = queries.stale_orders(work.merchant_id, version=words.version).filter(pk__gt=work.reached)
    orders = list(stale.order_by("pk").select_for_update(skip_locked=True)[:PART])
    for order in orders:
        order.address_tags = _tags(order, words)
        order.address_list_version = words.version
    Order.objects.bulk_update(orders, ["address_tags", "address_list_version"], batch_size=PART)
    return len(orders), orders[-1].pk if orders else work.reached


def _tags(order: Order, words: AddressWords) -> list[str]:
    try:
        recipient = msgspec.json.decode(crypto.unseal(order.recipient_sealed))
    except crypto.Unreadable:
        logger.exception("The address of order %s cannot be opened: its tags stay as they are", order.pk)
        return list(order.address_tags)
    return list(address_tags.tags(recipient.get("address", ""), words))
