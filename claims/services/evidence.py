"""Evidence is added, described, taken out and put back; what the desk has been told of stays."""

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Claim, Evidence, EvidenceType
from claims.queries import claims as claim_queries
from claims.queries import evidence as queries
from claims.queries import kinds
from claims.rules.kinds import completeness
from merchant_protection.accounts.actor import Actor
from merchant_protection.audit import services as audit
from merchant_protection.files.services import uploads
from merchant_protection.foundation.errors import Conflict, Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required

logger = logging.getLogger(__name__)
MOST = 30
PUT_BACK_WITHIN = timedelta(hours=1)
SWEEP_LIMIT = 200
OPEN_FOR_EVIDENCE = frozenset({lifecycle.DRAFT}) | lifecycle.UNDECIDED | lifecycle.DECIDED | lifecycle.UNDER_APPEAL


@transaction
def add(*, claim_id: int, actor: Actor, at: datetime, file_id: int, type: str, note: str = "") -> Evidence:
    """Show a file as evidence of something; the file may still be on its way or being checked."""
    claim = claim_queries.lock(claim_id)
    require(policies.can_answer_as_merchant(actor, claim) or actor.is_system)
    _require_open(claim, at)
    if type not in EvidenceType.values:
        raise Invalid(fields={"type": [_("There is no such evidence.")]})
    if queries.of_claim(claim).count() >= MOST:
        raise Conflict(_("A complaint takes %(most)d files at most.") % {"most": MOST})
    file = uploads.bind(actor=actor, file_id=file_id, to=f"evidence of {claim.number}")
    piece = Evidence.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        file=file,
        type=type,
        note=note.strip()[:300],
        added_at=at,
        added_by_id=actor.id,
        added_by_name=actor.name[:200],
    )
    _record(piece, "evidence.added", actor=actor, at=at)
    measure(claim)
    return piece


@transaction
def describe(*, evidence_id: int, actor: Actor, at: datetime, type: str, note: str) -> Evidence:
    """Say anew what a file shows, as long as it can still be taken out."""
    piece = queries.lock(evidence_id)
    claim = claim_queries.lock(piece.claim_id)
    require(policies.can_answer_as_merchant(actor, claim))
    if not can_take_out(claim, piece):
        raise Conflict(_("The desk has this file already: it stays as it is."))
    if type not in EvidenceType.values:
        raise Invalid(fields={"type": [_("There is no such evidence.")]})
    piece.type, piece.note = type, note.strip()[:300]
    piece.save(update_fields=["type", "note"])
    measure(claim)
    return piece


@transaction
def remove(*, evidence_id: int, actor: Actor, at: datetime) -> Evidence:
    """Take a file out; for an hour it can be put back. Safe to run twice."""
    piece = queries.lock(evidence_id)
    claim = claim_queries.lock(piece.claim_id)
    require(policies.can_answer_as_merchant(actor, claim))
    if piece.removed_at is not None:
        return piece
    if not can_take_out(claim, piece):
        raise Conflict(_("The desk has this file already: it stays as it is."))
    piece.removed_at = at
    piece.save(update_fields=["removed_at"])
    _record(piece, "evidence.removed", actor=actor, at=at)
    measure(claim)
    return piece


@transaction
def put_back(*, evidence_id: int, actor: Actor, at: datetime) -> Evidence:
    """Put back what was taken out."""
    piece = queries.lock(evidence_id)
    claim = claim_queries.lock(piece.claim_id)
    require(policies.can_answer_as_merchant(actor, claim))
    if piece.removed_at is None:
        return piece
    if piece.is_let_go:
        raise Conflict(_("This file is gone. Send it again."))
    _require_open(claim, at)
    piece.removed_at = None
    piece.save(update_fields=["removed_at"])
    _record(piece, "evidence.put_back", actor=actor, at=at)
    measure(claim)
    return piece


def can_take_out(claim: Claim, piece: Evidence) -> bool:
    """Say whether the desk has not been told of a file yet: in a draft, or added since the last move."""
    if claim.status == lifecycle.DRAFT:
        return True
    last = claim_queries.history_of(claim).order_by("-pk").values_list("at", flat=True).first()
    return claim.status in lifecycle.PAUSED | lifecycle.DECIDED and last is not None and piece.added_at > last


def let_go_removed(*, now: datetime) -> int:
    """Erase what was taken out an hour ago; return how many files.

    Safe to run at any time: each is looked at again under its own lock, in its own transaction.
    """
    gone = 0
    ids = queries.to_let_go(before=now - PUT_BACK_WITHIN).values_list("pk", flat=True)[:SWEEP_LIMIT]
    for evidence_id in ids:
        try:
            gone += _let_go(evidence_id=evidence_id, now=now)
        except Exception:
            logger.exception("Could not let go of evidence %s", evidence_id)
    return gone


@transaction
def _let_go(*, evidence_id: int, now: datetime) -> bool:
    piece = queries.lock(evidence_id)
    if piece.removed_at is None or piece.removed_at > now - PUT_BACK_WITHIN or piece.is_let_go:
        return False
    piece.is_let_go = True
    piece.save(update_fields=["is_let_go"])
    uploads.let_go(actor=Actor.clock("claims.evidence"), file_id=piece.file_id, at=now)
    return True


@transaction_required
def measure(claim: Claim) -> None:
    """Write on a locked complaint how complete it is; complete is only what was checked and found clean."""
    rule = kinds.as_rule(claim.kind)
    claim.completeness = completeness(rule, queries.shown(claim)).score
    claim.is_complete = completeness(rule, queries.checked(claim)).is_complete
    Claim.objects.filter(pk=claim.pk).update(completeness=claim.completeness, is_complete=claim.is_complete)


def _require_open(claim: Claim, at: datetime) -> None:
    is_late = claim.status in lifecycle.DECIDED and (claim.appeal_until is None or at > claim.appeal_until)
    if claim.status not in OPEN_FOR_EVIDENCE or is_late:
        raise Conflict(_("This complaint is closed: it takes no more evidence."))


def _record(piece: Evidence, action: str, *, actor: Actor, at: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        at=at,
        merchant_id=piece.merchant_id,
        subject_kind="claim",
        subject_id=piece.claim_id,
        after={"file": piece.file.name, "type": piece.type, "sha256": piece.file.digest, "evidence": piece.pk},
    )
