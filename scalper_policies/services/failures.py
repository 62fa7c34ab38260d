"""Versions that could not answer an order: noted with the answer, told to the shop."""

import logging
from collections.abc import Sequence
from datetime import datetime

from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.services import telling
from scalper_policies.models import OrderDecision, VersionFailure
from scalper_policies.queries import failures as queries
from scalper_policies.queries import policies

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 200


@transaction_required
def note(decision: OrderDecision, failed: Sequence[tuple[int, str]]) -> None:
    """Keep which versions could not answer this order."""
    VersionFailure.objects.bulk_create(
        VersionFailure(
            merchant_id=decision.merchant_id,
            version_id=version_id,
            decision=decision,
            error=error[:80],
            at=decision.decided_at,
        )
        for version_id, error in failed
    )


def tell_failures(*, now: datetime) -> int:
    """Tell shops which versions could not answer, and how often; once an hour for each. Return how many were told.

    Safe to run at any time and by several at once: each version's failures are locked while they are told.
    """
    told = 0
    for version_id in queries.untold(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            told += _tell(version_id=version_id, now=now)
        except Exception:
            logger.exception("Could not tell of the failures of policy version %s", version_id)
    return told


@transaction
def _tell(*, version_id: int, now: datetime) -> bool:
    version = policies.lock_version(version_id)
    rows = queries.lock_untold_of(version)
    if not rows:
        return False
    for row in rows:
        row.told_at = now
    VersionFailure.objects.bulk_update(rows, ["told_at"])
    telling.queue(
        merchant_id=version.merchant_id,
        kind="policy.failed",
        at=now,
        params={"name": version.policy.name, "number": version.number, "orders": len(rows), "error": rows[-1].error},
        path=f"/m/scalper-policies/{version.policy_id}/?version={version.number}",
        subject_id=version.pk,
    )
    return True
