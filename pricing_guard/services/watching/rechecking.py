"""The whole catalogue looked at again: one statement finds what lies outside its bounds, the rules give the verdict."""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction, transaction_required
from pricing_guard.models import Incident
from pricing_guard.queries import listings as queries
from pricing_guard.rules import replay
from pricing_guard.services.incidents import opening
from pricing_guard.services.watching import loading, prices
from pricing_guard.services.watching.loading import Looked

logger = logging.getLogger(__name__)
AT_ONCE = 200
UNHEARD = timedelta(minutes=10)
MOST = 20_000

# Reads the guards' table once; the stamps of the few shops are looked up in a table of hashes, which costs less than
# a join. A price inside its bounds is one the rules say nothing about; outside it is only a candidate.
OUTSIDE = """
SELECT own.merchant_id, own.listing_id
FROM pricing_guard_listingguard own
WHERE own.price < own.low OR own.price > own.high OR own.valid_until <= %(now)s
  OR (own.merchant_id, own.stamp) NOT IN (SELECT merchant_id, stamp FROM pricing_guard_guardshop)
LIMIT %(most)s
"""
# A listing that differs from what was judged last, or was never judged: no change told of it, or it was lost.
MISSED = """
SELECT own.merchant_id, own.id
FROM marketplace_listing own LEFT JOIN pricing_guard_listingguard guard
  ON guard.merchant_id = own.merchant_id AND guard.listing_id = own.id
WHERE own.price IS NOT NULL AND own.updated_at < %(before)s
  AND (guard.price IS NULL OR guard.price <> own.price OR guard.price_version <> own.price_version)
LIMIT %(most)s
"""


def recheck(*, now: datetime) -> int:
    """Look again at every listing whose price lies outside its bounds, or whose bounds no longer hold; return how many.

    Safe to run at any time and by several at once: each batch is judged under the locks of its
    guards, in its own transaction, so one that fails holds up no other.
    """
    return _in_batches(_found(OUTSIDE, {"now": now, "most": MOST}), now=now)


def catch_missed(*, now: datetime) -> int:
    """Judge listings that changed without the guard having heard of it; return how many."""
    tenancy.require_scope()
    looked = 0
    before = now - UNHEARD
    for merchant_id, ids in _found(MISSED, {"before": before, "most": MOST}).items():
        for chunk in _chunks(ids):
            looked += _judged(merchant_id=merchant_id, ids=chunk, now=now)
    return looked


def _in_batches(found: dict[int, list[int]], *, now: datetime) -> int:
    looked = 0
    for merchant_id, ids in found.items():
        for chunk in _chunks(ids):
            try:
                looked += _look_again(merchant_id=merchant_id, ids=chunk, now=now)
            except Exception:
                logger.exception("Could not look again at %d listings of shop %s", len(chunk), merchant_id)
    return looked


def _judged(*, merchant_id: int, ids: Collection[int], now: datetime) -> int:
    try:
        return _judge(merchant_id=merchant_id, ids=ids, now=now)
    except Exception:
        logger.exception("Could not judge %d listings of shop %s", len(ids), merchant_id)
        return 0


@transaction
def _judge(*, merchant_id: int, ids: Collection[int], now: datetime) -> int:
    return len(prices.judge(merchant_id, ids, at=now))


@transaction
def _look_again(*, merchant_id: int, ids: Collection[int], now: datetime) -> int:
    return look_again(merchant_id, ids, now=now)


@transaction_required
def look_again(merchant_id: int, ids: Collection[int], *, now: datetime) -> int:
    """Judge listings as they stand at this moment, and write bounds that hold from now on."""
    guards = queries.lock_guards(merchant_id, ids)
    rows = [row for row in queries.listings(guards) if guards[row.pk].price is not None]
    held = loading.hold(merchant_id, rows, guards, at=now)
    policy = held.published.policy
    looked = [
        Looked(row, outcome, policy.holding_for(held.shop.listings[row.sku].facts), cause="recheck")
        for row in rows
        for outcome in replay.step(policy, held.shop, replay.ClockStruck(row.sku, now))
    ]
    prices.write_memories(held, [one.listing.sku for one in looked], at=now)
    opening.settle(held, looked, source=Incident.Source.RECHECK, at=now)
    return len(looked)


def _found(statement: str, params: dict[str, Any]) -> dict[int, list[int]]:
    tenancy.require_scope()
    found: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for merchant_id, listing_id in cursor.fetchall():
            found[merchant_id].append(listing_id)
    return found


def _chunks(ids: list[int]) -> list[Sequence[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]
