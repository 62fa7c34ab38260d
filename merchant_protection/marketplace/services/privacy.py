"""Buyers' personal data: shown with a reason, held for the law, erased when its time is over; each is written down."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation import crypto, rates
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.rates import Limit
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace import policies
from merchant_protection.marketplace.models import Order
from merchant_protection.marketplace.queries import privacy as queries

logger = logging.getLogger(__name__)
SHORTEST_REASON = 5
LONGEST_REASON = 300
# Who looks at one order after another copies a list of buyers, whatever the reasons say.
LOOKS = Limit(60, timedelta(hours=1))
AT_ONCE = 500
PARTS_AT_ONCE = 20
# What matches or tells a person; the order itself is kept as a record of trade.
ERASED: dict[str, Any] = {
    **dict.fromkeys(("recipient_sealed", "phone_key", "recipient_key", "address_exact", "address_building"), ""),
    **dict.fromkeys(("address_fuzzy", "device_key", "ip_key", "ip_net_key", "payment_key"), ""),
    "address_tags": [],
    "address_list_version": 0,
}


@dataclass(frozen=True)
class Recipient:
    """Who receives an order, in plain words."""

    name: str
    phone: str
    address: str


@transaction
def show_recipient(*, order_id: int, actor: Actor, at: datetime, reason: str) -> Recipient:
    """Show who receives an order, to whom may see it, for a reason that is written down."""
    order = queries.lock(order_id)
    require(policies.can_see_recipients(actor, order.merchant_id))
    reason = _reason(reason)
    if rates.take(f"recipients {actor.kind} {actor.id}", LOOKS, at=at) is not None:
        raise Conflict(_("You have looked at %(count)d recipients in an hour: wait.") % {"count": LOOKS.amount})
    if not order.recipient_sealed:
        raise Conflict(_("No recipient is kept for this order."))
    told = msgspec.json.decode(crypto.unseal(order.recipient_sealed))
    _record(order, "order.recipient_shown", actor=actor, at=at, reason=reason)
    return Recipient(*(str(told.get(name, "")) for name in ("name", "phone", "address")))


@transaction
def hold(*, order_id: int, actor: Actor, at: datetime, reason: str) -> Order:
    """Keep an order's personal data whatever its age: a dispute or the law asks for it. Safe to run twice."""
    return _set_hold(order_id, True, "order.held", actor=actor, at=at, reason=reason)


@transaction
def release_hold(*, order_id: int, actor: Actor, at: datetime, reason: str) -> Order:
    """Let an order's personal data be erased again when its time is over."""
    return _set_hold(order_id, False, "order.hold_released", actor=actor, at=at, reason=reason)


@transaction
def erase(*, order_id: int, actor: Actor, at: datetime, reason: str) -> Order:
    """Erase an order's personal data for good, here and in the events that told it; a legal hold stands before it."""
    order = queries.lock(order_id)
    require(policies.can_erase(actor, order.merchant_id))
    reason = _reason(reason)
    if order.legal_hold:
        raise Conflict(_("This order is under a legal hold: nothing of it may be erased."))
    if order.personal_erased_at is not None:
        return order
    _erase([order], at=at)
    queries.empty_events(queries.events_of(order))
    _record(order, "order.erased", actor=actor, at=at, reason=reason)
    order.refresh_from_db()
    return order


def erase_due(*, now: datetime) -> int:
    """Erase personal data that has been kept as long as it may be; return how many orders and events it was in.

    Safe to run at any time: a legal hold is left alone, a part at a time is
    erased in a transaction of its own, with one line of the audit per shop and part.
    """
    orders_before = now - settings.PERSONAL_DATA_KEPT["order"]
    events_before = now - settings.PERSONAL_DATA_KEPT["event"]
    erased = 0
    for shop in queries.shops():
        try:
            erased += _in_parts(_erase_old_orders, shop, before=orders_before, at=now)
            erased += _in_parts(_empty_old_events, shop, before=events_before, at=now)
        except Exception:
            logger.exception("Could not erase what is old in shop %s", shop)
    return erased


def _in_parts(part: Any, shop: int, *, before: datetime, at: datetime) -> int:
    total = 0
    for _part in range(PARTS_AT_ONCE):
        done = part(merchant_id=shop, before=before, at=at)
        total += done
        if done < AT_ONCE:
            break
    return total


@transaction
def _erase_old_orders(*, merchant_id: int, before: datetime, at: datetime) -> int:
    orders = list(queries.lock_erasable(merchant_id, before=before)[:AT_ONCE])
    if orders:
        _erase(orders, at=at)
        audit.record(
            actor=Actor.clock("retention"),
            action="retention.erased",
            at=at,
            merchant_id=merchant_id,
            after={"orders": len(orders), "placed_before": before.isoformat()},
        )
    return len(orders)


@transaction
def _empty_old_events(*, merchant_id: int, before: datetime, at: datetime) -> int:
    """The order has its own copy, so a decided event need not keep one."""
    return queries.empty_events(queries.old_events(merchant_id, before=before)[:AT_ONCE])


@transaction_required
def _erase(orders: list[Order], *, at: datetime) -> None:
    """What an order's events told of it was emptied before: they are kept for less long."""
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(**ERASED, personal_erased_at=at, updated_at=at)


def _set_hold(order_id: int, wanted: bool, action: str, *, actor: Actor, at: datetime, reason: str) -> Order:
    order = queries.lock(order_id)
    require(policies.can_erase(actor, order.merchant_id))
    reason = _reason(reason)
    if order.legal_hold != wanted:
        order.legal_hold = wanted
        order.save(update_fields=["legal_hold"])
        _record(order, action, actor=actor, at=at, reason=reason)
    return order


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid(fields={"reason": [_("Say why, in 5 to 300 characters.")]})
    return reason


def _record(order: Order, action: str, *, actor: Actor, at: datetime, reason: str) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=order.merchant_id,
        subject_kind="order",
        subject_id=order.number,
        reason=reason,
    )
