"""Statuses of a policy's version, of a draw and of a backtest, and the moves between them."""

from merchant_protection.foundation.lifecycle import move


class VersionStatus:
    """Where one version of a policy stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    SHADOW = "SHADOW"
    CANARY = "CANARY"
    ENFORCING = "ENFORCING"
    EXPIRED = "EXPIRED"
    RETIRED = "RETIRED"


S = VersionStatus
LIVE = (S.SHADOW, S.CANARY, S.ENFORCING)
ENDED = (S.EXPIRED, S.RETIRED)

VERSION_MOVES = {
    "submit": move(S.DRAFT, to=S.SUBMITTED),
    "send_back": move(S.SUBMITTED, to=S.DRAFT),
    "approve": move(S.DRAFT, S.SUBMITTED, to=S.APPROVED),
    "watch": move(S.APPROVED, S.CANARY, S.ENFORCING, to=S.SHADOW),
    "try_out": move(S.APPROVED, S.SHADOW, S.CANARY, to=S.CANARY),
    "enforce": move(S.APPROVED, S.SHADOW, S.CANARY, to=S.ENFORCING),
    "expire": move(S.APPROVED, *LIVE, to=S.EXPIRED),
    "retire": move(S.DRAFT, S.SUBMITTED, S.APPROVED, *LIVE, to=S.RETIRED),
}


class BaselineStatus:
    """Where a version of the platform's baseline rules stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    SHADOW = "SHADOW"
    ENFORCING = "ENFORCING"
    RETIRED = "RETIRED"


B = BaselineStatus
BASELINE_LIVE = (B.SHADOW, B.ENFORCING)

BASELINE_MOVES = {
    "submit": move(B.DRAFT, to=B.SUBMITTED),
    "send_back": move(B.SUBMITTED, to=B.DRAFT),
    "approve": move(B.SUBMITTED, to=B.SHADOW),
    "enforce": move(B.SHADOW, to=B.ENFORCING),
    "retire": move(B.DRAFT, B.SUBMITTED, *BASELINE_LIVE, to=B.RETIRED),
}


class DrawStatus:
    """Where a draw stands: committed before entries open, revealed after they close."""

    COMMITTED = "COMMITTED"
    CLOSED = "CLOSED"
    REVEALED = "REVEALED"
    CANCELLED = "CANCELLED"


DRAW_MOVES = {
    "close": move(DrawStatus.COMMITTED, to=DrawStatus.CLOSED),
    "reveal": move(DrawStatus.CLOSED, to=DrawStatus.REVEALED),
    "cancel": move(DrawStatus.COMMITTED, to=DrawStatus.CANCELLED),
}


class RunStatus:
    """Where a backtest, or the loading of a list, stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


RUN_MOVES = {
    "start": move(RunStatus.WAITING, RunStatus.RUNNING, to=RunStatus.RUNNING),
    "finish": move(RunStatus.RUNNING, to=RunStatus.DONE),
    "cancel": move(RunStatus.WAITING, RunStatus.RUNNING, to=RunStatus.CANCELLED),
    "fail": move(RunStatus.WAITING, RunStatus.RUNNING, to=RunStatus.FAILED),
}
