"""Recognising a malicious claim from what can be counted; every point comes with its reason."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from claims.rules import wording
from claims.rules.reasons import Reason
from merchant_protection.files.rules import pictures

CONFIDENCE = 1.645


class Level(StrEnum):
    """How strongly a claim looks malicious."""

    NONE = "NONE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


@dataclass(frozen=True)
class Counts:
    """What a buyer, or a cluster of buyers, has done over all shops in the time looked at."""

    orders: int = 0
    after_sales: int = 0
    refund_only: int = 0
    claims: int = 0
    shops_claimed_lately: int = 0


@dataclass(frozen=True)
class SeenPicture:
    """A picture that came with another order."""

    picture: int
    order: str


@dataclass(frozen=True)
class SeenWording:
    """The words that came with another order."""

    text: str
    order: str


@dataclass(frozen=True)
class Facts:
    """An after-sale case as the rules see it. `order` names its own order, whose pictures and words do not count."""

    order: str
    amount: Decimal
    opened_at: datetime
    delivered_at: datetime | None = None
    text: str = ""
    pictures: tuple[int, ...] = ()
    buyer: Counts = field(default_factory=Counts)
    cluster: Counts | None = None
    seen_pictures: tuple[SeenPicture, ...] = ()
    seen_wordings: tuple[SeenWording, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Thresholds and weights of one version of the rules."""

    fewest_orders: int = 3
    claim_rate: float = 0.25
    claim_rate_points: int = 25
    refund_only_ratio: float = 0.5
    refund_only_points: int = 20
    cluster_points: int = 25
    many_shops: int = 4
    many_shops_points: int = 25
    high_value: Decimal = Decimal(500)
    at_once: timedelta = timedelta(hours=2)
    high_value_points: int = 20
    most_phrase_points: int = 60
    picture_distance: int = 7
    picture_points: int = 35
    wording_similarity: float = 0.7
    shortest_wording: int = 12
    wording_points: int = 20
    low: int = 20
    medium: int = 40
    high: int = 70
    phrases: tuple[wording.Phrase, ...] = wording.DEMAND_PHRASES


@dataclass(frozen=True)
class Score:
    """Of 100, with the reasons that made it up, the weightiest first."""

    points: int
    level: Level
    reasons: tuple[Reason, ...]


# A likeness alone is a flag: two honest buyers can photograph the same fault, or use a shop's own picture.
LIKENESS = frozenset({"SAME_PICTURE", "SAME_WORDING"})
DEFAULTS = Settings()


def score(facts: Facts, settings: Settings = DEFAULTS) -> Score:
    """Return how strongly an after-sale case looks malicious, and why.

    A likeness of pictures or words never makes it high by itself.
    """
    reasons = sorted(_signals(facts, settings), key=lambda reason: -reason.points)
    points = min(sum(reason.points for reason in reasons), 100)
    if all(reason.code in LIKENESS for reason in reasons):
        points = min(points, settings.high - 1)
    return Score(points, _level(points, settings), tuple(reasons))


def at_least(hits: int, of: int) -> float:
    """Return the share that so many hits show with some certainty (the lower Wilson bound, 95 % one-sided).

    One claim in one order says little, twenty in twenty a great deal.
    """
    if of <= 0:
        return 0.0
    share = min(hits / of, 1.0)
    square = CONFIDENCE**2
    spread = CONFIDENCE * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return min(max((share + square / (2 * of) - spread) / (1 + square / of), 0.0), share)


def _signals(facts: Facts, settings: Settings) -> Iterator[Reason]:
    yield from _counts(facts.buyer, settings, prefix="BUYER", points=None)
    if facts.cluster is not None:
        yield from _counts(facts.cluster, settings, prefix="CLUSTER", points=settings.cluster_points)
    yield from _high_value_at_once(facts, settings)
    yield from _demands(facts, settings)
    yield from _same_picture(facts, settings)
    yield from _same_wording(facts, settings)


def _counts(counts: Counts, settings: Settings, *, prefix: str, points: int | None) -> Iterator[Reason]:
    shares = (
        ("CLAIM_RATE", counts.claims, counts.orders, settings.claim_rate, settings.claim_rate_points),
        (
            "REFUND_ONLY_RATIO",
            counts.refund_only,
            counts.after_sales,
            settings.refund_only_ratio,
            settings.refund_only_points,
        ),
    )
    for code, hits, of, limit, own_points in shares:
        certain = at_least(hits, of)
        if of >= settings.fewest_orders and certain >= limit:
            facts = {"hits": hits, "of": of, "at_least": round(certain, 3)}
            yield Reason(f"{prefix}_{code}", own_points if points is None else points, facts)
    if counts.shops_claimed_lately >= settings.many_shops:
        own = settings.many_shops_points if points is None else points
        yield Reason(f"{prefix}_MANY_SHOPS", own, {"shops": counts.shops_claimed_lately})


def _high_value_at_once(facts: Facts, settings: Settings) -> Iterator[Reason]:
    if facts.delivered_at is None or facts.amount < settings.high_value:
        return
    passed = facts.opened_at - facts.delivered_at
    if timedelta(0) <= passed <= settings.at_once:
        minutes = passed // timedelta(minutes=1)
        yield Reason("HIGH_VALUE_AT_ONCE", settings.high_value_points, {"amount": facts.amount, "minutes": minutes})


def _demands(facts: Facts, settings: Settings) -> Iterator[Reason]:
    found = wording.demands_in(facts.text, settings.phrases)
    if found:
        points = min(sum(phrase.points for phrase in found), settings.most_phrase_points)
        yield Reason("DEMAND_PHRASE", points, {"phrases": tuple(phrase.text for phrase in found)})


def _same_picture(facts: Facts, settings: Settings) -> Iterator[Reason]:
    nearest: dict[str, int] = {}
    for seen in facts.seen_pictures:
        if seen.order == facts.order:
            continue
        apart = min((pictures.distance(each, seen.picture) for each in facts.pictures), default=pictures.BITS)
        if apart <= settings.picture_distance:
            nearest[seen.order] = min(apart, nearest.get(seen.order, apart))
    if nearest:
        yield Reason("SAME_PICTURE", settings.picture_points, {"orders": _ranked(nearest.items())})


def _same_wording(facts: Facts, settings: Settings) -> Iterator[Reason]:
    if len(wording.normalised(facts.text)) < settings.shortest_wording:
        return
    alike = (
        (seen.order, -wording.similarity(facts.text, seen.text))
        for seen in facts.seen_wordings
        if seen.order != facts.order
    )
    orders = _ranked(pair for pair in alike if -pair[1] >= settings.wording_similarity)
    if orders:
        yield Reason("SAME_WORDING", settings.wording_points, {"orders": orders})


def _ranked(found: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    """Return the orders, the most alike first and each once."""
    return tuple(dict.fromkeys(order for order, _ in sorted(found, key=lambda pair: (pair[1], pair[0]))))


def _level(points: int, settings: Settings) -> Level:
    steps = ((settings.high, Level.HIGH), (settings.medium, Level.MEDIUM), (settings.low, Level.LOW))
    return next((level for limit, level in steps if points >= limit), Level.NONE)
