"""What a decision brings: promised in its transaction, asked of the platform, confirmed, taken back if overturned."""

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any

from claims.models import Claim, Decision, Exemption, Remedy, RemedyKind
from claims.queries import remedies as queries
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import waking
from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.transactions import transaction, transaction_required
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.rules.wishes import VERBS, Mode, Wish, verb_for
from merchant_protection.marketplace.services.actions import asking

logger = logging.getLogger(__name__)
SWEEP_LIMIT = 200
LOOK_AGAIN = timedelta(seconds=30)
TRY_AGAIN = timedelta(minutes=5)
FEATURE = "claims"
ACTOR = Actor.clock("claims.remedies")
AUTOMATIC = frozenset({Decision.Stage.FAST_TRACK, Decision.Stage.OVERDUE})
ENDED = {"CONFIRMED": True, "FAILED": False, "CANCELLED": False, "SUPERSEDED": False}
VERB_OF = {
    RemedyKind.STOP_REFUND: "stop_refund",
    RemedyKind.HIDE_REVIEW: "hide_review",
    RemedyKind.EXEMPT_ORDER: "exempt_order",
    RemedyKind.RESTRICT_BUYER: "restrict_buyer",
}
Status = Remedy.Status


@transaction_required
def follow(claim: Claim, decision: Decision, *, at: datetime) -> None:
    """Promise what a decision brings, and take back what an earlier one brought and this one does not."""
    wanted = set(decision.remedies)
    standing = list(queries.standing_of(claim))
    for remedy in standing:
        if remedy.kind not in wanted:
            _take_back(remedy, decision, at=at)
    kept = {remedy.kind for remedy in standing}
    for kind in sorted(wanted - kept):
        _promise(claim, decision, kind, at=at)
    waking.wake()


def carry_out_due(*, now: datetime) -> int:
    """Ask the platform for what was promised, and note what it has confirmed; return how many moved on."""
    done = 0
    for remedy_id in queries.due(now).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        try:
            done += _carry_out(remedy_id=remedy_id, now=now)
        except Conflict:
            _postpone(remedy_id=remedy_id, now=now, why="a kill switch is on")
        except Exception as error:
            logger.exception("Could not carry out remedy %s", remedy_id)
            _postpone(remedy_id=remedy_id, now=now, why=type(error).__name__)
    return done


@transaction_required
def _promise(claim: Claim, decision: Decision, kind: str, *, at: datetime) -> Remedy:
    is_asked = kind in VERB_OF
    if kind == RemedyKind.EXEMPT_ORDER:
        _enter(claim, decision, Exemption.Entry.EXEMPTED, at=at)
    return Remedy.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        decision=decision,
        kind=kind,
        ref=_ref(claim, kind),
        amount=decision.amount_upheld if kind == RemedyKind.COMPENSATION else None,
        status=Status.PROMISED if is_asked else Status.DONE,
        promised_at=at,
        done_at=None if is_asked else at,
        due_at=at if is_asked else None,
    )


@transaction_required
def _take_back(remedy: Remedy, decision: Decision, *, at: datetime) -> None:
    if remedy.kind == RemedyKind.EXEMPT_ORDER:
        _enter(remedy.claim, decision, Exemption.Entry.RESTORED, at=at)
    was_asked = remedy.action_id is not None
    remedy.status = Status.RESTORING if was_asked else Status.RESTORED
    remedy.restored_at = None if was_asked else at
    remedy.due_at = at if was_asked else None
    remedy.save(update_fields=["status", "restored_at", "due_at"])


@transaction_required
def _enter(claim: Claim, decision: Decision, entry: str, *, at: datetime) -> None:
    Exemption.objects.create(
        merchant_id=claim.merchant_id, order_id=claim.order_id, claim=claim, decision=decision, entry=entry, at=at
    )


