"""What a merchant has set, and which setting holds for a listing. Blank is None: not set, never zero."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import IntEnum


@dataclass(frozen=True)
class Thresholds:
    """The numbers of one policy; every one may be left blank."""

    currency: str | None = None
    floor_price: Decimal | None = None
    ceiling_price: Decimal | None = None
    cost: Decimal | None = None
    never_below_cost: bool | None = None
    minimum_margin: Decimal | None = None
    max_drop_last: Decimal | None = None
    max_rise_last: Decimal | None = None
    max_drop_low_7: Decimal | None = None
    max_drop_low_30: Decimal | None = None
    max_drop_low_90: Decimal | None = None
    max_drop_median: Decimal | None = None
    max_rise_median: Decimal | None = None
    max_drop_list: Decimal | None = None
    max_rise_list: Decimal | None = None
    decimal_shift: bool | None = None
    digit_slips: bool | None = None
    cents_as_yuan: bool | None = None
    smallest_slip: Decimal | None = None
    far_from_usual: Decimal | None = None
    familiar_days: int | None = None
    usual_listings: int | None = None
    max_total_discount: Decimal | None = None
    stack_below_floor: bool | None = None
    coupon_sense: bool | None = None
    below_reference: Decimal | None = None
    orders_per_minute: int | None = None
    units_per_10_minutes: int | None = None
    units_per_order: int | None = None
    units_per_buyer: int | None = None
    exposure_cap: Decimal | None = None


MONEY = ("floor_price", "ceiling_price", "cost", "exposure_cap")
PERCENT = (
    "minimum_margin",
    "max_drop_last",
    "max_rise_last",
    "max_drop_low_7",
    "max_drop_low_30",
    "max_drop_low_90",
    "max_drop_median",
    "max_rise_median",
    "max_drop_list",
    "max_rise_list",
    "max_total_discount",
    "below_reference",
    "smallest_slip",
)
COUNT = (
    "familiar_days",
    "usual_listings",
    "orders_per_minute",
    "units_per_10_minutes",
    "units_per_order",
    "units_per_buyer",
)
SWITCH = ("never_below_cost", "decimal_shift", "digit_slips", "cents_as_yuan", "stack_below_floor", "coupon_sense")
RATIO = ("far_from_usual",)

FAMILIAR_DAYS = 180
USUAL_LISTINGS = 20
BASELINE = Thresholds(decimal_shift=True)
DEFAULT = Thresholds(
    never_below_cost=True,
    decimal_shift=True,
    digit_slips=True,
    cents_as_yuan=True,
    smallest_slip=Decimal("0.01"),
    far_from_usual=Decimal("5"),
    familiar_days=FAMILIAR_DAYS,
    max_drop_list=Decimal("80"),
    usual_listings=USUAL_LISTINGS,
    stack_below_floor=True,
    coupon_sense=True,
)


class ScopeKind(IntEnum):
    """How narrowly a policy aims; the higher, the more specific."""

    PLATFORM = 0
    SHOP = 1
    CATEGORY = 2
    LISTINGS = 3


@dataclass(frozen=True)
class Scope:
    """The listings a policy is meant for."""

    kind: ScopeKind
    categories: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()

    def covers(self, *, sku: str, category: str) -> bool:
        """Say whether a listing belongs to this scope."""
        if self.kind == ScopeKind.LISTINGS:
            return sku in self.skus
        return self.kind != ScopeKind.CATEGORY or category in self.categories


@dataclass(frozen=True)
class ScopedThresholds:
    """The thresholds of one published policy with where they hold."""

    policy_id: int
    name: str
    scope: Scope
    thresholds: Thresholds
    published_at: datetime


@dataclass(frozen=True)
class Resolved:
    """What holds for one listing, and for every field the policy it comes from."""

    thresholds: Thresholds
    sources: Mapping[str, ScopedThresholds] = field(default_factory=dict)
    leading: ScopedThresholds | None = None
    passed_over: tuple[ScopedThresholds, ...] = ()


def resolve(policies: Iterable[ScopedThresholds], *, sku: str, category: str) -> Resolved:
    """Find what holds for a listing: field by field, the most specific policy that sets it.

    Among equals the one published last wins. `leading` is the most specific
    policy of all (its mode and response hold); `passed_over` are policies that
    cover the listing and set nothing that holds.
    """
    return resolve_all([policy for policy in policies if policy.scope.covers(sku=sku, category=category)])


def resolve_all(policies: Iterable[ScopedThresholds]) -> Resolved:
    """Find the same for policies that all cover the listing."""
    covering = sorted(policies, key=lambda one: (one.scope.kind, one.published_at, one.policy_id), reverse=True)
    sources: dict[str, ScopedThresholds] = {}
    for policy in covering:
        for name in set_fields(policy.thresholds):
            sources.setdefault(name, policy)
    values = {name: getattr(policy.thresholds, name) for name, policy in sources.items()}
    used = {policy.policy_id for policy in sources.values()}
    return Resolved(
        thresholds=replace(Thresholds(), **values),
        sources=sources,
        leading=covering[0] if covering else None,
        passed_over=tuple(policy for policy in covering if policy.policy_id not in used),
    )


def set_fields(thresholds: Thresholds) -> list[str]:
    """Name the fields that are not blank."""
    return [one.name for one in fields(thresholds) if getattr(thresholds, one.name) is not None]


def over(narrow: Thresholds, wide: Thresholds) -> Thresholds:
    """Lay a narrower setting over a wider one: what is blank shows the wider one."""
    return replace(wide, **{name: getattr(narrow, name) for name in set_fields(narrow)})
