"""Upholding at once what was warned of before; everything else is a person's to decide."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from claims.rules.reasons import Reason


class Mode(StrEnum):
    """Whether a version of the fast track decides, only says what it would, or rests."""

    OFF = "OFF"
    SHADOW = "SHADOW"
    LIVE = "LIVE"


class Outcome(StrEnum):
    """There is no rejection among them."""

    UPHOLD = "UPHOLD"
    PERSON = "PERSON"


@dataclass(frozen=True)
class Terms:
    """One version of the fast track: which warnings make which kinds of claim clear, and its limits."""

    version: int
    mode: Mode = Mode.OFF
    clear: Mapping[str, frozenset[str]] = field(default_factory=dict)
    levels: frozenset[str] = frozenset({"HIGH"})
    amount_up_to: Decimal = Decimal(0)
    sampled: float = 0.1
    overturned_up_to: float = 0.05
    fewest_decided: int = 20


@dataclass(frozen=True)
class Warned:
    """A warning about the order, as the merchant got it."""

    kind: str
    level: str
    issued_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """What the fast track looks at."""

    claim: str
    kind: str
    amount: Decimal
    filed_at: datetime
    is_complete: bool
    second_approval_amount: Decimal
    warnings: tuple[Warned, ...] = ()
    buyer_has_many_orders: bool = False
    merchant_is_slowed: bool = False


@dataclass(frozen=True)
class Verdict:
    """What becomes of a claim, what the rule alone would have said, and why; sampled ones are looked at afterwards."""

    outcome: Outcome
    would_uphold: bool
    is_sampled: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Standing:
    """How a version has done: of the claims looked at again, how many were overturned."""

    reviewed: int
    overturned: int
    rate: float
    must_stop: bool


def judge(terms: Terms, facts: Facts) -> Verdict:
    """Uphold a claim at once when the order was warned of, the evidence is complete and the rule is clear.

    Anything less goes to a person, with every reason why. In shadow mode all do,
    and the answer says what would have been.
    """
    warning = _clear_warning(terms, facts)
    obstacles = tuple(_obstacles(terms, facts, warning))
    would_uphold = not obstacles and terms.mode is not Mode.OFF
    reasons = obstacles
    if warning is not None and not obstacles:
        reasons = (Reason("WARNED_BEFORE", facts={"warning": warning.kind, "issued_at": warning.issued_at}),)
    if terms.mode is not Mode.LIVE:
        reasons = (*reasons, Reason(f"FAST_TRACK_{terms.mode}"))
    upheld = would_uphold and terms.mode is Mode.LIVE
    return Verdict(
        outcome=Outcome.UPHOLD if upheld else Outcome.PERSON,
        would_uphold=would_uphold,
        is_sampled=would_uphold and is_sampled(facts.claim, version=terms.version, share=terms.sampled),
        reasons=reasons,
    )


def is_sampled(claim: str, *, version: int, share: float) -> bool:
    """Say whether a claim is among those looked at again: always the same answer, for about that share of claims."""
    drawn = int.from_bytes(hashlib.sha256(f"{version}:{claim}".encode()).digest()[:8])
    return drawn < share * 2**64


def standing(terms: Terms, *, reviewed: int, overturned: int) -> Standing:
    """Return how a version has done over the claims it upheld that were looked at again, and whether it must stop.

    It stops when more than the permitted share was overturned, or, before enough
    were looked at, as soon as more were overturned than that number could ever permit.
    """
    rate = overturned / reviewed if reviewed else 0.0
    permitted = terms.overturned_up_to * max(reviewed, terms.fewest_decided)
    return Standing(reviewed, overturned, rate, must_stop=overturned > permitted)


def _clear_warning(terms: Terms, facts: Facts) -> Warned | None:
    """Return the first warning that stood when the claim was filed and is clear for its kind."""
    kinds = terms.clear.get(facts.kind, frozenset())
    standing_then = (
        warning
        for warning in facts.warnings
        if warning.kind in kinds
        and warning.level in terms.levels
        and warning.issued_at < facts.filed_at
        and (warning.expires_at is None or facts.filed_at <= warning.expires_at)
    )
    return min(standing_then, key=lambda warning: warning.issued_at, default=None)


def _obstacles(terms: Terms, facts: Facts, warning: Warned | None) -> Iterator[Reason]:
    found = {
        "KIND_NOT_CLEAR": facts.kind not in terms.clear,
        "NOT_WARNED_BEFORE": facts.kind in terms.clear and warning is None,
        "EVIDENCE_INCOMPLETE": not facts.is_complete,
        "AMOUNT_TOO_HIGH": facts.amount > terms.amount_up_to,
        "NEEDS_SECOND_APPROVAL": facts.amount > facts.second_approval_amount or facts.buyer_has_many_orders,
        "MERCHANT_SLOWED": facts.merchant_is_slowed,
    }
    yield from (Reason(code) for code, stands in found.items() if stands)
