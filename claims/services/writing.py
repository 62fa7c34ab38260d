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
from claims.rules import personal_data
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


@dataclass(frozen=True)
class Draft:
    """What both sides would read of a decision that nobody has made yet."""

    result: str
    reasons: list[dict[str, str]]
    note: str
    buyer_note: str
    amount_upheld: Decimal
    lines: list[tuple[ClaimLine, str]]
    remedies: list[str]
    appeal_until: datetime


def draft(claim: Claim, verdict: Verdict, *, at: datetime) -> Draft:
    """Return a decision as both sides would read it."""
    known = kinds.reasons_by_code(verdict.reason_codes)
    results = line_results(claim, verdict)
    return Draft(
        result=verdict.result,
        reasons=[_as_told(known[code]) for code in verdict.reason_codes],
        note=verdict.note.strip(),
        buyer_note=verdict.buyer_note.strip(),
        amount_upheld=_amount(claim, verdict, results),
        lines=results,
        remedies=sorted(set(verdict.remedies) & set(RemedyKind.values)),
        appeal_until=at + timedelta(days=desk.limits().appeal_days),
    )


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
    for name, words in (("note", verdict.note), ("buyer_note", verdict.buyer_note)):
        if faults_of_words := _faults_of_words(claim, words):
            faults[name] = faults_of_words
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
    drafted = draft(claim, verdict, at=at)
    results = drafted.lines
    decision = Decision.objects.create(
        merchant_id=claim.merchant_id,
        claim=claim,
        result=verdict.result,
        stage=stage,
        reason_codes=list(verdict.reason_codes),
        reasons=drafted.reasons,
        note=drafted.note,
        buyer_note=drafted.buyer_note,
        internal_note=verdict.internal_note.strip(),
        amount_upheld=drafted.amount_upheld,
        remedies=drafted.remedies,
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


def _amount(claim: Claim, verdict: Verdict, results: list[tuple[ClaimLine, str]]) -> Decimal:
    """Return how much money a verdict gives to the merchant."""
    if verdict.result == PARTLY:
        upheld = sum((line.amount for line, result in results if result == UPHELD), Decimal(0))
        return min(upheld, claim.amount)
    return claim.amount if verdict.result == UPHELD else Decimal(0)


def _faults_of_words(claim: Claim, words: str) -> list[str]:
    """Both sides read these words: nothing about other people or other shops may stand in them."""
    if len(words) > LONGEST_NOTE:
        return [_("Write at most %(most)d characters.") % {"most": LONGEST_NOTE}]
    if personal_data.found_in(words):
        return [_("Take out phone numbers, addresses and card numbers: both sides read this.")]
    if queries.names_another_shop(words, merchant_id=claim.merchant_id):
        return [_("Take out the name of the other shop: both sides read this.")]
    return []


def _as_told(reason: Any) -> dict[str, str]:
    names = ("name", "text", "clause", "basis")
    told = {f"{name}_{code}": getattr(reason, f"{name}_{code}") for name in names for code in ("en", "zh")}
    return {"code": reason.code, **told}
