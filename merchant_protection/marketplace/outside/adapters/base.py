"""What an adapter to a selling platform can do; plain values in and out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Outcome(StrEnum):
    """How a call to the platform ended, as far as we can know."""

    DONE = "DONE"
    SUPERSEDED = "SUPERSEDED"
    REFUSED = "REFUSED"
    BUSY = "BUSY"
    NOT_REACHED = "NOT_REACHED"
    NO_ANSWER = "NO_ANSWER"
    TOO_LATE = "TOO_LATE"


@dataclass(frozen=True)
class Request:
    """One state that the platform is asked for."""

    action_id: int
    merchant: str
    kind: str
    ref: str
    aspect: str
    value: Any
    verb: str
    generation: int
    reason: str
    issued_at: datetime
    idempotency_key: str


@dataclass(frozen=True)
class Answer:
    """What the platform said to a request, or that it said nothing."""

    outcome: Outcome
    state: Any = None
    retry_after: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Seen:
    """What a look at the platform showed: DONE with a state, REFUSED when it knows no such thing."""

    outcome: Outcome
    state: Any = None
    generation: int = 0
    retry_after: float = 0.0
    note: str = ""


class Adapter(Protocol):
    """One way to speak with a selling platform; further ones are plug-ins."""

    def verify(self, *, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> str:
        """Return the id of a well-signed, recent message, or raise BadSignature."""
        ...

    def parse(self, *, content_type: str, body: bytes) -> list[Any]:
        """Return the events in a message, as the platform wrote them, or raise ValueError."""
        ...

    def perform(self, request: Request) -> Answer:
        """Ask for a state. Never raises for what the network or the platform does."""
        ...

    def state_of(self, request: Request) -> Seen:
        """Look at the present state of a target. Never raises for what the network or the platform does."""
        ...
