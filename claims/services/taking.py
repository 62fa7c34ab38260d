"""Who works on which case: taken one at a time under a lease, renewed by the open page, never by two at once."""

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims import lifecycle, policies
from claims.models import Claim, Reviewer, ReviewLease
from claims.queries import claims as queries
from claims.queries import desk
from claims.services import clocks, handing, moving
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 500
LEASE = timedelta(minutes=10)
NO_QUEUE = gettext_lazy("You do not work on any queue yet. Ask your team lead.")
PUTTING_BACK = {lifecycle.IN_REVIEW: "put_back", lifecycle.APPEAL_REVIEW: "put_back_appeal"}
Release = ReviewLease.Release


def take_next(*, actor: Actor, at: datetime) -> Claim | None:
    """Give a reviewer the next case (领取下一件): the most urgent one that nobody has; nothing when there is none."""
    require(policies.can_review(actor))
    is_senior = policies.is_senior(actor)
    claim = handing.hand_next(actor=actor, is_senior=is_senior, at=at, until=at + LEASE)
    return claim or _take_elsewhere(actor=actor, is_senior=is_senior, at=at)


@transaction
def _take_elsewhere(*, actor: Actor, is_senior: bool, at: datetime) -> Claim | None:
    """Look in every queue when the first case of the most urgent one is being taken by somebody else just now."""
    reviewer = _require_room(actor)
    claim = desk.next_for(
        user_id=reviewer.user_id,
        queue_ids=desk.queues_of(reviewer),
        skills=reviewer.skills,
        is_senior=is_senior,
    )
    if claim is not None:
        give(claim, reviewer.user_id, actor=actor, at=at)
    return claim


@transaction
def take(*, claim_id: int, actor: Actor, at: datetime) -> Claim:
    """Take one particular case that nobody has (由我处理)."""
    claim = queries.lock(claim_id)
    require(policies.can_take(actor, claim))
    if claim.reviewer_id == actor.id:
        return claim
    if claim.reviewer_id is not None or claim.status not in lifecycle.UNTAKEN:
        raise Conflict(_("Somebody else has this case, or it waits for nobody."))
    reviewer = _require_room(actor)
    give(claim, reviewer.user_id, actor=actor, at=at)
    return claim


@transaction
def renew(*, claim_id: int, actor: Actor, at: datetime) -> ReviewLease | None:
    """Say that the page is still open: the case stays with its reviewer for ten more minutes."""
    claim = queries.lock(claim_id)
    lease = desk.lease_of(claim)
    if lease is None or lease.reviewer_id != actor.id:
        return None
    lease.renewed_at, lease.until = at, at + LEASE
    lease.save(update_fields=["renewed_at", "until"])
    return lease


@transaction
def keep(*, claim_id: int, actor: Actor, at: datetime, is_kept: bool = True) -> Claim:
    """Keep a case over the end of the lease, or let it run again."""
    claim = queries.lock(claim_id)
    require(policies.can_decide(actor, claim))
    lease = desk.lease_of(claim)
    if lease is not None:
        lease.is_kept, lease.until = is_kept, at + LEASE
        lease.save(update_fields=["is_kept", "until"])
    return claim


@transaction
def put_back(*, claim_id: int, actor: Actor, at: datetime, reason: str) -> Claim:
    """Put a case back into its queue, and say why."""
    claim = queries.lock(claim_id)
    require(policies.can_hand_on(actor, claim))
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why, for whoever takes it next.")]})
    if claim.reviewer_id is None:
        raise Conflict(_("Nobody has this case."))
    _lay_back(claim, Release.PUT_BACK, actor=actor, at=at, reason=reason)
    return claim


@transaction
def hand_over(*, claim_id: int, to_user_id: int, actor: Actor, at: datetime, reason: str) -> Claim:
    """Give a case to a colleague, who keeps it until deciding or putting it back."""
    claim = queries.lock(claim_id)
    require(policies.can_hand_on(actor, claim))
    target = desk.reviewer_of(to_user_id)
    if target is None or not _may_receive(claim, target):
        raise Invalid(fields={"to": [_("This person cannot take this case.")]})
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why, for whoever takes it next.")]})
    if claim.status not in handing.TAKING and claim.status not in PUTTING_BACK and claim.status != lifecycle.HELD:
        raise Conflict(_("This case waits for nobody at the desk."))
    if claim.reviewer_id is not None:
        moving.release(claim, Release.HANDED_OVER, at=at, reason=reason)
    give(claim, target.user_id, actor=actor, at=at, note=reason, is_kept=True)
    return claim


def release_run_out(*, now: datetime) -> int:
    """Put cases back whose reviewer's page has been gone for ten minutes; return how many.

    Safe to run at any time and by several workers at once: each case is
    looked at again under its own lock, in its own transaction.
    """
    released = 0
    for claim_id in desk.leases_run_out(now).values_list("claim_id", flat=True)[:SWEEP_LIMIT]:
        try:
            released += _run_out(claim_id=claim_id, now=now)
        except Exception:
            logger.exception("Could not release case %s", claim_id)
    return released


@transaction
def _run_out(*, claim_id: int, now: datetime) -> bool:
    claim = queries.lock(claim_id)
    lease = desk.lease_of(claim)
    if lease is None or lease.is_kept or lease.until > now:
        return False
    _lay_back(claim, Release.RAN_OUT, actor=Actor.clock("claims.release_run_out"), at=now)
    return True


@transaction_required
def give(
    claim: Claim, user_id: int, *, actor: Actor, at: datetime, note: str = "", is_kept: bool = False
) -> ReviewLease:
    """Lay a locked case that nobody has into somebody's hands."""
    name = handing.TAKING.get(claim.status)
    claim.reviewer_id = user_id
    if name is not None:
        moving.move(claim, name, actor=actor, at=at, note=note)
    else:
        moving.change(claim, at=at, reviewer_id=user_id)
        audit.record(
            actor=actor,
            action="claim.given",
            at=at,
            merchant_id=claim.merchant_id,
            subject_kind="claim",
            subject_id=claim.pk,
            after={"reviewer": user_id, "status": claim.status},
            reason=note,
        )
    return ReviewLease.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        reviewer_id=user_id,
        taken_at=at,
        renewed_at=at,
        until=at + LEASE,
        is_kept=is_kept,
    )


@transaction_required
def _lay_back(claim: Claim, how: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    moving.release(claim, how, at=at, reason=reason)
    name = PUTTING_BACK.get(claim.status)
    if name is None:
        moving.change(claim, at=at, reviewer_id=None)
    else:
        moving.move(claim, name, actor=actor, at=at, note=reason)
    clocks.refresh(claim, at=at)


def _require_room(actor: Actor) -> Reviewer:
    """Return the reviewer, locked, when they may take one more."""
    reviewer = desk.reviewer_of(actor.id or 0)
    if reviewer is None:
        raise Conflict(str(NO_QUEUE))
    if desk.held_by(reviewer.user_id).count() >= reviewer.most_at_once:
        raise Conflict(_("You have as many cases in hand as you can. Decide one, or put one back."))
    return reviewer


def _may_receive(claim: Claim, target: Reviewer) -> bool:
    roles = set(target.user.staff_roles)
    if target.user_id in (*claim.deciders, claim.reviewer_id) or not roles & set(policies.REVIEWING):
        return False
    return claim.status != lifecycle.HELD or policies.SENIOR_REVIEWER in roles
