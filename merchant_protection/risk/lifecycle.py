"""Statuses of warnings, restrictions and appeals, and the moves between them."""

from merchant_protection.foundation.lifecycle import move


class WarningStatus:
    """Where a warning stands."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    REPORTED = "REPORTED"
    NORMAL = "NORMAL"
    EXPIRED = "EXPIRED"


UNANSWERED = (WarningStatus.OPEN, WarningStatus.ACKNOWLEDGED)

WARNING_MOVES = {
    "acknowledge": move(WarningStatus.OPEN, to=WarningStatus.ACKNOWLEDGED),
    "reopen": move(WarningStatus.ACKNOWLEDGED, to=WarningStatus.OPEN),
    "report": move(*UNANSWERED, to=WarningStatus.REPORTED),
    "mark_normal": move(*UNANSWERED, to=WarningStatus.NORMAL),
    "expire": move(*UNANSWERED, to=WarningStatus.EXPIRED),
}


class BulkStatus:
    """Where an answer to many warnings stands."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class RestrictionStatus:
    """Where a restriction of a buyer stands."""

    IN_REVIEW = "IN_REVIEW"
    CONFIRMED = "CONFIRMED"
    LIFTED = "LIFTED"
    REJECTED = "REJECTED"
    LAPSED = "LAPSED"


IN_FORCE = (RestrictionStatus.IN_REVIEW, RestrictionStatus.CONFIRMED)

RESTRICTION_MOVES = {
    "confirm": move(RestrictionStatus.IN_REVIEW, to=RestrictionStatus.CONFIRMED),
    "reject": move(RestrictionStatus.IN_REVIEW, to=RestrictionStatus.REJECTED),
    "lift": move(*IN_FORCE, to=RestrictionStatus.LIFTED),
    "lapse": move(*IN_FORCE, to=RestrictionStatus.LAPSED),
}


class AppealStatus:
    """Where an appeal against a mis-hit, or a dispute of a count, stands."""

    OPEN = "OPEN"
    UPHELD = "UPHELD"
    DISMISSED = "DISMISSED"


APPEAL_MOVES = {
    "uphold": move(AppealStatus.OPEN, to=AppealStatus.UPHELD),
    "dismiss": move(AppealStatus.OPEN, to=AppealStatus.DISMISSED),
}
