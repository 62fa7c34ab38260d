"""Promotions through the guard: judged as they will be when they start, so that nothing wrong ever takes force."""

from collections.abc import Collection
from datetime import datetime

from merchant_protection.foundation.transactions import transaction_required
from pricing_guard.models import Incident
from pricing_guard.queries import listings as queries
from pricing_guard.rules import facts, replay
from pricing_guard.services.incidents import opening
from pricing_guard.services.watching import loading, prices
from pricing_guard.services.watching.loading import Looked


@transaction_required
def judge(merchant_id: int, promotion_ids: Collection[int], *, at: datetime) -> list[Looked]:
    """Judge every listing of promotions that were planned or changed."""
    looked: list[Looked] = []
    for row in queries.promotions(promotion_ids):
        if row.status == "CANCELLED" or row.ends_at <= at:
            looked += look_again(merchant_id, row.skus, cause=f"promotion:{row.code}", at=at)
        else:
            looked += _judge_one(merchant_id, queries.promotion_in(row), at=at)
    return looked


@transaction_required
def look_again(merchant_id: int, skus: Collection[str], *, cause: str, at: datetime) -> list[Looked]:
    """Judge listings anew as they are at this moment: a promotion started, ended or was called off."""
    rows = [row for row in queries.by_sku(merchant_id, skus) if row.price is not None]
    prices.known(merchant_id, [row.pk for row in rows], at=at)
    guards = queries.lock_guards(merchant_id, [row.pk for row in rows])
    held = loading.hold(merchant_id, rows, guards, at=at)
    looked = [
        Looked(row, outcome, held.published.policy.holding_for(held.shop.listings[row.sku].facts), cause=cause[:120])
        for row in rows
        if guards[row.pk].price is not None
        for outcome in replay.step(held.published.policy, held.shop, replay.ClockStruck(row.sku, at))
    ]
    prices.write_memories(held, [one.listing.sku for one in looked], at=at)
    opening.settle(held, looked, source=Incident.Source.PROMOTION, at=at)
    return looked


def _judge_one(merchant_id: int, promotion: facts.Promotion, *, at: datetime) -> list[Looked]:
    rows = [row for row in queries.by_sku(merchant_id, promotion.skus) if row.price is not None]
    prices.known(merchant_id, [row.pk for row in rows], at=at)
    guards = queries.lock_guards(merchant_id, [row.pk for row in rows])
    held = loading.hold(merchant_id, rows, guards, at=at)
    by_sku = {row.sku: row for row in rows}
    event = replay.PromotionSet(promotion, at)
    looked = [
        Looked(
            by_sku[outcome.sku],
            outcome,
            held.published.policy.holding_for(held.shop.listings[outcome.sku].facts),
            cause=f"promotion:{promotion.code}"[:120],
        )
        for outcome in replay.step(held.published.policy, held.shop, event)
        if guards[by_sku[outcome.sku].pk].price is not None
    ]
    prices.write_memories(held, [one.listing.sku for one in looked], at=at)
    opening.settle(held, looked, source=Incident.Source.PROMOTION, at=at)
    return looked
