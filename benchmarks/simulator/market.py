"""The marketplace's memory: shops, buyers, orders, an agenda of what comes next, and what was told.

Everything happens at `now`, which only the engine moves. Nothing here reads a clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from benchmarks.simulator import catalogue, chance, people, rhythm
from benchmarks.simulator.settings import Merchant, Settings
from benchmarks.simulator.things import AfterSale, Buyer, Listing, Order, Promotion, moment

VERSIONS_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
FINISHED_ORDERS_KEPT = 20_000


@dataclass(frozen=True)
class Event:
    """One thing told to the portal."""

    id: str
    type: str
    merchant: str
    occurred_at: datetime
    version: int
    data: dict[str, Any]
    about: str

    def body(self) -> dict[str, Any]:
        """Return the envelope as the portal reads it."""
        return {
            "id": self.id,
            "type": self.type,
            "schema": 1,
            "merchant": self.merchant,
            "occurred_at": moment(self.occurred_at),
            "version": self.version,
            "data": self.data,
        }


@dataclass
class Shop:
    """One merchant with its goods, its promotions and what it must not sell just now."""

    merchant: Merchant
    listings: dict[str, Listing]
    promotions: dict[str, Promotion] = field(default_factory=dict)
    held_skus: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        """Return the merchant's code."""
        return self.merchant.code


@dataclass(frozen=True)
class Answered:
    """What the portal says of an order; with a moment, that it waits for nothing but its turn in a queue."""

    verdict: str
    due_at: str = ""


ALLOWED = Answered("allow")


class Questions(Protocol):
    """What a platform may ask before it lets something happen."""

    def price_allowed(self, listing: Listing, *, by: str) -> bool: ...

    def order_answer(self, order: Order) -> Answered: ...


class NoQuestions:
    """A platform that asks nothing: every price and every order passes."""

    def price_allowed(self, listing: Listing, *, by: str) -> bool:
        """Let the price pass."""
        return True

    def order_answer(self, order: Order) -> Answered:
        """Let the order pass."""
        return ALLOWED


@dataclass(order=True)
class Appointment:
    """A step that is due at a time; urgent ones do not wait for a beat."""

    at: datetime
    number: int
    step: str = field(compare=False)
    about: str = field(compare=False)
    more: dict[str, Any] = field(compare=False, default_factory=dict)


