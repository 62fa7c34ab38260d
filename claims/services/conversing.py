"""What desk and merchant write to each other on a case; each message resets or pauses the right clock."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Claim, EvidenceType, InternalNote, Message
from claims.queries import claims as queries
from claims.queries import desk
from claims.rules.routing import Why
from claims.services import attaching, clocks, moving
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.notices.models import Notice
from merchant_protection.notices.services import telling

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 500
LONGEST = 4_000
TAKING_BACK = Actor.clock("claims.conversing")


@transaction
def ask_for_evidence(
    *,
    claim_id: int,
    actor: Actor,
    at: datetime,
    body: str,
    asks_for: Sequence[str] = (),
    template: str = "",
    file_ids: Sequence[int] = (),
    version: int | None = None,
) -> Claim:
    """Ask the merchant for evidence (要求补证); the clocks stand still until it comes, or its time is over."""
    claim = queries.lock(claim_id)
    require(policies.can_decide(actor, claim))
    moving.require_fresh(claim, version)
    if set(asks_for) - set(EvidenceType.values):
        raise Invalid(fields={"asks_for": [_("There is no such evidence.")]})
    until = at + timedelta(days=desk.limits().evidence_days)
    more = {"asks_for": list(asks_for), "template": template, "answer_until": until}
    attaching.attach(_write(claim, Message.Side.DESK, body, actor, at, **more), file_ids, actor=actor, at=at)
    moving.release(claim, "ASKED", at=at)
    moving.move(claim, "ask_for_evidence", actor=actor, at=at, evidence_due_at=until)
    clocks.refresh(claim, at=at)
    _tell(claim, "claim.evidence_needed", at=at, urgency=Notice.Urgency.CRITICAL)
    return claim


@transaction
def receive_evidence(*, claim_id: int, actor: Actor, at: datetime, body: str = "") -> Claim:
    """The merchant says that the evidence is there: the case goes back to the desk and its clocks go on."""
    claim = queries.lock(claim_id)
    require(policies.can_answer_as_merchant(actor, claim))
    if body.strip():
        _write(claim, Message.Side.MERCHANT, body, actor, at)
    moving.move(claim, "receive_evidence", actor=actor, at=at, evidence_due_at=None)
    moving.move(claim, "put_back", actor=TAKING_BACK, at=at)
    moving.give_reason(claim, Why.EVIDENCE_RECEIVED, at=at)
    clocks.refresh(claim, at=at)
    return claim


@transaction
def write_to_merchant(
    *,
    claim_id: int,
    actor: Actor,
    at: datetime,
    body: str,
    template: str = "",
    file_ids: Sequence[int] = (),
    version: int | None = None,
) -> Message:
    """Tell the merchant how it stands; the next update is owed from now."""
    claim = queries.lock(claim_id)
    require(policies.can_decide(actor, claim))
    moving.require_fresh(claim, version)
    message = _write(claim, Message.Side.DESK, body, actor, at, template=template)
    attaching.attach(message, file_ids, actor=actor, at=at)
    clocks.refresh(claim, at=at)
    _tell(claim, "claim.message", at=at)
    return message


@transaction
def write_to_desk(*, claim_id: int, actor: Actor, at: datetime, body: str, file_ids: Sequence[int] = ()) -> Message:
    """The merchant writes on its own complaint, as long as somebody will read it."""
    claim = queries.lock(claim_id)
    require(policies.can_answer_as_merchant(actor, claim))
    if claim.status not in lifecycle.UNDECIDED | lifecycle.UNDER_APPEAL:
        raise Conflict(_("Nobody reads messages on this complaint any more."))
    message = _write(claim, Message.Side.MERCHANT, body, actor, at)
    attaching.attach(message, file_ids, actor=actor, at=at)
    return message


@transaction
def note(*, claim_id: int, actor: Actor, at: datetime, body: str) -> InternalNote:
    """Leave a note for colleagues; no side ever reads it."""
    claim = queries.lock(claim_id)
    require(policies.can_see_desk(actor))
    return InternalNote.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        author_id=actor.id,
        author_name=actor.name[:200],
        body=_worded(body),
        at=at,
    )


def expire_due(*, now: datetime) -> int:
    """Close complaints whose evidence never came, and tell the merchant of each; return how many.

    Safe to run at any time and by several workers at once: each complaint is
    looked at again under its own lock, in its own transaction.
    """
    expired = 0
    for claim_id in queries.evidence_overdue(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            expired += _expire(claim_id=claim_id, now=now)
        except Exception:
            logger.exception("Could not expire complaint %s", claim_id)
            _postpone(claim_id=claim_id, now=now)
    return expired


@transaction
def _expire(*, claim_id: int, now: datetime) -> bool:
    claim = queries.lock(claim_id)
    if claim.status != lifecycle.AWAITING_EVIDENCE or claim.evidence_due_at is None or claim.evidence_due_at > now:
        return False
    moving.move(claim, "expire", actor=Actor.clock("claims.expire_due"), at=now, closed_at=now, due_at=None)
    clocks.refresh(claim, at=now)
    _tell(claim, "claim.expired", at=now, urgency=Notice.Urgency.CRITICAL)
    return True


@transaction
def _postpone(*, claim_id: int, now: datetime) -> None:
    """Look again later, or a hundred such rows would starve the rest."""
    claim = queries.lock(claim_id)
    moving.change(claim, at=now, evidence_due_at=now + timedelta(hours=1))


@transaction_required
def _write(claim: Claim, side: str, body: str, actor: Actor, at: datetime, **more: Any) -> Message:
    return Message.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        side=side,
        author_id=actor.id,
        author_name=actor.name[:200],
        body=_worded(body),
        at=at,
        **more,
    )


def _worded(body: str) -> str:
    text = body.strip()
    if not text or len(text) > LONGEST:
        raise Invalid(fields={"body": [_("Write between 1 and %(most)d characters.") % {"most": LONGEST}]})
    return text


def _tell(claim: Claim, kind: str, *, at: datetime, urgency: str = Notice.Urgency.NORMAL) -> None:
    telling.queue(
        merchant_id=claim.merchant_id,
        kind=kind,
        at=at,
        params={"number": claim.number},
        path=f"/m/claims/{claim.pk}/",
        subject_id=claim.pk,
        urgency=urgency,
    )
