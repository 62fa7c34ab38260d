"""One side says that a decision is wrong: once by the merchant, once by the buyer, and never to who decided it."""

import logging
from datetime import datetime

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Appeal, Claim
from claims.queries import claims as queries
from claims.rules.routing import Why
from claims.services import clocks, moving
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 500
LONGEST = 4_000
Party = Appeal.Party
# Nobody appeals against having got all that was asked for.
NOTHING_TO_GAIN = {Party.MERCHANT: lifecycle.UPHELD, Party.BUYER: lifecycle.REJECTED}


@transaction
def appeal(*, claim_id: int, actor: Actor, at: datetime, ground: str, text: str) -> Appeal:
    """Appeal for the shop (申诉), once and in time; somebody else than the first reviewer answers it."""
    claim = queries.lock(claim_id)
    require(policies.can_answer_as_merchant(actor, claim))
    return _appeal(claim, Party.MERCHANT, actor=actor, at=at, ground=ground, text=text)


@transaction
def appeal_for_buyer(*, claim_id: int, actor: Actor, at: datetime, ground: str, text: str) -> Appeal:
    """Pass on the buyer's appeal, as the selling platform tells it."""
    claim = queries.lock(claim_id)
    require(policies.can_appeal_for_buyer(actor))
    return _appeal(claim, Party.BUYER, actor=actor, at=at, ground=ground, text=text)


def may_appeal(claim: Claim, party: str, *, at: datetime) -> bool:
    """Say whether this side can appeal against this decision now."""
    return _obstacle(claim, party, at=at) is None


def finalise_due(*, now: datetime) -> int:
    """Make decisions final that nobody can appeal against any more; return how many.

    Safe to run at any time and by several workers at once: each complaint is
    looked at again under its own lock, in its own transaction.
    """
    final = 0
    for claim_id in queries.past_appeal(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            final += _finalise(claim_id=claim_id, now=now)
        except Exception:
            logger.exception("Could not make complaint %s final", claim_id)
    return final


@transaction
def _finalise(*, claim_id: int, now: datetime) -> bool:
    claim = queries.lock(claim_id)
    if claim.status not in lifecycle.DECIDED or claim.appeal_until is None or claim.appeal_until >= now:
        return False
    moving.move(claim, "finalise", actor=Actor.clock("claims.finalise_due"), at=now, closed_at=now)
    return True


@transaction_required
def _appeal(claim: Claim, party: str, *, actor: Actor, at: datetime, ground: str, text: str) -> Appeal:
    obstacle = _obstacle(claim, party, at=at)
    if obstacle is not None:
        raise Conflict(obstacle)
    if ground not in Appeal.Ground.values:
        raise Invalid(fields={"ground": [_("Choose a ground.")]})
    if not text.strip() or len(text) > LONGEST:
        raise Invalid(fields={"text": [_("Write between 1 and %(most)d characters.") % {"most": LONGEST}]})
    written = Appeal.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        decision=queries.decision_in_force(claim),
        party=party,
        ground=ground,
        text=text.strip(),
        filed_at=at,
        filed_by_name=actor.name[:200],
    )
    moving.move(claim, "appeal", actor=actor, at=at)
    moving.give_reason(claim, Why.APPEAL, at=at)
    clocks.refresh(claim, at=at)
    return written


def _obstacle(claim: Claim, party: str, *, at: datetime) -> str | None:
    if claim.status not in lifecycle.DECIDED:
        return _("There is no decision to appeal against just now.")
    if claim.appeal_until is not None and at > claim.appeal_until:
        return _("The time to appeal is over.")
    if queries.appeals_of(claim).filter(party=party).exists():
        return _("Each side can appeal once.")
    if NOTHING_TO_GAIN[Party(party)] == claim.status:
        return _("There is nothing to appeal against: the decision is for you.")
    return None
