"""Who works on which case: taken one at a time under a lease, renewed by the open page, never by two at once."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Claim, Reviewer, ReviewLease
from claims.queries import desk
from claims.services import moving
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, require
from merchant_protection.foundation.transactions import transaction, transaction_required

LEASE = timedelta(minutes=10)
TAKING = {lifecycle.SUBMITTED: "take", lifecycle.APPEALED: "take_appeal"}


@transaction
def take_next(*, actor: Actor, at: datetime) -> Claim | None:
    """Give a reviewer the next case (领取下一件): the most urgent one that nobody has; nothing when there is none."""
    require(policies.can_review(actor))
    reviewer = _require_room(actor)
    claim = desk.next_for(
        user_id=reviewer.user_id,
        queue_ids=list(reviewer.queues.filter(is_active=True).values_list("pk", flat=True)),
        skills=reviewer.skills,
        is_senior=policies.is_senior(actor),
    )
    if claim is not None:
        _give(claim, reviewer.user_id, actor=actor, at=at)
    return claim


@transaction_required
def _give(claim: Claim, user_id: int, *, actor: Actor, at: datetime) -> None:
    name = TAKING.get(claim.status)
    claim.reviewer_id = user_id
    if name is not None:
        moving.move(claim, name, actor=actor, at=at)
    else:
        moving.change(claim, at=at, reviewer_id=user_id)
    ReviewLease.objects.create(
        merchant_id=claim.merchant_id, claim=claim, reviewer_id=user_id, taken_at=at, renewed_at=at, until=at + LEASE
    )


def _require_room(actor: Actor) -> Reviewer:
    """Return the reviewer, locked, when they may take one more."""
    reviewer = desk.reviewer_of(actor.id or 0)
    if reviewer is None:
        raise Conflict(_("You do not work on any queue yet. Ask your team lead."))
    if desk.held_by(reviewer.user_id).count() >= reviewer.most_at_once:
        raise Conflict(_("You have as many cases in hand as you can. Decide one, or put one back."))
    return reviewer
