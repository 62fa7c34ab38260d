"""A policy tried on the past: the live guard's own steps over old events, with what the merchant did afterwards.

Nobody answered back then. A doubted price the merchant kept, for a day or by selling at it again and
again, is taken as answered with "it is meant", which makes it a false alarm; one that was changed soon is
a catch. What was sold at it meanwhile is what would have been held.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from pricing_guard.rules import replay, shop_policy
from pricing_guard.rules.findings import Finding, Severity

KEPT_FOR = timedelta(days=1)
SEEN_AGAIN = 2
ZERO = Decimal(0)


@dataclass
class Hit:
    """One price the guard would have objected to, and what came of it."""

    sku: str
    at: datetime
    price: Decimal
    severity: Severity
    finding: Finding
    seen: int = 1
    was_kept: bool = False
    units: int = 0
    spared: Decimal = ZERO


@dataclass
class Totals:
    """What a trial came to."""

    prices: int = 0
    lines: int = 0
    hits: int = 0
    kept: int = 0
    units: int = 0
    spared: Decimal = ZERO
    by_check: dict[str, int] = field(default_factory=dict)


@dataclass
class Trial:
    """Puts events through the guard in their order and keeps what it objected to."""

    policy: shop_policy.Policy
    shop: replay.Shop = field(default_factory=replay.Shop)
    hits: list[Hit] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    waiting: dict[str, Hit] = field(default_factory=dict)

    def feed(self, event: replay.Event) -> None:
        """Take one event."""
        if isinstance(event, replay.PriceSet):
            self.totals.prices += 1
            self._price(event)
        elif isinstance(event, replay.Ordered):
            self.totals.lines += 1
            self._order(event)
        else:
            for outcome in replay.step(self.policy, self.shop, event):
                self._judged(outcome)

    def run(self, events: Iterable[replay.Event]) -> "Trial":
        """Take every event, then bring open doubts to their end."""
        for event in events:
            self.feed(event)
        return self

    def finish(self, *, at: datetime) -> None:
        """The past ends here: what still stood after a day was kept."""
        for hit in list(self.waiting.values()):
            if at - hit.at >= KEPT_FOR:
                self._keep(hit, at=at)
        for hit in self.hits:
            self.totals.kept += hit.was_kept
            if not hit.was_kept:
                self.totals.units += hit.units
                self.totals.spared += hit.spared

    def _price(self, event: replay.PriceSet) -> None:
        hit = self.waiting.get(event.sku)
        if hit is not None:
            if event.price == hit.price:
                hit.seen += 1
            if event.at - hit.at >= KEPT_FOR or (hit.seen > SEEN_AGAIN and hit.price > 0):
                self._keep(hit, at=event.at)
        for outcome in replay.step(self.policy, self.shop, event):
            self._judged(outcome)

    def _order(self, event: replay.Ordered) -> None:
        """Only a look at the price ends a doubt; the order that opens one and those while it waits are part of it."""
        is_waiting = event.sku in self.waiting
        for outcome in replay.step(self.policy, self.shop, event):
            if outcome.judgement.worst and not is_waiting:
                self._judged(outcome)
        hit = self.waiting.get(event.sku)
        if hit is not None and event.sold.unit_paid <= hit.price:
            hit.units += event.sold.quantity
            reference = hit.finding.reference.amount if hit.finding.reference else hit.price
            hit.spared += max(reference - event.sold.unit_paid, ZERO) * event.sold.quantity

    def _judged(self, outcome: replay.Outcome) -> None:
        worst = outcome.judgement.worst
        hit = self.waiting.get(outcome.sku)
        if worst is None:
            self.waiting.pop(outcome.sku, None)
            return
        if hit is not None and hit.price == outcome.price:
            return
        hit = Hit(outcome.sku, outcome.at, outcome.price, outcome.judgement.severity, worst)
        self.hits.append(hit)
        self.waiting[outcome.sku] = hit
        self.totals.hits += 1
        name = worst.check.value
        self.totals.by_check[name] = self.totals.by_check.get(name, 0) + 1

    def _keep(self, hit: Hit, *, at: datetime) -> None:
        """A zero price is never taken as meant: it would have needed a window for gifts."""
        self.waiting.pop(hit.sku, None)
        if hit.price <= 0:
            return
        hit.was_kept = True
        replay.step(self.policy, self.shop, replay.Answered(hit.sku, at, hit.price, meant=True))
