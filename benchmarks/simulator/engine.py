"""What happens next: the agenda's steps, and what ordinary days bring.

The past runs at its own pace, from moment to moment. Live, the marketplace beats at a
chosen rate: each beat does what is due or, when nothing is, something new; the steps of
a story are urgent and do not wait for a beat.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from benchmarks.simulator import after_sales, chance, orders, rhythm, shelves, stories
from benchmarks.simulator.market import Appointment, Event, Market, Shop
from benchmarks.simulator.stories import (
    blackmailer,
    extra_charge,
    hoarding,
    price_slip,
    refund_gang,
    scalper_ring,
    serial_returner,
    stack_mistake,
)

STEPS: dict[str, Callable[..., None]] = {
    "pay": orders.pay,
    "expire": orders.expire,
    "cancel": orders.cancel,
    "turn": orders.turn,
    "ship": orders.ship,
    "deliver": orders.deliver,
    "complain": after_sales.complain,
    "answer": after_sales.answer,
    "settle": after_sales.settle,
    "promotion_starts": shelves.starts,
    "promotion_ends": shelves.ends,
    "bargain": price_slip.bargain,
    "slip_noticed": price_slip.noticed,
    "use_stack": stack_mistake.use,
    "stack_taken_back": stack_mistake.taken_back,
    "launch_order": scalper_ring.order,
    "hurry": blackmailer.hurry,
    "threaten": blackmailer.threaten,
    "press": blackmailer.press,
    "gang_order": refund_gang.order,
    "gang_claim": refund_gang.claim,
    "hoard": hoarding.hoard,
    "extra_order": extra_charge.order,
    "returner_order": serial_returner.order,
    "send_back": serial_returner.send_back,
}
NEWS = {"order": 90.0, "price": 7.0, "promotion": 0.6, "stock": 2.4}
PRICE_EDITS_PER_LISTING_AND_DAY = 1 / 9
PROMOTIONS_PER_DAY = 0.5
RESTOCKS_PER_DAY = 1.5
STORIES_PER_DAY = 0.6
SHARE_OF_FAVOURITES = 0.3


def perform(market: Market, due: Appointment) -> None:
    """Do one step of the agenda."""
    STEPS[due.step](market, due.about, **due.more)


def visit(market: Market, shop: Shop) -> None:
    """An ordinary buyer orders something ordinary."""
    rng = market.chance("visitors")
    regulars = list(market.buyers.values())
    favourite = min(int(rng.paretovariate(0.35)) - 1, len(regulars) - 1)
    buyer = regulars[favourite] if rng.random() < SHARE_OF_FAVOURITES else rng.choice(regulars)
    orders.place(market, shop, buyer, shelves.basket(market, shop))


class Past:
    """The days before now, with the rhythm of real days."""

    def __init__(self, market: Market) -> None:
        self.market = market
        market.tempo = rhythm.PAST
        self.coming: list[tuple[datetime, int, str, str]] = []
        for shop in market.shops.values():
            for what in ("order", "price", "promotion", "stock"):
                self._book(what, shop)
        self._book("story", None)

    def _book(self, what: str, shop: Shop | None) -> None:
        rng, now = self.market.chance(f"past {what}"), self.market.now
        if shop is not None and what == "order":
            at = rhythm.next_arrival(rng, after=now, per_day=shop.merchant.orders_per_day)
        else:
            at = now + timedelta(days=rng.expovariate(self._per_day(what, shop)))
        heapq.heappush(self.coming, (at, self.market.count("coming"), what, shop.code if shop else ""))

    @staticmethod
    def _per_day(what: str, shop: Shop | None) -> float:
        if what == "price" and shop is not None:
            return PRICE_EDITS_PER_LISTING_AND_DAY * len(shop.listings)
        return {"promotion": PROMOTIONS_PER_DAY, "stock": RESTOCKS_PER_DAY, "story": STORIES_PER_DAY}[what]

    def run(self, until: datetime) -> Iterator[Event]:
        """Let the days pass and yield what was told, in order."""
        market = self.market
        while True:
            heap = min((heap for heap in (market.routine, market.urgent) if heap), key=lambda one: one[0], default=None)
            next_step = heap[0].at if heap else until
            next_new = self.coming[0][0]
            if min(next_step, next_new) >= until:
                break
            market.now = min(next_step, next_new)
            if next_new <= next_step or heap is None:
                _, _, what, code = heapq.heappop(self.coming)
                self._news(what, market.shops.get(code))
            else:
                perform(market, heapq.heappop(heap))
            yield from market.take_outbox()
        market.now = until

    def _news(self, what: str, shop: Shop | None) -> None:
        self._book(what, shop)
        if shop is None:
            name = stories.choose(self.market, self.market.settings.stories)
            if name:
                stories.tell(self.market, name)
        else:
            happen(self.market, what, shop)


def happen(market: Market, what: str, shop: Shop) -> None:
    """Let something ordinary happen in a shop."""
    {"order": visit, "price": shelves.edit_price, "promotion": shelves.promote, "stock": shelves.restock}[what](
        market, shop
    )


class Beat:
    """The marketplace live: a beat of its own rate, stories in between."""

    def __init__(self, market: Market, *, rate: float, story_every: float, weights: dict[str, float]) -> None:
        self.market = market
        self.rate = rate
        self.story_every = story_every
        self.weights = weights
        market.tempo = rhythm.LIVE
        self.next_beat = market.now + self._gap()
        self.next_story = market.now + self._story_gap()

    def _gap(self) -> timedelta:
        if self.rate <= 0:
            return timedelta(days=365)
        return timedelta(seconds=self.market.chance("beat").expovariate(self.rate))

    def _story_gap(self) -> timedelta:
        if self.story_every <= 0:
            return timedelta(days=365)
        return timedelta(seconds=self.market.chance("stories").expovariate(1 / self.story_every))

    def change(self, *, rate: float | None = None, story_every: float | None = None) -> None:
        """Beat at another rate from now on."""
        if rate is not None:
            self.rate = rate
            self.next_beat = self.market.now + self._gap()
        if story_every is not None:
            self.story_every = story_every
            self.next_story = self.market.now + self._story_gap()

    def due_at(self) -> datetime:
        """Return when something happens next."""
        soonest = min(self.next_beat, self.next_story)
        return min(soonest, self.market.urgent[0].at) if self.market.urgent else soonest

    def catch_up(self, now: datetime, *, longest_lag: timedelta) -> None:
        """Skip what was slept through rather than let it all happen at once."""
        self.next_beat = max(self.next_beat, now - longest_lag)
        self.next_story = max(self.next_story, now - longest_lag)

    def step(self) -> list[Event]:
        """Let the next thing happen at its own time and return what was told."""
        market = self.market
        at = self.due_at()
        market.now = max(market.now, at)
        if market.urgent and market.urgent[0].at <= at:
            perform(market, heapq.heappop(market.urgent))
        elif self.next_story <= at:
            self.next_story = market.now + self._story_gap()
            name = stories.choose(market, self.weights)
            if name:
                stories.tell(market, name)
        else:
            self.next_beat = at + self._gap()
            self._beat()
        return market.take_outbox()

    def _beat(self) -> None:
        """Do what is due until something is told, else something new."""
        market = self.market
        while market.routine and market.routine[0].at <= market.now and not market.outbox:
            perform(market, heapq.heappop(market.routine))
        if not market.outbox:
            shop = market.shops[chance.weighted(market.chance("beat"), self._shares())]
            happen(market, chance.weighted(market.chance("beat"), NEWS), shop)

    def _shares(self) -> dict[str, Any]:
        return {shop.code: shop.merchant.orders_per_day for shop in self.market.shops.values()}
