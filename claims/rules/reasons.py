"""Why a rule answered as it did, as plain values that pages put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reason:
    """One ground of an answer: what it is, how much it weighed, and the facts behind it."""

    code: str
    points: int = 0
    facts: Mapping[str, object] = field(default_factory=dict)
