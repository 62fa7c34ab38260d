"""Answers to several warnings at once: each by its own command, with a result for every row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid, Refusal
from merchant_protection.risk.models import Warning
from merchant_protection.risk.services import warnings

ANSWERS: dict[str, Callable[..., Warning]] = {
    "acknowledge": warnings.acknowledge,
    "reopen": warnings.reopen,
    "mark_normal": warnings.mark_normal,
}
NOTED = frozenset({"mark_normal"})


@dataclass(frozen=True)
class Result:
    """What became of one row; `refusal` says why it was left as it was."""

    warning_id: int
    is_done: bool
    refusal: str = ""


def answer(name: str, *, warning_id: int, actor: Actor, at: datetime, note: str = "") -> Warning:
    """Answer one warning; a name that is no answer is refused."""
    if name not in ANSWERS:
        raise Invalid(fields={"answer": ["There is no such answer."]})
    command = partial(ANSWERS[name], note=note) if name in NOTED else ANSWERS[name]
    return command(warning_id=warning_id, actor=actor, at=at)


def answer_many(name: str, *, warning_ids: Iterable[int], actor: Actor, at: datetime, note: str = "") -> list[Result]:
    """Answer several warnings, each in a transaction of its own; one that is refused holds up no other."""
    results = []
    for warning_id in warning_ids:
        try:
            answer(name, warning_id=warning_id, actor=actor, at=at, note=note)
        except Refusal as refusal:
            results.append(Result(warning_id, False, refusal.message))
        else:
            results.append(Result(warning_id, True))
    return results
