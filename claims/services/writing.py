"""The steps every decision shares: checked, written down for ever, and all that follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from claims import lifecycle
from claims.models import Claim, ClaimLine, Decision, DecisionLine, RemedyKind
from claims.queries import claims as queries
from claims.queries import desk, kinds
from claims.queries.remedies import possible
from claims.services import clocks, consequences, moving
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid
from merchant_protection.foundation.transactions import transaction_required

UPHELD, PARTLY, REJECTED = lifecycle.UPHELD, lifecycle.PARTLY_UPHELD, lifecycle.REJECTED
MOVES = {UPHELD: "uphold", PARTLY: "partly_uphold", REJECTED: "reject"}
SIDES = {UPHELD: {"UPHOLD", "EITHER"}, PARTLY: {"UPHOLD", "REJECT", "EITHER"}, REJECTED: {"REJECT", "EITHER"}}
LONGEST_NOTE = 4_000


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


def verdict_of(decision: Decision) -> Verdict:
    """Return what a written decision wants, so that a second person can want the same."""
    return Verdict(
        result=decision.result,
        reason_codes=decision.reason_codes,
        note=decision.note,
        buyer_note=decision.buyer_note,
        lines={line.ordinal: line.result for line in decision.lines.all()},
        remedies=decision.remedies,
    )


def check(claim: Claim, verdict: Verdict) -> None:
    """Refuse a decision without a result, a ground that fits it, or anything to act on."""
    faults: dict[str, list[str]] = {}
    if verdict.result not in MOVES:
        raise Invalid(_("This decision is not complete."), fields={"result": [_("Choose a result.")]})
    known = kinds.reasons_by_code(verdict.reason_codes)
    if not verdict.reason_codes or set(verdict.reason_codes) - set(known):
        faults["reason_codes"] = [_("Name the rule that the decision rests on.")]
    elif any(reason.side not in SIDES[verdict.result] for reason in known.values()):
        faults["reason_codes"] = [_("A reason does not fit the result.")]
    if verdict.result == PARTLY and {result for _line, result in line_results(claim, verdict)} != {UPHELD, REJECTED}:
        faults["lines"] = [_("A partial decision upholds some lines and not others.")]
    if set(verdict.remedies) - set(possible(claim)):
        faults["remedies"] = [_("There is nothing this remedy could act on.")]
    elif verdict.remedies and verdict.result == REJECTED:
        faults["remedies"] = [_("A complaint that is not upheld brings no remedy.")]
    if len(verdict.note) > LONGEST_NOTE or len(verdict.buyer_note) > LONGEST_NOTE:
        faults["note"] = [_("Write at most %(most)d characters.") % {"most": LONGEST_NOTE}]
    if faults:
        raise Invalid(_("This decision is not complete."), fields=faults)


@transaction_required
def close(
    claim: Claim, verdict: Verdict, move: str, *, stage: str, actor: Actor, at: datetime, **pointers: Any
) -> Decision:
    """Write the decision of a locked complaint, make the move that follows from it, and promise what it brings."""
    before = queries.decision_in_force(claim)
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
        deciders=moving.joined(claim.deciders, actor.id),
    )
    clocks.refresh(claim, at=at)
    consequences.follow(claim, decision, before=before, at=at)
    return decision


@transaction_required
def write(claim: Claim, verdict: Verdict, *, stage: str, actor: Actor, at: datetime, **pointers: Any) -> Decision:
    """Write a decision with its lines, append-only."""
    results = line_results(claim, verdict)
    amount = claim.amount if verdict.result == UPHELD else Decimal(0)
    if verdict.result == PARTLY:
        amount = min(sum((line.amount for line, result in results if result == UPHELD), Decimal(0)), claim.amount)
    known = kinds.reasons_by_code(verdict.reason_codes)
    decision = Decision.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        result=verdict.result,
        stage=stage,
        reason_codes=list(verdict.reason_codes),
        reasons=[_as_told(known[code]) for code in verdict.reason_codes],
        note=verdict.note.strip(),
        buyer_note=verdict.buyer_note.strip(),
        internal_note=verdict.internal_note.strip(),
        amount_upheld=amount,
        remedies=sorted(set(verdict.remedies) & set(RemedyKind.values)),
        decided_by_id=actor.id if actor.is_staff else None,
        decided_by_name=actor.name[:200],
        at=at,
        **pointers,
    )
    DecisionLine.objects.bulk_create(
        DecisionLine(
            merchant_id=claim.merchant_id, decision=decision, ordinal=line.ordinal, result=result, amount=line.amount
        )
        for line, result in results
    )
    if stage != Decision.Stage.PROPOSAL:
        for line, result in results:
            line.result = result
        ClaimLine.objects.bulk_update([line for line, _result in results], ["result"])
    return decision


def line_results(claim: Claim, verdict: Verdict) -> list[tuple[ClaimLine, str]]:
    """Return what becomes of each line; in a partial decision a line that is not named is not upheld."""
    whole = REJECTED if verdict.result == REJECTED else UPHELD
    lines = queries.lines_of(claim)
    if verdict.result != PARTLY:
        return [(line, whole) for line in lines]
    return [(line, UPHELD if verdict.lines.get(line.ordinal) == UPHELD else REJECTED) for line in lines]


def _as_told(reason: Any) -> dict[str, str]:
    names = ("name", "text", "clause", "basis")
    told = {f"{name}_{code}": getattr(reason, f"{name}_{code}") for name in names for code in ("en", "zh")}
    return {"code": reason.code, **told}
