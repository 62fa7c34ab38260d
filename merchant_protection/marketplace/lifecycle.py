"""Statuses of a platform action and of an import, and the moves between them."""

from merchant_protection.foundation.lifecycle import move


class ActionStatus:
    """Where a platform action stands."""

    AUTHORISED = "AUTHORISED"
    NEEDS_REVIEW = "NEEDS_REVIEW"
    SHADOW = "SHADOW"
    UNKNOWN = "UNKNOWN"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"
    SUPERSEDED = "SUPERSEDED"
    CANCELLED = "CANCELLED"


OPEN_ACTIONS = (ActionStatus.AUTHORISED, ActionStatus.NEEDS_REVIEW, ActionStatus.UNKNOWN)

ACTION_MOVES = {
    "approve": move(ActionStatus.NEEDS_REVIEW, to=ActionStatus.AUTHORISED),
    "decline": move(ActionStatus.NEEDS_REVIEW, to=ActionStatus.CANCELLED),
    "confirm": move(ActionStatus.AUTHORISED, ActionStatus.UNKNOWN, to=ActionStatus.CONFIRMED),
    "lose_answer": move(ActionStatus.AUTHORISED, ActionStatus.UNKNOWN, to=ActionStatus.UNKNOWN),
    "fail": move(ActionStatus.AUTHORISED, ActionStatus.UNKNOWN, to=ActionStatus.FAILED),
    "send_to_review": move(ActionStatus.AUTHORISED, ActionStatus.UNKNOWN, to=ActionStatus.NEEDS_REVIEW),
    "supersede": move(*OPEN_ACTIONS, to=ActionStatus.SUPERSEDED),
    "retry": move(ActionStatus.FAILED, to=ActionStatus.AUTHORISED),
}


class ImportStatus:
    """Where an import stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


IMPORT_MOVES = {
    "start": move(ImportStatus.WAITING, ImportStatus.RUNNING, to=ImportStatus.RUNNING),
    "finish": move(ImportStatus.RUNNING, to=ImportStatus.DONE),
    "fail": move(ImportStatus.WAITING, ImportStatus.RUNNING, to=ImportStatus.FAILED),
    "cancel": move(ImportStatus.WAITING, ImportStatus.RUNNING, to=ImportStatus.CANCELLED),
    "resume": move(ImportStatus.FAILED, ImportStatus.CANCELLED, to=ImportStatus.WAITING),
}
