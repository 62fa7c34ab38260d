"""The life of a course's version and of a live session: which move leads where."""

from enum import StrEnum

from merchant_protection.foundation.lifecycle import Move, move


class VersionStatus(StrEnum):
    """How far a version of a course is."""

    DRAFT = "DRAFT"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"
    SUPERSEDED = "SUPERSEDED"


class SessionStatus(StrEnum):
    """How far a live session is."""

    SCHEDULED = "SCHEDULED"
    LIVE = "LIVE"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class QuestionStatus(StrEnum):
    """What became of a question that was asked in a room."""

    PENDING = "PENDING"
    SHOWN = "SHOWN"
    ANSWERED = "ANSWERED"
    DECLINED = "DECLINED"


# A second person approves; an approved version is published now, or waits for its moment.
VERSION_MOVES: dict[str, Move] = {
    "submit": move(VersionStatus.DRAFT, to=VersionStatus.IN_REVIEW),
    "send_back": move(VersionStatus.IN_REVIEW, VersionStatus.APPROVED, to=VersionStatus.DRAFT),
    "approve": move(VersionStatus.IN_REVIEW, to=VersionStatus.APPROVED),
    "publish": move(VersionStatus.APPROVED, to=VersionStatus.PUBLISHED),
    "supersede": move(VersionStatus.PUBLISHED, to=VersionStatus.SUPERSEDED),
}

SESSION_MOVES: dict[str, Move] = {
    "go_live": move(SessionStatus.SCHEDULED, to=SessionStatus.LIVE),
    "end": move(SessionStatus.LIVE, to=SessionStatus.ENDED),
    "cancel": move(SessionStatus.SCHEDULED, to=SessionStatus.CANCELLED),
}

QUESTION_MOVES: dict[str, Move] = {
    "show": move(QuestionStatus.PENDING, QuestionStatus.DECLINED, to=QuestionStatus.SHOWN),
    "answer": move(*QuestionStatus, to=QuestionStatus.ANSWERED),
    "decline": move(QuestionStatus.PENDING, to=QuestionStatus.DECLINED),
}

UNPUBLISHED = (VersionStatus.DRAFT, VersionStatus.IN_REVIEW, VersionStatus.APPROVED)
TO_COME = (SessionStatus.SCHEDULED, SessionStatus.LIVE)