@transaction
def _carry_out(*, remedy_id: int, now: datetime) -> bool:
    remedy = queries.lock(remedy_id)
    if remedy is None or remedy.due_at is None or remedy.due_at > now:
        return False
    if remedy.status == Status.PROMISED:
        remedy.action = _ask(remedy, at=now)
        return _write(remedy, Status.ASKED, due_at=now + LOOK_AGAIN)
    if remedy.status == Status.ASKED and remedy.action is not None:
        return _look(remedy, remedy.action, now=now, good=Status.DONE, bad=Status.FAILED)
    if remedy.status == Status.RESTORING and remedy.undo_action is None:
        remedy.undo_action = _ask_back(remedy, at=now)
        return _write(remedy, Status.RESTORING, due_at=now + LOOK_AGAIN)
    if remedy.status == Status.RESTORING and remedy.undo_action is not None:
        return _look(remedy, remedy.undo_action, now=now, good=Status.RESTORED, bad=Status.RESTORING)
    return _write(remedy, remedy.status, due_at=None)


def _look(remedy: Remedy, action: PlatformAction, *, now: datetime, good: str, bad: str) -> bool:
    """See whether the platform has confirmed; what failed to be taken back is tried again."""
    went_well = ENDED.get(action.status)
    if went_well is None:
        return _write(remedy, remedy.status, due_at=now + LOOK_AGAIN)
    if went_well:
        stamp = {"done_at": now} if good == Status.DONE else {"restored_at": now}
        return _write(remedy, good, due_at=None, **stamp)
    if bad == Status.RESTORING:
        remedy.undo_action = None
    return _write(remedy, bad, due_at=now + TRY_AGAIN if bad == Status.RESTORING else None)


def _write(remedy: Remedy, status: str, **changes: Any) -> bool:
    has_moved = remedy.status != status
    remedy.status = status
    for name, value in changes.items():
        setattr(remedy, name, value)
    remedy.save()
    return has_moved


@transaction_required
def _ask(remedy: Remedy, *, at: datetime) -> PlatformAction:
    verb = VERB_OF[RemedyKind(remedy.kind)]
    wish = Wish(
        merchant_id=remedy.merchant_id,
        verb=verb,
        ref=remedy.ref,
        feature=FEATURE,
        rule=f"decision:{remedy.decision.stage.lower()}",
        cause=remedy.claim.number,
        reason=f"{remedy.claim.number}: {remedy.decision.result.lower()}",
        value=_value(remedy),
    )
    if remedy.decision.stage in AUTOMATIC:
        return asking.ask(wish, mode=Mode.AUTO, actor=ACTOR, at=at)
    return asking.person_wants(wish, actor=ACTOR, at=at)


@transaction_required
def _ask_back(remedy: Remedy, *, at: datetime) -> PlatformAction:
    """Set what was asked for back to what it was before."""
    verb = VERBS[VERB_OF[RemedyKind(remedy.kind)]]
    before = remedy.action.undo if remedy.action is not None else None
    back = verb_for(verb.kind, verb.aspect, before) if before is not None else verb.back
    wish = Wish(
        merchant_id=remedy.merchant_id,
        verb=back,
        ref=remedy.ref,
        feature=FEATURE,
        cause=remedy.claim.number,
        reason=f"{remedy.claim.number}: overturned",
        value=before if VERBS[back].value is None else None,
    )
    return asking.person_wants(wish, actor=ACTOR, at=at)


@transaction
def _postpone(*, remedy_id: int, now: datetime, why: str) -> None:
    remedy = queries.lock(remedy_id)
    if remedy is not None and remedy.due_at is not None and remedy.due_at <= now:
        remedy.last_error = why
        _write(remedy, remedy.status, due_at=now + TRY_AGAIN)


def _ref(claim: Claim, kind: str) -> str:
    refs = {
        RemedyKind.STOP_REFUND: claim.after_sale.number if claim.after_sale else "",
        RemedyKind.HIDE_REVIEW: claim.review_ref,
        RemedyKind.EXEMPT_ORDER: claim.order_number,
        RemedyKind.RESTRICT_BUYER: claim.buyer.ref if claim.buyer else "",
    }
    return refs.get(RemedyKind(kind), "")


def _value(remedy: Remedy) -> Any:
    if remedy.kind == RemedyKind.EXEMPT_ORDER:
        proof = f"{remedy.claim.number}:{remedy.decision_id}:{','.join(remedy.decision.reason_codes)}"
        grounds = next(iter(remedy.decision.reason_codes), "CLAIM_UPHELD")
        return {"grounds": grounds, "evidence": hashlib.sha256(proof.encode()).hexdigest()}
    if remedy.kind == RemedyKind.RESTRICT_BUYER:
        return {"restricted": ["refund_only"]}
    return None
