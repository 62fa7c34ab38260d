"""When an order deserves a warning (风险订单预警), for every merchant and without a policy.

Each kind has its own test over plain facts and says how serious it is, what it saw, and until when it
matters: until the order ships, at most a day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

LONGEST_WARNING = timedelta(hours=24)
CENT = Decimal("0.01")


class Kind(StrEnum):
    """The six kinds, as merchants know them (占库存, 套利, 赔付, 退换货, 紧俏品黄牛, 差价运费单拍)."""

    HOARDING = "HOARDING"
    ARBITRAGE = "ARBITRAGE"
    EXTORTION = "EXTORTION"
    RETURN_ABUSE = "RETURN_ABUSE"
    SCALPER_ON_HOT_SKU = "SCALPER_ON_HOT_SKU"
    ONLY_PRICE_DIFFERENCE = "ONLY_PRICE_DIFFERENCE"


class Level(StrEnum):
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on each kind warns; what is named high makes it serious."""

    unpaid_share: Decimal = Decimal("0.10")
    unpaid_share_high: Decimal = Decimal("0.30")
    unpaid_orders: int = 3
    unpaid_for: timedelta = timedelta(minutes=15)
    far_below: Decimal = Decimal("0.50")
    far_below_high: Decimal = Decimal("0.25")
    arbitrage_units: int = 5
    claims: int = 3
    claims_high: int = 6
    claim_shops: int = 3
    returns: int = 4
    return_share: Decimal = Decimal("0.50")
    return_share_high: Decimal = Decimal("0.80")
    hot_units: int = 5
    hot_signals: int = 2
    difference_orders: int = 1
    difference_orders_high: int = 3
    tied_claims: int = 3


LIMITS: Mapping[Kind, tuple[str, ...]] = {
    Kind.HOARDING: ("unpaid_share", "unpaid_share_high", "unpaid_orders", "unpaid_for"),
    Kind.ARBITRAGE: ("far_below", "far_below_high", "arbitrage_units"),
    Kind.EXTORTION: ("claims", "claims_high", "claim_shops", "tied_claims"),
    Kind.RETURN_ABUSE: ("returns", "return_share", "return_share_high"),
    Kind.SCALPER_ON_HOT_SKU: ("hot_units", "hot_signals"),
    Kind.ONLY_PRICE_DIFFERENCE: ("difference_orders", "difference_orders_high"),
}


# What a shop may set each threshold to, in whole numbers: shares in percent, spans in minutes.
BOUNDS: Mapping[str, tuple[int, int]] = {
    "unpaid_share": (1, 90),
    "unpaid_share_high": (2, 100),
    "unpaid_orders": (2, 50),
    "unpaid_for": (1, 720),
    "far_below": (10, 95),
    "far_below_high": (5, 90),
    "arbitrage_units": (1, 500),
    "claims": (1, 50),
    "claims_high": (1, 100),
    "claim_shops": (3, 50),
    "tied_claims": (2, 50),
    "returns": (2, 100),
    "return_share": (10, 100),
    "return_share_high": (10, 100),
    "hot_units": (2, 500),
    "hot_signals": (2, 4),
    "difference_orders": (1, 50),
    "difference_orders_high": (1, 100),
}
# The second of each pair is never milder than the first.
ORDERED = (
    ("unpaid_share", "unpaid_share_high"),
    ("far_below_high", "far_below"),
    ("claims", "claims_high"),
    ("return_share", "return_share_high"),
    ("difference_orders", "difference_orders_high"),
)
SHARES = frozenset(
    {"unpaid_share", "unpaid_share_high", "far_below", "far_below_high"} | {"return_share", "return_share_high"}
)


def standard() -> dict[str, int]:
    """The thresholds of a shop that set none, as whole numbers."""
    return {name: plain(getattr(Thresholds(), name)) for name in BOUNDS}


def thresholds_of(values: Mapping[str, int]) -> Thresholds:
    """The thresholds of a shop from its whole numbers; what is not named, or unknown, is as for everybody."""
    told = {name: value for name, value in values.items() if name in BOUNDS}
    typed: dict[str, Any] = {name: _typed(name, value) for name, value in told.items()}
    return Thresholds(**typed)


