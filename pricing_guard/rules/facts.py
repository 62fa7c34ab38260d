"""What is known about a listing at the moment its price is judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pricing_guard.rules.findings import Check


class Meaning(StrEnum):
    """Why a merchant may mean a price that looks wrong."""

    CLEARANCE = "CLEARANCE"
    NEAR_EXPIRY = "NEAR_EXPIRY"
    SEASONAL = "SEASONAL"
    MEMBER_DAY = "MEMBER_DAY"
    GIFT = "GIFT"


class PromotionKind(StrEnum):
    """How a promotion takes money off a price."""

    COUPON = "COUPON"
    THRESHOLD = "THRESHOLD"
    PERCENTAGE = "PERCENTAGE"
    FIXED_PRICE = "FIXED_PRICE"


@dataclass(frozen=True)
class Promotion:
    """One promotion as the marketplace tells it; `value` is money, or percent off for PERCENTAGE."""

    code: str
    kind: PromotionKind
    value: Decimal
    starts_at: datetime
    ends_at: datetime
    skus: frozenset[str] = frozenset()
    threshold: Decimal | None = None
    stack_group: str | None = None
    by_merchant: bool = True

    def covers(self, sku: str, at: datetime) -> bool:
        """Say whether a buyer of this listing can use the promotion at that moment."""
        return sku in self.skus and self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class Window:
    """A stretch of time in which low prices are meant, with the reason; it ends by itself."""

    reason: Meaning
    starts_at: datetime
    ends_at: datetime
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    lowest_price: Decimal | None = None
    approved: bool = True

    def covers(self, *, sku: str, category: str, at: datetime) -> bool:
        """Say whether the window is approved, open, and meant for this listing."""
        named = sku in self.skus or category in self.categories
        return self.approved and named and self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class Suspension:
    """Checks a merchant answered with "it is meant": they keep quiet about this listing for a time."""

    sku: str
    checks: frozenset[Check]
    until: datetime

    def covers(self, *, sku: str, check: Check, at: datetime) -> bool:
        """Say whether this answer holds for a check on a listing."""
        return self.sku == sku and check in self.checks and at < self.until


@dataclass(frozen=True)
class Facts:
    """A listing with the price to judge and everything around it.

    `floor_price` is its own, before any policy's. `alike` tells how many other listings of the shop that have had a
    price believed of this one have had certain prices, where that was asked.
    """

    sku: str
    price: Decimal
    currency: str
    category: str = ""
    list_price: Decimal | None = None
    cost: Decimal | None = None
    promotions: tuple[Promotion, ...] = ()
    windows: tuple[Window, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    usual_prices: frozenset[Decimal] = frozenset()
    floor_price: Decimal | None = None
    alike: Mapping[Decimal, int] = field(default_factory=dict)

    def open_windows(self, at: datetime) -> list[Window]:
        """Return the windows that hold for this listing now."""
        return [one for one in self.windows if one.covers(sku=self.sku, category=self.category, at=at)]

    def running(self, at: datetime) -> list[Promotion]:
        """Return the promotions a buyer of this listing can use now."""
        return [one for one in self.promotions if one.covers(self.sku, at)]


def second_person_needed(window: Window, *, worth: Iterable[tuple[Decimal, int]], limit: Decimal | None) -> bool:
    """Say whether a window gives away more than one person may approve alone.

    `worth` is the reference price and stock of every listing it covers. A
    blank limit asks for nobody; a window without a lowest price may give it all.
    """
    if limit is None:
        return False
    lowest = window.lowest_price or Decimal(0)
    given = sum((max(reference - lowest, Decimal(0)) * stock for reference, stock in worth), Decimal(0))
    return given > limit
