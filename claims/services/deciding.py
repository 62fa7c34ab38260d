"""A reviewer decides: for the merchant, against, or line by line; never edited afterwards, only overridden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from claims import lifecycle, policies
from claims.models import Claim, ClaimLine, Decision, DecisionLine
from claims.queries import claims as queries
from claims.queries import desk, kinds
from claims.services import clocks, moving
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid, require
from merchant_protection.foundation.transactions import transaction, transaction_required

UPHELD, PARTLY, REJECTED = lifecycle.UPHELD, lifecycle.PARTLY_UPHELD, lifecycle.REJECTED
MOVES = {UPHELD: "uphold", PARTLY: "partly_uphold", REJECTED: "reject"}


@dataclass(frozen=True)
class Verdict:
    """What a reviewer wants: the result, its grounds, the lines of a partial one, and what it brings."""

    result: str
    reason_codes: Sequence[str] = ()
    note: str = ""
    buyer_note: str = ""
    internal_note: str = ""
    lines: Mapping[int, str] = field(default_factory=dict)
    remedies: Sequence[str] = ()


@transaction
def decide(*, claim_id: int, actor: Actor, at: datetime, verdict: Verdict, version: int | None = None) -> Claim:
    """Decide the case one has in hand; `version` is that of the page it was decided on."""
    claim = queries.lock(claim_id)
    require(policies.can_decide(actor, claim))
    moving.require_fresh(claim, version)
    _check(claim, verdict)
    close(claim, verdict, MOVES[verdict.result], stage=Decision.Stage.REVIEW, actor=actor, at=at)
    return claim


@transaction_required
def close(
    claim: Claim, verdict: Verdict, move: str, *, stage: str, actor: Actor, at: datetime, **pointers: Any
) -> Decision:
    """Write the decision of a locked complaint, and make the move that follows from it."""
    decision = write(claim, verdict, stage=stage, actor=actor, at=at, **pointers)
    moving.release(claim, "DECIDED", at=at)
    moving.move(
        claim,
        move,
        actor=actor,
        at=at,
        decided_at=at,
        appeal_until=at + timedelta(days=desk.limits().appeal_days),
        amount_upheld=decision.amount_upheld,
        deciders=_with(claim.deciders, actor.id),
    )
    clocks.refresh(claim, at=at)
    return decision


@transaction_required
def write(claim: Claim, verdict: Verdict, *, stage: str, actor: Actor, at: datetime, **pointers: Any) -> Decision:
    """Write a decision with its lines, append-only."""
    results = _line_results(claim, verdict)
    amount = claim.amount if verdict.result == UPHELD else Decimal(0)
    if verdict.result == PARTLY:
        amount = sum((line.amount for line, result in results if result == UPHELD), Decimal(0))
    known = kinds.reasons_by_code(verdict.reason_codes)
    decision = Decision.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        result=verdict.result,
        stage=stage,
        reason_codes=list(verdict.reason_codes),
        reasons=[_as_told(known[code]) for code in verdict.reason_codes],
        note=verdict.note,
        buyer_note=verdict.buyer_note,
        internal_note=verdict.internal_note,
        amount_upheld=amount,
        remedies=list(verdict.remedies),
        decided_by_id=actor.id if actor.is_staff else None,
        decided_by_name=actor.name[:200],
        at=at,
        **pointers,
    )
    DecisionLine.objects.bulk_create(
        [
            DecisionLine(
                merchant_id=claim.merchant_id,
                decision=decision,
                ordinal=line.ordinal,
                result=result,
                amount=line.amount,
            )
            for line, result in results
        ]
    )
    return decision


def _check(claim: Claim, verdict: Verdict) -> None:
    faults: dict[str, list[str]] = {}
    if verdict.result not in MOVES:
        faults["result"] = [_("Choose a result.")]
    known = kinds.reasons_by_code(verdict.reason_codes)
    if not verdict.reason_codes or set(verdict.reason_codes) - set(known):
        faults["reason_codes"] = [_("Name the rule that the decision rests on.")]
    if verdict.result == PARTLY:
        results = {result for _line, result in _line_results(claim, verdict)}
        if results != {UPHELD, REJECTED}:
            faults["lines"] = [_("A partial decision upholds some lines and not others.")]
    if faults:
        raise Invalid(_("This decision is not complete."), fields=faults)


def _line_results(claim: Claim, verdict: Verdict) -> list[tuple[ClaimLine, str]]:
    whole = REJECTED if verdict.result == REJECTED else UPHELD
    lines = queries.lines_of(claim)
    if verdict.result != PARTLY:
        return [(line, whole) for line in lines]
    return [(line, verdict.lines.get(line.ordinal, REJECTED)) for line in lines]


def _as_told(reason: Any) -> dict[str, str]:
    names = ("name", "text", "clause", "basis")
    told = {f"{name}_{code}": getattr(reason, f"{name}_{code}") for name in names for code in ("en", "zh")}
    return {"code": reason.code, **told}


def _with(deciders: list[int], actor_id: int | None) -> list[int]:
    return deciders if actor_id is None or actor_id in deciders else [*deciders, actor_id]