def faults_of(values: Mapping[str, int]) -> dict[str, tuple[str, int, int]]:
    """What is wrong with thresholds, by name: OUT_OF_BOUNDS with the bounds, or OUT_OF_ORDER with the other's value."""
    whole = {**standard(), **values}
    found: dict[str, tuple[str, int, int]] = {}
    for name, value in values.items():
        low, high = BOUNDS.get(name, (1, 0))
        if not low <= value <= high:
            found[name] = ("OUT_OF_BOUNDS", low, high)
    for less, more in ORDERED:
        if whole[less] > whole[more] and not {less, more} & set(found):
            found[more if more in values else less] = ("OUT_OF_ORDER", whole[less], whole[more])
    return found


def _typed(name: str, value: int) -> Decimal | timedelta | int:
    if name in SHARES:
        return Decimal(value) / 100
    return timedelta(minutes=value) if name == "unpaid_for" else value


def plain_limits(kind: Kind, limits: Thresholds) -> dict[str, int]:
    """The limits of a kind as whole numbers: shares in percent, spans in minutes."""
    return {name: plain(getattr(limits, name)) for name in LIMITS[kind]}


def plain(value: Decimal | timedelta | int) -> int:
    """A threshold as a whole number."""
    if isinstance(value, Decimal):
        return _percent(value)
    return int(value.total_seconds() // 60) if isinstance(value, timedelta) else value


@dataclass(frozen=True, slots=True)
class WarnedLine:
    """One line of the order and what its listing usually costs and holds in stock."""

    sku: str
    units: int
    unit_price: Decimal
    usual_price: Decimal | None = None
    stock: int | None = None
    is_hot: bool = False
    is_difference_link: bool = False


@dataclass(frozen=True, slots=True)
class WarningFacts:
    """An order and what is known of its buyer lately; what is None is not known and warns of nothing."""

    placed_at: datetime
    lines: tuple[WarnedLine, ...]
    is_paid: bool = False
    shipped_at: datetime | None = None
    unpaid_orders: int = 0
    unpaid_units: Mapping[str, int] = field(default_factory=dict)
    claims: int = 0
    claims_upheld_for_merchant: int = 0
    claim_shops: int | None = None
    orders: int = 0
    returns: int = 0
    units_of_hot: Mapping[str, int] = field(default_factory=dict)
    cluster_signals: frozenset[str] = frozenset()
    difference_orders: int = 0


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A claim for money that is still open: the pressure in its words, and what claimed like it."""

    opened_at: datetime
    pressure: tuple[str, ...] = ()
    tied_claims: int = 0
    claims: int = 0
    claims_upheld_for_merchant: int = 0


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning: its kind, how serious, what was seen, and when it stops mattering."""

    kind: Kind
    level: Level
    facts: tuple[tuple[str, str | int], ...]
    expires_at: datetime


def warn(facts: WarningFacts, *, at: datetime, thresholds: Thresholds | None = None) -> tuple[Warned, ...]:
    """Every warning an order deserves now; an order that has shipped deserves none."""
    until = facts.placed_at + LONGEST_WARNING
    if (facts.shipped_at is not None and facts.shipped_at <= at) or until <= at:
        return ()
    limits = thresholds or Thresholds()
    found = []
    for kind, test in TESTS.items():
        seen = test(facts, limits, at)
        if seen is not None:
            found.append(Warned(kind, seen[0], seen[1], until))
    return tuple(found)


Seen = tuple[Level, tuple[tuple[str, str | int], ...]] | None


def warn_of_claim(claim: ClaimFacts, *, at: datetime, thresholds: Thresholds | None = None) -> Warned | None:
    """The warning an open claim for money deserves (赔付): pressed for in words, or one of many by tied accounts."""
    limits = thresholds or Thresholds()
    until = claim.opened_at + LONGEST_WARNING
    often = claim.tied_claims >= limits.tied_claims
    if until <= at or not (claim.pressure or often):
        return None
    level = Level.HIGH if len(claim.pressure) + often > 1 else Level.MEDIUM
    seen = (
        ("pressure", ",".join(claim.pressure)),
        ("tied_claims", claim.tied_claims),
        ("claims", claim.claims),
        ("found_for_merchant", claim.claims_upheld_for_merchant),
    )
    return Warned(Kind.EXTORTION, level, seen, until)


def hoarding(facts: WarningFacts, limits: Thresholds, at: datetime) -> Seen:
    """Stock taken by orders nobody pays (占库存): many unpaid orders, or a good part of a listing's stock."""
    if facts.is_paid or at - facts.placed_at < limits.unpaid_for:
        return None
    worst: tuple[Decimal, WarnedLine, int] | None = None
    for line in facts.lines:
        held = line.units + facts.unpaid_units.get(line.sku, 0)
        # The stock still shown has these units taken off already.
        share = Decimal(held) / (line.stock + held) if line.stock is not None and held > 0 else Decimal(0)
        if worst is None or share > worst[0]:
            worst = (share, line, held)
    unpaid = facts.unpaid_orders + 1
    if worst is None or (worst[0] < limits.unpaid_share and unpaid < limits.unpaid_orders):
        return None
    share, line, held = worst
    level = Level.HIGH if share >= limits.unpaid_share_high else Level.MEDIUM
    return level, (("sku", line.sku), ("units", held), ("percent", _percent(share)), ("unpaid_orders", unpaid))


def arbitrage(facts: WarningFacts, limits: Thresholds, at: datetime) -> Seen:
    """Many units far below the usual price (套利): a slip or a stack of coupons somebody is reselling."""
    found = [
        (line.unit_price / line.usual_price, line)
        for line in facts.lines
        if line.usual_price and line.units >= limits.arbitrage_units and not line.is_difference_link
    ]
    share, line = min(found, key=lambda pair: pair[0], default=(Decimal(1), None))
    if line is None or share > limits.far_below or line.usual_price is None:
        return None
    level = Level.HIGH if share <= limits.far_below_high else Level.MEDIUM
    usual = str(line.usual_price.quantize(CENT)) if line.usual_price % CENT == 0 else str(line.usual_price)
    prices = (("price", str(line.unit_price)), ("usual", usual), ("percent", _percent(share)))
    return level, (("sku", line.sku), ("units", line.units), *prices)


def extortion(facts: WarningFacts, limits: Thresholds, at: datetime) -> Seen:
    """A buyer who has often claimed and seldom been right (赔付): a claim is likely to follow this order too."""
    wrong = facts.claims_upheld_for_merchant
    shops = facts.claim_shops or 0
    if wrong < limits.claims and not (shops >= limits.claim_shops and wrong):
        return None
    level = Level.HIGH if wrong >= limits.claims_high else Level.MEDIUM
    return level, (("claims", facts.claims), ("found_for_merchant", wrong), ("shops", shops))


def return_abuse(facts: WarningFacts, limits: Thresholds, at: datetime) -> Seen:
    """A buyer who sends back most of what was bought (退换货)."""
    if facts.returns < limits.returns or not facts.orders:
        return None
    share = Decimal(facts.returns) / facts.orders
    if share < limits.return_share:
        return None
    level = Level.MEDIUM if share >= limits.return_share_high else Level.LOW
    return level, (("returns", facts.returns), ("orders", facts.orders), ("percent", _percent(share)))


def scalper_on_hot_sku(facts: WarningFacts, limits: Thresholds, at: datetime) -> Seen:
    """Much of a listing in short supply by one buyer, or by accounts tied together (紧俏品黄牛)."""
    hot: dict[str, int] = {}
    for line in facts.lines:
        if line.is_hot:
            hot[line.sku] = hot.get(line.sku, facts.units_of_hot.get(line.sku, 0)) + line.units
    if not hot:
        return None
    sku, units = max(hot.items(), key=lambda pair: (pair[1], pair[0]))
    tied = len(facts.cluster_signals)
    if units < limits.hot_units and tied < limits.hot_signals:
        return None
    both = units >= limits.hot_units and tied >= limits.hot_signals
    return Level.HIGH if both else Level.MEDIUM, (("sku", sku), ("units", units), ("signals", tied))


def only_price_difference(facts: WarningFacts, limits: Thresholds, at: datetime) -> Seen:
    """An order of nothing but the link for a price difference or for freight (差价运费单拍)."""
    if not facts.lines or not all(line.is_difference_link for line in facts.lines):
        return None
    orders = facts.difference_orders + 1
    if orders < limits.difference_orders:
        return None
    level = Level.MEDIUM if orders >= limits.difference_orders_high else Level.LOW
    units = sum(line.units for line in facts.lines)
    return level, (("sku", facts.lines[0].sku), ("units", units), ("orders", orders))


def _percent(share: Decimal) -> int:
    return int((share * 100).to_integral_value())


TESTS: Mapping[Kind, Callable[[WarningFacts, Thresholds, datetime], Seen]] = {
    Kind.HOARDING: hoarding,
    Kind.ARBITRAGE: arbitrage,
    Kind.EXTORTION: extortion,
    Kind.RETURN_ABUSE: return_abuse,
    Kind.SCALPER_ON_HOT_SKU: scalper_on_hot_sku,
    Kind.ONLY_PRICE_DIFFERENCE: only_price_difference,
}
