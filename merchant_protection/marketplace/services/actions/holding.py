"""Holds: orders that release themselves by a timer, and new orders of a shop held for a set of listings."""

import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.lifecycle import ActionStatus
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.rules.wishes import Wish
from merchant_protection.marketplace.services.actions import asking, moving

logger = logging.getLogger(__name__)
CLOCK = Actor.clock("holds")


@transaction_required
def hold_new_orders(wish: Wish, *, skus: Collection[str], mode: str, actor: Actor, at: datetime) -> PlatformAction:
    """Hold new orders on further listings: one reversible action for the whole shop, beside those held already.

    It has its own small budget and its own switch ("shop_holds"), so that a rule whose budget is
    used up does not leave the shop unprotected. `wish.ref` and `wish.value` are filled in here.
    """
    if not skus:
        raise Invalid(fields={"skus": ["Name the listings whose new orders are held."]})
    shop = queries.merchant(wish.merchant_id)
    value = {"held_skus": sorted(set(skus))}
    wish = replace(wish, verb="hold_new_orders", ref=shop.code, value=value, is_adding=True)
    return asking.ask(wish, mode=mode, actor=actor, at=at)


@transaction
def open_new_orders(
    *, merchant_id: int, skus: Collection[str], actor: Actor, at: datetime, feature: str, reason: str = ""
) -> PlatformAction:
    """Let new orders on these listings in again, because a person decided so; the rest stays held."""
    if not skus:
        raise Invalid(fields={"skus": ["Name the listings whose new orders are let in."]})
    asking.require_decider(actor, merchant_id)
    shop = queries.merchant(merchant_id)
    rest = sorted(queries.lock_held_skus(merchant_id) - set(skus))
    wish = Wish(
        merchant_id=merchant_id,
        verb="hold_new_orders" if rest else "open_new_orders",
        ref=shop.code,
        value={"held_skus": rest} if rest else None,
        feature=feature,
        reason=reason,
    )
    return asking.person_wants(wish, actor=actor, at=at)


def release_due(*, now: datetime) -> int:
    """Release the orders whose hold has run out; return how many.

    Safe to run at any time and by several at once: each is looked at again under its own lock.
    """
    released = 0
    for target_id in queries.to_release(now):
        try:
            released += _release(target_id=target_id, now=now)
        except Exception:
            logger.exception("Could not release target %s", target_id)
    return released


@transaction
def _release(*, target_id: int, now: datetime) -> bool:
    target = queries.lock_target(target_id)
    if target.release_at is None or target.release_at > now:
        return False
    held = queries.latest_wanted(target)
    if held is None or target.desired != "HELD":
        target.release_at = None
        target.save(update_fields=["release_at"])
        return False
    wish = Wish(
        merchant_id=target.merchant_id,
        verb="release_order",
        ref=target.ref,
        feature=held.feature,
        rule=held.rule,
        rule_version=held.rule_version,
        cause=held.cause,
        reason="the hold has run out",
    )
    asking.write(wish, target, review="", is_automatic=True, actor=CLOCK, at=now)
    return True


def expire_waiting(*, now: datetime) -> int:
    """Cancel what waited for a person past its time; return how many."""
    expired = 0
    for action_id in queries.waiting_too_long(now):
        try:
            expired += _expire(action_id=action_id, now=now)
        except Exception:
            logger.exception("Could not expire action %s", action_id)
    return expired


@transaction
def _expire(*, action_id: int, now: datetime) -> bool:
    action = queries.lock(action_id)
    if action.status != ActionStatus.NEEDS_REVIEW or action.expires_at is None or action.expires_at > now:
        return False
    moving.move(action, "expire", actor=CLOCK, at=now)
    return True