class Market:
    """The whole marketplace under one seed."""

    def __init__(self, settings: Settings, *, start: datetime) -> None:
        self.settings = settings
        self.seed = settings.seed
        self.start = start
        self.now = start
        self.tempo = rhythm.LIVE
        self.tag = f"{settings.seed}-{start.astimezone(UTC):%y%m%d%H%M%S}"
        self.questions: Questions = NoQuestions()
        self.shops = {one.code: self._open(one) for one in settings.merchants}
        self.buyers = {one.ref: one for one in people.ordinary(seed=self.seed, count=settings.buyers)}
        self.orders: dict[str, Order] = {}
        self.after_sales: dict[str, AfterSale] = {}
        self.routine: list[Appointment] = []
        self.urgent: list[Appointment] = []
        self.outbox: list[Event] = []
        self.versions: dict[str, int] = {}
        self.counts: dict[str, int] = {}
        self._streams: dict[str, Any] = {}

    def _open(self, merchant: Merchant) -> Shop:
        shelf = catalogue.listings(seed=self.seed, merchant=merchant.code, goods=merchant.goods)
        return Shop(merchant, catalogue.enlarged(shelf, count=merchant.listings))

    def chance(self, purpose: str) -> Any:
        """Return this purpose's own stream of draws."""
        if purpose not in self._streams:
            self._streams[purpose] = chance.stream(self.seed, self.tag, purpose)
        return self._streams[purpose]

    def count(self, what: str) -> int:
        """Return the next number of this kind, from 1."""
        self.counts[what] = self.counts.get(what, 0) + 1
        return self.counts[what]

    def number(self, merchant: str, head: str = "") -> str:
        """Return a new number for an order or a case, never given before, in another run neither."""
        place = list(self.shops).index(merchant) + 1
        local = self.now.astimezone(rhythm.CHINA)
        return f"{head}{local:%Y%m%d%H%M%S}{place}{self.count('numbers') % 10_000:04d}"

    def book(self, wait: timedelta, step: str, about: str, *, urgent: bool = False, **more: Any) -> None:
        """Put a step on the agenda."""
        heap = self.urgent if urgent else self.routine
        heapq.heappush(heap, Appointment(self.now + wait, self.count("appointments"), step, about, more))

    def tell(self, kind: str, merchant: str, ref: str, data: dict[str, Any], *, about: str = "") -> None:
        """Tell the portal the absolute state of one object, with a version above all before.

        What outlives a run (listings, prices, promotions, buyers) counts its versions from
        the seconds since 2024, so that a simulator started anew is never older than itself.
        """
        key = f"{kind}/{merchant}/{ref}"
        floor = 0
        if kind.split(".")[0] not in ("order", "after_sale"):
            floor = int((self.now - VERSIONS_BEGIN).total_seconds())
        self.versions[key] = max(self.versions.get(key, 0) + 1, floor)
        event_id = f"evt-{self.tag}-{self.count('events'):07d}"
        event = Event(event_id, kind, merchant, self.now, self.versions[key], data, about or f"{merchant}/{ref}")
        self.outbox.append(event)

    def take_outbox(self) -> list[Event]:
        """Return what was told since the last time."""
        told, self.outbox = self.outbox, []
        return told

    def tell_listing(self, listing: Listing) -> None:
        """Tell the state of a listing."""
        listing.announced_stock = listing.stock
        self.tell("listing.changed", listing.merchant, listing.sku, listing.data())

    def tell_price(self, listing: Listing, *, by: str) -> None:
        """Tell the price of a listing."""
        self.tell("price.changed", listing.merchant, listing.sku, listing.price_data(by))

    def tell_promotion(self, promotion: Promotion) -> None:
        """Tell the state of a promotion."""
        self.tell("promotion.changed", promotion.merchant, promotion.code, promotion.data())

    def tell_buyer(self, buyer: Buyer, merchant: str) -> None:
        """Tell a shop about a buyer."""
        self.tell("buyer.changed", merchant, buyer.ref, buyer.data())

    def tell_order(self, order: Order) -> None:
        """Tell the state of an order, after everything told about its buyer."""
        about = f"{order.merchant}/{order.buyer}"
        self.tell("order.changed", order.merchant, order.number, order.data(), about=about)

    def tell_after_sale(self, case: AfterSale) -> None:
        """Tell the state of an after-sale, after everything told about its buyer."""
        about = f"{case.merchant}/{case.buyer}"
        self.tell("after_sale.changed", case.merchant, case.number, case.data(), about=about)

    def announce(self) -> None:
        """Tell every listing and running promotion, as a platform does when it is connected."""
        for shop in self.shops.values():
            for listing in shop.listings.values():
                self.tell_listing(listing)
                self.tell_price(listing, by="上架")
            for promotion in shop.promotions.values():
                self.tell_promotion(promotion)

    def order(self, merchant: str, number: str) -> Order | None:
        """Return an order of this shop."""
        return self.orders.get(f"{merchant}/{number}")

    def keep(self, order: Order) -> None:
        """Remember an order, and forget the oldest finished ones when there are too many."""
        self.orders[f"{order.merchant}/{order.number}"] = order
        if len(self.orders) > 2 * FINISHED_ORDERS_KEPT:
            over = [key for key, one in self.orders.items() if one.status in ("CANCELLED", "EXPIRED", "REFUNDED")]
            over += [key for key, one in self.orders.items() if one.status == "DELIVERED"]
            for key in over[:FINISHED_ORDERS_KEPT]:
                del self.orders[key]

    def regulars(self) -> Iterable[Buyer]:
        """Return the ordinary customers in their fixed order."""
        return self.buyers.values()
