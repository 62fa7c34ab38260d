"""A reviewer decides: for the merchant, against, or line by line; never edited afterwards, only overridden."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Appeal, Claim, Decision
from claims.queries import claims as queries
from claims.queries import desk
from claims.rules.routing import Why
from claims.services import clocks, moving, writing
from claims.services.writing import MOVES, PARTLY, REJECTED, UPHELD, Verdict
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required

OVERRIDES = {
    UPHELD: "override_to_upheld",
    PARTLY: "override_to_partly_upheld",
    REJECTED: "override_to_rejected",
}
Stage = Decision.Stage


@transaction
def decide(*, claim_id: int, actor: Actor, at: datetime, verdict: Verdict, version: int | None = None) -> Claim:
    """Decide the case one has in hand; `version` is that of the page it was decided on.

    Above the desk's amount, or for a buyer named in many complaints, the answer is a
    proposal that waits for a second person. An appeal is answered by the same words.
    """
    claim = queries.lock(claim_id)
    require(policies.can_decide(actor, claim))
    moving.require_fresh(claim, version)
    writing.check(claim, verdict)
    if claim.status == lifecycle.APPEAL_REVIEW:
        _answer_appeal(claim, verdict, actor=actor, at=at)
    elif claim.status == lifecycle.HELD:
        proposal = queries.proposal(claim)
        writing.close(
            claim, verdict, MOVES[verdict.result], stage=Stage.SECOND_APPROVAL, actor=actor, at=at, approves=proposal
        )
    elif needs_second_person(claim):
        _propose(claim, verdict, actor=actor, at=at)
    else:
        writing.close(claim, verdict, MOVES[verdict.result], stage=Stage.REVIEW, actor=actor, at=at)
    return claim


@transaction
def approve(*, claim_id: int, actor: Actor, at: datetime, version: int | None = None, note: str = "") -> Claim:
    """Agree, as the second person, with what the first proposed."""
    claim = queries.lock(claim_id)
    require(policies.can_decide(actor, claim))
    moving.require_fresh(claim, version)
    proposal = queries.proposal(claim)
    if claim.status != lifecycle.HELD or proposal is None:
        raise Conflict(_("There is nothing to approve here."))
    verdict = replace(writing.verdict_of(proposal), internal_note=note)
    writing.check(claim, verdict)
    writing.close(
        claim, verdict, MOVES[verdict.result], stage=Stage.SECOND_APPROVAL, actor=actor, at=at, approves=proposal
    )
    return claim


@transaction
def send_back(*, claim_id: int, actor: Actor, at: datetime, reason: str, version: int | None = None) -> Claim:
    """Disagree, as the second person, and let the desk look at it anew."""
    claim = queries.lock(claim_id)
    require(policies.can_decide(actor, claim))
    moving.require_fresh(claim, version)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why, for whoever takes it next.")]})
    moving.release(claim, "PUT_BACK", at=at, reason=reason)
    moving.move(claim, "send_back", actor=actor, at=at, note=reason)
    moving.move(claim, "put_back", actor=actor, at=at, note=reason)
    moving.give_reason(claim, Why.NEW_CLAIM, at=at)
    clocks.refresh(claim, at=at)
    return claim


@transaction
def override(*, claim_id: int, actor: Actor, at: datetime, verdict: Verdict, version: int | None = None) -> Claim:
    """Put a decision right by a new one that points to it (改判); what the old one brought is taken back."""
    claim = queries.lock(claim_id)
    require(policies.can_override(actor))
    moving.require_fresh(claim, version)
    writing.check(claim, verdict)
    old = queries.decision_in_force(claim)
    if old is None or claim.status not in lifecycle.DECIDED:
        raise Conflict(_("There is no decision to override."))
    writing.close(claim, verdict, OVERRIDES[verdict.result], stage=Stage.OVERRIDE, actor=actor, at=at, override_of=old)
    return claim


@transaction
def drafted(claim: Claim, verdict: Verdict, *, at: datetime) -> writing.Draft:
    """Return what both sides would read of a decision; nothing is written."""
    writing.check(claim, verdict)
    return writing.draft(claim, verdict, at=at)


def needs_second_person(claim: Claim) -> bool:
    """Say whether a decision on this complaint waits for a second person: much money, or a buyer named often."""
    limits = desk.limits()
    if claim.amount > limits.second_approval_amount:
        return True
    return (
        desk.complaints_about(claim.buyer_key, at_most=limits.second_approval_orders) >= limits.second_approval_orders
    )


@transaction_required
def _propose(claim: Claim, verdict: Verdict, *, actor: Actor, at: datetime) -> None:
    writing.write(claim, verdict, stage=Stage.PROPOSAL, actor=actor, at=at)
    moving.release(claim, "DECIDED", at=at)
    moving.move(claim, "hold", actor=actor, at=at, deciders=moving.joined(claim.deciders, actor.id))
    moving.give_reason(claim, Why.SECOND_APPROVAL, at=at)
    clocks.refresh(claim, at=at)


@transaction_required
def _answer_appeal(claim: Claim, verdict: Verdict, *, actor: Actor, at: datetime) -> None:
    appeal = queries.open_appeal(claim)
    if appeal is None:
        raise Conflict(_("There is no appeal to answer."))
    decision = writing.close(
        claim,
        verdict,
        f"{MOVES[verdict.result]}_on_appeal",
        stage=Stage.APPEAL,
        actor=actor,
        at=at,
        override_of=appeal.decision,
    )
    appeal.answer, appeal.answered_at = decision, at
    appeal.save(update_fields=["answer", "answered_at"])
    if set(queries.appeals_of(claim).values_list("party", flat=True)) == set(Appeal.Party.values):
        moving.change(claim, at=at, appeal_until=at)  # both sides have had theirs
