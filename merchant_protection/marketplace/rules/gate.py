"""The last gate: what a moment's look decides just before an action leaves. Plain values only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

STALE_AFTER = timedelta(minutes=10)  # a rule's decision; a person's wish and a release do not age


class Verdict(StrEnum):
    """What to do with an action at the last gate."""

    SEND = "SEND"
    WAIT = "WAIT"
    EXPIRE = "EXPIRE"
    WITHDRAW = "WITHDRAW"
    REVIEW_STALE = "REVIEW_STALE"
    VERSION_UNKNOWN = "VERSION_UNKNOWN"


class Answer(StrEnum):
    """What the feature that asked says when asked again."""

    STILL_WANTED = "STILL_WANTED"
    NOT_WANTED = "NOT_WANTED"
    LET_A_PERSON_LOOK = "LET_A_PERSON_LOOK"
    VERSION_UNKNOWN = "VERSION_UNKNOWN"


@dataclass(frozen=True)
class Asked:
    """An action as the feature that asked for it is shown it."""

    action_id: int
    merchant_id: int
    feature: str
    rule: str
    rule_version: str
    cause: str
    kind: str
    ref: str
    aspect: str
    verb: str
    value: Any
    decided_at: datetime
    judged_at: datetime
    is_stale: bool


type Gate = Callable[[Asked], Answer]
type Gates = Mapping[str, Gate]


def judge(
    *, is_stopped: bool, expires_at: datetime | None, stale: bool, answer: Answer | None, now: datetime
) -> Verdict:
    """Return what happens to an action: switches first, then its age, then what its feature says now.

    `answer` is None when the feature has no gate of its own: then a stale decision waits for a person.
    """
    if is_stopped:
        return Verdict.WAIT
    if expires_at is not None and expires_at <= now:
        return Verdict.EXPIRE
    if answer is None:
        return Verdict.REVIEW_STALE if stale else Verdict.SEND
    return {
        Answer.STILL_WANTED: Verdict.SEND,
        Answer.NOT_WANTED: Verdict.WITHDRAW,
        Answer.LET_A_PERSON_LOOK: Verdict.REVIEW_STALE,
        Answer.VERSION_UNKNOWN: Verdict.VERSION_UNKNOWN,
    }[answer]
