"""The steps every command shares: a move with its line of history, its lanes and its reasons."""

from datetime import datetime
from typing import Any

from claims import lifecycle
from claims.models import Claim, ClaimMove, LaneCount, QueueReason, ReviewLease
from claims.queries import claims as queries
from claims.queries import desk
from claims.rules import routing
from claims.services import publishing
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.transactions import transaction_required

STALE = "Somebody changed this complaint in the meantime. Look at it again before you decide."


@transaction_required
def move(claim: Claim, name: str, *, actor: Actor, at: datetime, note: str = "", **changes: Any) -> None:
    """Make a move of a locked complaint: status, history, lanes of its queue and the reasons it lies there."""
    before, was_in, was_of = claim.status, desk.lanes(claim), claim.queue_id
    claim.status = lifecycle.target_status(name, claim.status)
    for field, value in changes.items():
        setattr(claim, field, value)
    claim.updated_at = at
    claim.version += 1
    claim.save()
    ClaimMove.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        move=name,
        from_status=before,
        status=claim.status,
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:200],
        note=note,
    )
    publishing.publish(claim, name, before=before, at=at)
    close_reasons(claim, by=name, at=at)
    count(was_of, was_in, claim.queue_id, desk.lanes(claim))


@transaction_required
def change(claim: Claim, *, at: datetime, **changes: Any) -> None:
    """Write facts of a locked complaint that are no move, keeping the lanes right."""
    was_in, was_of = desk.lanes(claim), claim.queue_id
    for field, value in changes.items():
        setattr(claim, field, value)
    claim.updated_at = at
    claim.save(update_fields=[*changes, "updated_at"])
    count(was_of, was_in, claim.queue_id, desk.lanes(claim))


def count(queue_before: int | None, before: set[str], queue_after: int | None, after: set[str]) -> None:
    """Note how the lanes changed, by adding rows that nobody waits for."""
    changes = {(queue_before, lane): -1 for lane in before}
    for lane in after:
        changes[queue_after, lane] = changes.get((queue_after, lane), 0) + 1
    LaneCount.objects.bulk_create(
        [
            LaneCount(queue_id=queue_id, lane=lane, change=change)
            for (queue_id, lane), change in changes.items()
            if change and queue_id is not None
        ]
    )


@transaction_required
def give_reason(claim: Claim, code: str, *, at: datetime) -> None:
    """Say why a case lies in its queue; saying it twice is saying it once."""
    if not queries.reasons_of(claim).filter(code=code).exists():
        QueueReason.objects.create(merchant_id=claim.merchant_id, claim=claim, code=code, opened_at=at)


@transaction_required
def close_reasons(claim: Claim, *, by: str, at: datetime) -> None:
    """Close the reasons that this move answers."""
    answered = [why for why in routing.Why if by in routing.CLOSED_BY[why]]
    if answered:
        queries.reasons_of(claim).filter(code__in=answered).update(closed_at=at, closed_by=by)


@transaction_required
def release(claim: Claim, how: str, *, at: datetime, reason: str = "") -> ReviewLease | None:
    """End the reviewer's time with a locked case, if somebody has it (the caller writes the complaint)."""
    lease = desk.lease_of(claim)
    claim.reviewer = None
    if lease is not None:
        lease.released_at, lease.release, lease.reason = at, how, reason[:200]
        lease.save(update_fields=["released_at", "release", "reason"])
    return lease


def require_fresh(claim: Claim, version: int | None) -> None:
    """Refuse what was decided on a page that is no longer true; nothing is overwritten."""
    if version is not None and version != claim.version:
        raise Conflict(STALE)


def joined(deciders: list[int], actor_id: int | None) -> list[int]:
    """Return who has decided a complaint so far, with one more."""
    return deciders if actor_id is None or actor_id in deciders else [*deciders, actor_id]
