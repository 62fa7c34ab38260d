"""How truthfully a merchant files, and when it is slowed; the figures are shown to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from claims.rules.reasons import Reason


@dataclass(frozen=True)
class Limits:
    """From when on a merchant that files falsely is slowed."""

    fewest_decided: int = 10
    rejected_up_to: float = 0.6
    overturned_up_to: float = 0.2
    pause_between: timedelta = timedelta(hours=4)


@dataclass(frozen=True)
class Filer:
    """A merchant's own figures: the share rejected of all decided, the share overturned of those once upheld."""

    decided: int
    share_rejected: float
    share_overturned: float
    reasons: tuple[Reason, ...]

    @property
    def is_slowed(self) -> bool:
        """Whether its claims wait longer between one and the next and never take the fast track."""
        return bool(self.reasons)


DEFAULTS = Limits()


def measured(*, upheld: int, rejected: int, overturned: int, limits: Limits = DEFAULTS) -> Filer:
    """Return a merchant's figures and why it is slowed, if it is.

    `overturned` are claims first upheld that turned out false; they are part of `rejected`.
    """
    decided, once_upheld = upheld + rejected, upheld + overturned
    share_rejected = rejected / decided if decided else 0.0
    share_overturned = overturned / once_upheld if once_upheld else 0.0
    reasons = []
    if decided >= limits.fewest_decided:
        if share_rejected > limits.rejected_up_to:
            reasons.append(Reason("MANY_REJECTED", facts={"share": share_rejected, "limit": limits.rejected_up_to}))
        if share_overturned > limits.overturned_up_to:
            reasons.append(
                Reason("MANY_OVERTURNED", facts={"share": share_overturned, "limit": limits.overturned_up_to})
            )
    return Filer(decided, share_rejected, share_overturned, tuple(reasons))


def next_filing_at(
    filer: Filer, *, last_filed_at: datetime | None, at: datetime, limits: Limits = DEFAULTS
) -> datetime:
    """Return from when the merchant may submit its next claim: now, unless it is slowed and has just filed one."""
    if last_filed_at is None or not filer.is_slowed:
        return at
    return max(at, last_filed_at + limits.pause_between)
