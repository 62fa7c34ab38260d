"""What a kind of claim asks for: evidence, and the time in which it can be filed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from claims.rules.reasons import Reason

REQUIRED_POINTS = 80
SHORTEST_ROOM = timedelta(days=1)


class Basis(StrEnum):
    """The event from which a time for filing is counted."""

    ORDER_PLACED = "ORDER_PLACED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    AFTER_SALE_OPENED = "AFTER_SALE_OPENED"
    REFUNDED = "REFUNDED"
    HAPPENED = "HAPPENED"


# What can never come before what. A parcel may be complained of before it arrives, so more cannot be promised.
_NEVER_EARLIER = {
    Basis.ORDER_PLACED: {Basis.SHIPPED, Basis.DELIVERED, Basis.AFTER_SALE_OPENED, Basis.REFUNDED},
    Basis.SHIPPED: {Basis.DELIVERED},
    Basis.AFTER_SALE_OPENED: {Basis.REFUNDED},
}


@dataclass(frozen=True)
class Moment:
    """So long after an event."""

    basis: Basis
    after: timedelta = timedelta(0)


@dataclass(frozen=True)
class Evidence:
    """One thing that shows what happened; any of `or_else` shows it as well. The example is a sentence for people."""

    type: str
    weight: int = 1
    or_else: frozenset[str] = frozenset()
    example: str = ""

    def is_among(self, provided: frozenset[str]) -> bool:
        """Say whether the merchant has provided it, or something as good."""
        return bool(provided & (self.or_else | {self.type}))


@dataclass(frozen=True)
class Kind:
    """The rules of one kind of claim, as operations edit them."""

    code: str
    required: tuple[Evidence, ...]
    helpful: tuple[Evidence, ...]
    opens: Moment
    closes: Moment


@dataclass(frozen=True)
class Completeness:
    """How complete the evidence is, of 100, and what is missing, the weightiest first."""

    score: int
    missing_required: tuple[Evidence, ...]
    missing_helpful: tuple[Evidence, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing required is missing."""
        return not self.missing_required


class Timing(StrEnum):
    """Whether a claim of a kind can be filed now."""

    OPEN = "OPEN"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    NOT_YET_HAPPENED = "NOT_YET_HAPPENED"


@dataclass(frozen=True)
class Eligibility:
    """Whether a claim can be filed now, and from when until when it can, as far as that is known."""

    timing: Timing
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    waiting_for: tuple[Basis, ...] = ()


def completeness(kind: Kind, provided: Iterable[str]) -> Completeness:
    """Score the evidence provided so far and name what is missing.

    Required evidence makes up 80 of the 100 points, helpful evidence the rest;
    a kind that asks for only one sort gives it all of them. Anything less than
    all that is required stays below 80.
    """
    types = frozenset(provided)
    missing_required = _missing(kind.required, types)
    missing_helpful = _missing(kind.helpful, types)
    weight_of_required = REQUIRED_POINTS if kind.helpful else 100
    if not kind.required:
        weight_of_required = 0
    score = weight_of_required * _share(kind.required, missing_required)
    score += (100 - weight_of_required) * _share(kind.helpful, missing_helpful)
    if missing_required:
        score = min(score, REQUIRED_POINTS - 1)
    return Completeness(int(score), missing_required, missing_helpful)


def eligibility(kind: Kind, facts: Mapping[Basis, datetime], *, at: datetime) -> Eligibility:
    """Return whether a claim can be filed at this moment; the last moment still counts.

    Without the event the deadline is counted from there is no deadline yet.
    """
    opens_at, closes_at = _moment(kind.opens, facts), _moment(kind.closes, facts)
    waiting_for = tuple(basis for basis in dict.fromkeys([kind.opens.basis, kind.closes.basis]) if basis not in facts)
    timing = Timing.OPEN
    if closes_at is not None and at > closes_at:
        timing = Timing.TOO_LATE
    elif opens_at is None:
        timing = Timing.NOT_YET_HAPPENED
    elif at < opens_at:
        timing = Timing.TOO_EARLY
    return Eligibility(timing, opens_at, closes_at, waiting_for)


def problems(kind: Kind) -> tuple[Reason, ...]:
    """Return why the rules of a kind cannot be saved; nothing when they can.

    Filing must be possible for at least a day whatever happens to an order: a
    window counted from an event that may come after the deadline's is refused too.
    """
    return (*_of_evidence(kind), *_of_times(kind))


def _of_evidence(kind: Kind) -> Iterator[Reason]:
    asked = [*kind.required, *kind.helpful]
    if not asked:
        yield Reason("NO_EVIDENCE")
    times = Counter(evidence.type for evidence in asked)
    yield from (Reason("EVIDENCE_TWICE", facts={"type": type_}) for type_, count in times.items() if count > 1)
    light = (evidence.type for evidence in asked if evidence.weight < 1)
    yield from (Reason("WEIGHT_NOT_POSITIVE", facts={"type": type_}) for type_ in light)


def _of_times(kind: Kind) -> Iterator[Reason]:
    opens, closes = kind.opens, kind.closes
    if min(opens.after, closes.after) < timedelta(0):
        yield Reason("TIME_NEGATIVE")
    if opens.basis != closes.basis and closes.basis not in _NEVER_EARLIER.get(opens.basis, ()):
        yield Reason("WINDOW_MAY_MISS_DEADLINE", facts={"opens": opens.basis, "closes": closes.basis})
    elif closes.after - opens.after < SHORTEST_ROOM:
        yield Reason("WINDOW_AFTER_DEADLINE", facts={"opens_after": opens.after, "closes_after": closes.after})


def _missing(asked: Iterable[Evidence], provided: frozenset[str]) -> tuple[Evidence, ...]:
    missing = (evidence for evidence in asked if not evidence.is_among(provided))
    return tuple(sorted(missing, key=lambda evidence: -evidence.weight))


def _share(asked: Iterable[Evidence], missing: Iterable[Evidence]) -> float:
    total = sum(evidence.weight for evidence in asked)
    return 1 - sum(evidence.weight for evidence in missing) / total if total else 0.0


def _moment(moment: Moment, facts: Mapping[Basis, datetime]) -> datetime | None:
    happened = facts.get(moment.basis)
    return happened + moment.after if happened else None
