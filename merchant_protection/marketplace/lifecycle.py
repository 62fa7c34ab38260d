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


SENDING_ACTIONS = (ActionStatus.AUTHORISED, ActionStatus.UNKNOWN)
OPEN_ACTIONS = (*SENDING_ACTIONS, ActionStatus.NEEDS_REVIEW)

ACTION_MOVES = {
    "approve": move(ActionStatus.NEEDS_REVIEW, to=ActionStatus.AUTHORISED),
    "decline": move(ActionStatus.NEEDS_REVIEW, to=ActionStatus.CANCELLED),
    "confirm": move(*SENDING_ACTIONS, to=ActionStatus.CONFIRMED),
    "lose_answer": move(*SENDING_ACTIONS, to=ActionStatus.UNKNOWN),
    "try_again": move(*SENDING_ACTIONS, to=ActionStatus.AUTHORISED),
    "fail": move(*SENDING_ACTIONS, to=ActionStatus.FAILED),
    "send_to_review": move(*SENDING_ACTIONS, to=ActionStatus.NEEDS_REVIEW),
    "withdraw": move(ActionStatus.AUTHORISED, to=ActionStatus.CANCELLED),
    "expire": move(ActionStatus.AUTHORISED, ActionStatus.NEEDS_REVIEW, to=ActionStatus.CANCELLED),
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
