"""Statuses of a warning and the moves between them."""

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
