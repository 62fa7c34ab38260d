"""One answer to several incidents, each for itself: what cannot be answered is left, and said why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation.errors import Invalid, Refusal
from pricing_guard.models import Incident
from pricing_guard.services.incidents import answering, handing, taking_back

AT_ONCE = 200
ANSWERS: dict[str, Callable[..., Incident]] = {
    "trip": answering.stop,
    "mean": answering.mean,
    "restore": answering.restore,
    "close": answering.close,
    "hand_over": handing.ask,
    "take_back": taking_back.take_back,
}


@dataclass
class Report:
    """Which incidents took the answer, and why others were left as they are."""

    done: list[int] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)


def answer(name: str, *, incident_ids: Sequence[int], actor: Actor, at: datetime, **more: Any) -> Report:
    """Give one answer to incidents one after the other, at most two hundred; one that refuses holds up no other."""
    command, report = ANSWERS[name], Report()
    for incident_id in list(dict.fromkeys(incident_ids))[:AT_ONCE]:
        try:
            command(incident_id=incident_id, actor=actor, at=at, **more)
        except Refusal as refusal:
            report.left[incident_id] = why(refusal)
        else:
            report.done.append(incident_id)
    return report


def why(refusal: Refusal) -> str:
    """Return why a command refused, in one line; empty where it said nothing."""
    reasons = [reason for each in refusal.fields.values() for reason in each] if isinstance(refusal, Invalid) else []
    return " ".join([refusal.message, *reasons]).strip()
