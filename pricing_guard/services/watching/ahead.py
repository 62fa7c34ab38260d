"""Promotions looked at a day ahead, when they start and when they have ended, whether or not an event tells of it."""

import logging
from datetime import datetime, timedelta

from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Promotion
from pricing_guard.models import PromotionLook
from pricing_guard.queries import listings as queries
from pricing_guard.services.watching import promotions

logger = logging.getLogger(__name__)
AHEAD = timedelta(hours=24)
AGAIN_AFTER_FAILURE = timedelta(minutes=10)


def look_ahead(*, now: datetime) -> int:
    """Look at the promotions whose moment has come; return how many.

    Safe to run at any time and by several at once; one that fails moves its own moment away.
    """
    looked = 0
    for promotion_id in queries.promotions_to_look_at(now):
        try:
            looked += _look(promotion_id=promotion_id, now=now)
        except Exception:
            logger.exception("Could not look at promotion %s", promotion_id)
            _postpone(promotion_id=promotion_id, now=now)
    return looked


@transaction
def _look(*, promotion_id: int, now: datetime) -> bool:
    row = queries.lock_promotion(promotion_id)
    look, is_new = PromotionLook.objects.select_for_update().get_or_create(
        merchant_id=row.merchant_id, promotion=row, defaults={"looked_at": now, "due_at": now}
    )
    if not is_new and (look.due_at is None or look.due_at > now):
        return False
    if row.ends_at <= now or row.starts_at <= now or row.status == Promotion.Status.CANCELLED:
        promotions.look_again(row.merchant_id, row.skus, cause=f"promotion:{row.code}", at=now)
    else:
        promotions.judge(row.merchant_id, [row.pk], at=now)
    look.looked_at, look.due_at = now, _next(row, now=now)
    look.save(update_fields=["looked_at", "due_at"])
    return True


@transaction
def _postpone(*, promotion_id: int, now: datetime) -> None:
    row = queries.lock_promotion(promotion_id)
    PromotionLook.objects.update_or_create(
        merchant_id=row.merchant_id,
        promotion=row,
        defaults={"due_at": now + AGAIN_AFTER_FAILURE, "looked_at": now},
    )


def _next(row: Promotion, *, now: datetime) -> datetime | None:
    """Return the next moment at which a promotion changes what buyers pay, or is about to."""
    moments = (row.starts_at - AHEAD, row.starts_at, row.ends_at)
    return min((moment for moment in moments if moment > now), default=None)
