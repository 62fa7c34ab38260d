"""The life of a claim: its statuses, the moves between them, and who may make each."""

from merchant_protection.foundation.lifecycle import Move, move, moves_from, target_of

DRAFT = "DRAFT"
SUBMITTED = "SUBMITTED"
IN_REVIEW = "IN_REVIEW"
AWAITING_EVIDENCE = "AWAITING_EVIDENCE"
HELD = "HELD"
UPHELD = "UPHELD"
PARTLY_UPHELD = "PARTLY_UPHELD"
REJECTED = "REJECTED"
WITHDRAWN = "WITHDRAWN"
EXPIRED = "EXPIRED"
APPEALED = "APPEALED"
APPEAL_REVIEW = "APPEAL_REVIEW"
FINAL = "FINAL"

STATUSES = (
    DRAFT,
    SUBMITTED,
    IN_REVIEW,
    AWAITING_EVIDENCE,
    HELD,
    UPHELD,
    PARTLY_UPHELD,
    REJECTED,
    WITHDRAWN,
    EXPIRED,
    APPEALED,
    APPEAL_REVIEW,
    FINAL,
)
UNDECIDED = frozenset({SUBMITTED, IN_REVIEW, AWAITING_EVIDENCE, HELD})
DECIDED = frozenset({UPHELD, PARTLY_UPHELD, REJECTED})
UNDER_APPEAL = frozenset({APPEALED, APPEAL_REVIEW})
OVER = frozenset({WITHDRAWN, EXPIRED, FINAL})
# The same order and kind filed again is the same claim while it stands here.
OPEN_OR_APPEALABLE = frozenset({DRAFT}) | UNDECIDED | DECIDED | UNDER_APPEAL
WITH_REVIEWER = frozenset({IN_REVIEW, APPEAL_REVIEW})
UNTAKEN = frozenset({SUBMITTED, HELD, APPEALED})
# While we wait for the merchant the clock of the desk stands still.
PAUSED = frozenset({AWAITING_EVIDENCE})

MOVES: dict[str, Move] = {
    "submit": move(DRAFT, to=SUBMITTED),
    "withdraw": move(DRAFT, *UNDECIDED, to=WITHDRAWN),
    "take": move(SUBMITTED, to=IN_REVIEW),
    "put_back": move(IN_REVIEW, to=SUBMITTED),
    "ask_for_evidence": move(IN_REVIEW, to=AWAITING_EVIDENCE),
    "receive_evidence": move(AWAITING_EVIDENCE, to=IN_REVIEW),
    "expire": move(AWAITING_EVIDENCE, to=EXPIRED),
    "uphold": move(IN_REVIEW, HELD, to=UPHELD),
    "partly_uphold": move(IN_REVIEW, HELD, to=PARTLY_UPHELD),
    "reject": move(IN_REVIEW, HELD, to=REJECTED),
    "hold": move(IN_REVIEW, to=HELD),
    "send_back": move(HELD, to=IN_REVIEW),
    "fast_track": move(SUBMITTED, to=UPHELD),
    "uphold_overdue": move(SUBMITTED, IN_REVIEW, to=UPHELD),
    "override_to_upheld": move(PARTLY_UPHELD, REJECTED, to=UPHELD),
    # A partial decision may be replaced by another partial one: other lines, same status.
    "override_to_partly_upheld": move(UPHELD, PARTLY_UPHELD, REJECTED, to=PARTLY_UPHELD),
    "override_to_rejected": move(UPHELD, PARTLY_UPHELD, to=REJECTED),
    "appeal": move(UPHELD, PARTLY_UPHELD, REJECTED, to=APPEALED),
    "take_appeal": move(APPEALED, to=APPEAL_REVIEW),
    "put_back_appeal": move(APPEAL_REVIEW, to=APPEALED),
    # The other side may still have its own appeal, so the answer to the first is a decision like any other.
    "uphold_on_appeal": move(APPEAL_REVIEW, to=UPHELD),
    "partly_uphold_on_appeal": move(APPEAL_REVIEW, to=PARTLY_UPHELD),
    "reject_on_appeal": move(APPEAL_REVIEW, to=REJECTED),
    "finalise": move(UPHELD, PARTLY_UPHELD, REJECTED, to=FINAL),
}

MERCHANT = "MERCHANT"
BUYER = "BUYER"
REVIEWER = "REVIEWER"
SENIOR_REVIEWER = "SENIOR_REVIEWER"
CLOCK = "CLOCK"

_DESK = frozenset({REVIEWER, SENIOR_REVIEWER})
_SENIOR = frozenset({SENIOR_REVIEWER})

MADE_BY: dict[str, frozenset[str]] = {
    "submit": frozenset({MERCHANT}),
    "withdraw": frozenset({MERCHANT}),
    "take": _DESK,
    "put_back": _DESK | {CLOCK},
    "ask_for_evidence": _DESK,
    "receive_evidence": frozenset({MERCHANT}),
    "expire": frozenset({CLOCK}),
    "uphold": _DESK,
    "partly_uphold": _DESK,
    "reject": _DESK,
    "hold": _DESK,
    "send_back": _DESK,
    "fast_track": frozenset({CLOCK}),
    "uphold_overdue": frozenset({CLOCK}),
    "override_to_upheld": _SENIOR,
    "override_to_partly_upheld": _SENIOR,
    "override_to_rejected": _SENIOR,
    "appeal": frozenset({MERCHANT, BUYER}),
    "take_appeal": _DESK,
    "put_back_appeal": _DESK | {CLOCK},
    "uphold_on_appeal": _DESK,
    "partly_uphold_on_appeal": _DESK,
    "reject_on_appeal": _DESK,
    "finalise": frozenset({CLOCK}),
}


def target_status(name: str, status: str) -> str:
    """Return the status a claim has after this move, or refuse the move."""
    return target_of(MOVES, name, status)


def legal_moves(status: str, *, party: str | None = None) -> list[str]:
    """Return the moves that are open for a claim now, or only those this party makes."""
    return [name for name in moves_from(MOVES, status) if party is None or party in MADE_BY[name]]
