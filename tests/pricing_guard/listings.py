"""Listings, prices and moments for the tests of the rules."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies

from pricing_guard.rules.facts import Facts, Promotion, PromotionKind
from pricing_guard.rules.memory import Memory, PastPrice, remember

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def listing(price: str, **more: object) -> Facts:
    return Facts(sku="A1", price=Decimal(price), currency="CNY", **more)  # type: ignore[arg-type]


def remembered(*prices: str, days_apart: int = 1) -> Memory:
    first = NOW - DAY * days_apart * len(prices)
    pasts = [PastPrice(Decimal(price), first + DAY * days_apart * place) for place, price in enumerate(prices)]
    return remember(pasts, currency="CNY")


def promotion(kind: PromotionKind, value: str, **more: object) -> Promotion:
    values = {"code": f"{kind}-{value}", "starts_at": NOW - DAY, "ends_at": NOW + DAY, "skus": frozenset({"A1"})}
    return Promotion(kind=kind, value=Decimal(value), **(values | more))  # type: ignore[arg-type]


def money(low: int = 1, high: int = 200_000) -> strategies.SearchStrategy[Decimal]:
    return strategies.integers(low, high).map(lambda cents: Decimal(cents).scaleb(-2))


def pasts(
    most: int = 12, price: strategies.SearchStrategy[Decimal] | None = None
) -> strategies.SearchStrategy[list[PastPrice]]:
    """Price histories up to half a year long, the oldest first; a few prices come back often."""
    moment = strategies.integers(0, 180 * 24).map(lambda hours: NOW - timedelta(hours=hours))
    again = strategies.sampled_from([Decimal("129.00"), Decimal("99.90"), Decimal("12.90")])
    pairs = strategies.lists(strategies.tuples(moment, (money() | again) if price is None else price), max_size=most)
    return pairs.map(lambda made: [PastPrice(price, at) for at, price in sorted(made)])
