"""What a shop's history says of an order at a moment: the facts that warnings are judged by.

Plain records in, `WarningFacts` out, and only what happened up to that moment counts: the same function
serves the order that comes in now and the trial over the past.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from scalper_policies.rules import clusters, listing_words
from scalper_policies.rules.policy import Dimension
from scalper_policies.rules.warnings import ClaimFacts, WarnedLine, WarningFacts

LATELY = timedelta(hours=24)
TIED_WITHIN = timedelta(days=3)
ORDERS_WITHIN = timedelta(days=90)
CLAIMS_WITHIN = timedelta(days=180)
USUAL_WITHIN = timedelta(days=30)
HOT_SOLD = 10  # units a day, from where a listing can be called hot
HOT_DAYS_LEFT = 3
OVER = frozenset({"CANCELLED", "EXPIRED", "REFUNDED"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what, how many, and what was paid for all of them."""

    sku: str
    units: int
    paid: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the shop's history has it."""

    pk: int
    buyer: int | None
    status: str
    placed_at: datetime
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    keys: tuple[tuple[Dimension, str], ...] = ()

    def is_unpaid(self, at: datetime) -> bool:
        """Whether nobody had paid it by then, however it ended later."""
        if self.paid_at is not None:
            return self.paid_at > at
        return self.status in ("PLACED", "EXPIRED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class AfterSale:
    """A request after the sale."""

    buyer: int | None
    kind: str
    status: str
    opened_at: datetime
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A price a listing had from a moment on."""

    at: datetime
    price: Decimal


@dataclass(frozen=True, slots=True)
class Goods:
    """A listing: its title, its stock where that is known, how many were sold in a day, and its prices in order."""

    sku: str
    title: str = ""
    stock: int | None = None
    sold_lately: int = 0
    prices: tuple[Asked, ...] = ()

    @property
    def is_hot(self) -> bool:
        """Whether it is in short supply (紧俏品): at the pace of the last day it is gone within three."""
        if self.stock is None or self.sold_lately < HOT_SOLD:
            return False
        return self.stock <= self.sold_lately * HOT_DAYS_LEFT


def usual_price(prices: Sequence[Asked], at: datetime) -> Decimal | None:
    """The price a listing had for most of the last 30 days: one slip of an hour does not move it."""
    since = at - USUAL_WITHIN
    spans: list[tuple[Decimal, timedelta]] = []
    for index, asked in enumerate(prices):
        if asked.at > at:
            break
        until = prices[index + 1].at if index + 1 < len(prices) else at
        length = min(until, at) - max(asked.at, since)
        if length >= timedelta(0) or not spans:
            spans.append((asked.price, max(length, timedelta(0))))
    spans.sort()
    half, passed = sum((length for _price, length in spans), timedelta(0)) / 2, timedelta(0)
    for price, length in spans:
        passed += length
        if passed >= half:
            return price
    return None


@dataclass(frozen=True)
class History:
    """A shop's orders, after-sales and listings, as far as they bear on the orders that are looked at."""

    orders: Sequence[Order]
    after_sales: Sequence[AfterSale] = ()
    goods: Mapping[str, Goods] = field(default_factory=dict)
    claim_shops: Mapping[int, int] = field(default_factory=dict)
    is_tying: bool = True

    def facts_of(self, order: Order, *, at: datetime) -> WarningFacts:
        """What is known of an order and its buyer at a moment."""
        group = self.tied_to(order.buyer, at=at)
        others = [each for each in self._orders_of(group, at=at) if each.pk != order.pk]
        lately = [each for each in others if each.placed_at > at - LATELY]
        unpaid = [each for each in lately if each.is_unpaid(at)]
        claims, wrong = self._claims_of(group, at=at)
        mine = [each for each in others if each.buyer == order.buyer]
        return WarningFacts(
            placed_at=order.placed_at,
            lines=tuple(self._line(line, at=at) for line in order.lines),
            is_paid=not order.is_unpaid(at),
            shipped_at=order.shipped_at,
            unpaid_orders=len(unpaid),
            unpaid_units=_units(each for each in unpaid if each.status not in OVER),
            claims=claims,
            claims_upheld_for_merchant=wrong,
            claim_shops=self.claim_shops.get(order.buyer) if order.buyer is not None else None,
            orders=sum(1 for each in mine if each.placed_at > at - ORDERS_WITHIN) + 1,
            returns=self._returns_of(order.buyer, at=at),
            units_of_hot=_units(each for each in lately if each.status not in OVER),
            cluster_signals=self.signals_of(order.buyer, at=at),
            difference_orders=sum(1 for each in lately if each.buyer == order.buyer and self._is_only_links(each)),
        )

    def claim_facts_of(self, claim: AfterSale, *, at: datetime) -> ClaimFacts:
        """What is known of a claim for money at a moment."""
        group = self.tied_to(claim.buyer, at=at)
        claims, wrong = self._claims_of(group, at=at)
        tied = sum(
            1
            for each in self.after_sales
            if each.buyer in group and each.kind == "REFUND_ONLY" and at - USUAL_WITHIN < each.opened_at <= at
        )
        return ClaimFacts(
            opened_at=claim.opened_at,
            pressure=listing_words.pressure(claim.wording),
            tied_claims=tied if len(group) > 1 else 0,
            claims=claims,
            claims_upheld_for_merchant=wrong,
        )

    def clusters_at(self, at: datetime) -> list[clusters.Cluster]:
        """The accounts tied together by what they ordered with lately."""
        return clusters.build(
            clusters.Trace(str(order.buyer), dimension, key)
            for order in self.orders
            if order.buyer is not None and at - TIED_WITHIN < order.placed_at <= at
            for dimension, key in order.keys
            if key
        )

    def tied_to(self, buyer: int | None, *, at: datetime) -> frozenset[int]:
        """A buyer and the accounts tied to it by two independent signals."""
        if buyer is None:
            return frozenset()
        found = self._cluster_of(buyer, at=at)
        return frozenset(map(int, found.accounts)) if found else frozenset({buyer})

    def signals_of(self, buyer: int | None, *, at: datetime) -> frozenset[str]:
        """The signals that tie a buyer to others."""
        found = self._cluster_of(buyer, at=at) if buyer is not None else None
        return frozenset(found.by_account[str(buyer)]) if found else frozenset()

    def _cluster_of(self, buyer: int, *, at: datetime) -> clusters.Cluster | None:
        if not self.is_tying:
            return None
        if at not in self._clusters:
            self._clusters[at] = {name: each for each in self.clusters_at(at) for name in each.accounts}
        return self._clusters[at].get(str(buyer))

    @cached_property
    def _clusters(self) -> dict[datetime, dict[str, clusters.Cluster]]:
        return {}

    @cached_property
    def _by_buyer(self) -> dict[int, list[Order]]:
        found: dict[int, list[Order]] = defaultdict(list)
        for order in sorted(self.orders, key=lambda each: (each.placed_at, each.pk)):
            if order.buyer is not None:
                found[order.buyer].append(order)
        return found

    def _orders_of(self, group: Iterable[int], *, at: datetime) -> list[Order]:
        return [
            order
            for buyer in group
            for order in self._by_buyer[buyer][: bisect_right(self._by_buyer[buyer], at, key=lambda o: o.placed_at)]
        ]

    @cached_property
    def _after_sales_by_buyer(self) -> dict[int | None, list[AfterSale]]:
        found: dict[int | None, list[AfterSale]] = defaultdict(list)
        for each in self.after_sales:
            found[each.buyer].append(each)
        return found

    def _claims_of(self, group: Iterable[int], *, at: datetime) -> tuple[int, int]:
        found = [
            each
            for buyer in group
            for each in self._after_sales_by_buyer[buyer]
            if each.kind == "REFUND_ONLY" and at - CLAIMS_WITHIN < each.opened_at <= at
        ]
        return len(found), sum(1 for each in found if each.status == "REJECTED")

    def _returns_of(self, buyer: int | None, *, at: datetime) -> int:
        if buyer is None:
            return 0
        mine = self._after_sales_by_buyer[buyer]
        return sum(1 for each in mine if each.kind == "RETURN" and at - ORDERS_WITHIN < each.opened_at <= at)

    def _line(self, line: Line, *, at: datetime) -> WarnedLine:
        goods = self.goods.get(line.sku) or Goods(line.sku)
        is_link = listing_words.is_difference_link(goods.title)
        return WarnedLine(
            sku=line.sku,
            units=line.units,
            unit_price=(line.paid / line.units).quantize(Decimal("0.01")) if line.units else line.paid,
            usual_price=usual_price(goods.prices, at),
            stock=goods.stock,
            is_hot=goods.is_hot and not is_link,
            is_difference_link=is_link,
        )

    def _is_only_links(self, order: Order) -> bool:
        titles = [self.goods[line.sku].title if line.sku in self.goods else "" for line in order.lines]
        return bool(titles) and all(map(listing_words.is_difference_link, titles))


def unshipped(facts: WarningFacts) -> WarningFacts:
    """The same facts as they were before the order left: a trial asks what would have been said then."""
    return replace(facts, shipped_at=None)


def _units(orders: Iterable[Order]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for order in orders:
        for line in order.lines:
            found[line.sku] += line.units
    return dict(found)
