"""The references of a listing: what its accepted prices teach. A price nobody accepted is never here."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

RECENT = 30
NEAR = 8
LOW_DAYS = 90
SETTLED_AFTER = timedelta(days=1)
FAMILIAR_PRICES = 60


@dataclass(frozen=True)
class PastPrice:
    """A price nobody objected to, when it took force, and whether a person said it is meant."""

    price: Decimal
    at: datetime
    confirmed: bool = False


@dataclass(frozen=True)
class Low:
    """A low price and how long it stood; None while it still stands."""

    price: Decimal
    until: datetime | None


@dataclass(frozen=True)
class Sighting:
    """How often a price was accepted, and when last."""

    count: int
    last_at: datetime


@dataclass(frozen=True)
class Memory:
    """What the guard remembers of one listing, small enough to sit in its row."""

    currency: str = "CNY"
    recent: tuple[PastPrice, ...] = ()
    lows: tuple[Low, ...] = ()
    familiar: Mapping[Decimal, Sighting] = field(default_factory=dict)

    @property
    def last(self) -> PastPrice | None:
        """Return the last confirmed price."""
        return self.recent[-1] if self.recent else None

    def trusted(self, *, at: datetime) -> PastPrice | None:
        """Return the price orders are held against: confirmed by a person, or one that stood for a day.

        A price that has only just been published proves nothing about itself,
        even when no check objected to it. A listing without any such price
        trusts its first one.
        """
        until = at
        for place in range(len(self.recent) - 1, -1, -1):
            past = self.recent[place]
            if past.confirmed or until - past.at >= SETTLED_AFTER:
                return past
            if place and self.recent[place - 1].price != past.price:
                until = past.at
        return self.recent[0] if self.recent else None

    def begun(self, at: datetime) -> datetime:
        """Return since when the price that was accepted at this moment had been the same, as far as is remembered."""
        held, begun = None, at
        for past in reversed([one for one in self.recent if one.at <= at]):
            if held is not None and past.price != held:
                break
            held, begun = past.price, past.at
        return begun

    def median(self) -> Decimal | None:
        """Return the median of the last thirty accepted prices."""
        return statistics.median(past.price for past in self.recent) if self.recent else None

    def low(self, *, days: int, at: datetime) -> Decimal | None:
        """Return the lowest accepted price that stood at any time in the last `days` days."""
        since = at - timedelta(days=days)
        standing = [one.price for one in self.lows if one.until is None or one.until > since]
        return min(standing, default=None)

    def known(self, *, days: int, at: datetime) -> dict[Decimal, int]:
        """Return the prices accepted within `days`, with how often; the standing one always belongs."""
        since = at - timedelta(days=days)
        return {
            price: sighting.count
            for price, sighting in self.familiar.items()
            if sighting.last_at >= since or price == self.recent[-1].price
        }

    def believed(self, *, days: int, at: datetime) -> list[Decimal]:
        """Return the prices a slip may have started from, the newest first.

        Those among the last few, and those accepted more than once: a price
        that was there a single time, long ago, is not what anybody meant to type.
        """
        known = self.known(days=days, at=at)
        near = list(dict.fromkeys(past.price for past in reversed(self.recent[-NEAR:])))
        return near + [price for price, count in known.items() if count > 1 and price not in near]


def learn(memory: Memory, *, price: Decimal, at: datetime, confirmed: bool = False) -> Memory:
    """Take an accepted price into the memory. Call it for no other price."""
    seen = memory.familiar.get(price)
    familiar = dict(memory.familiar)
    familiar[price] = Sighting((seen.count if seen else 0) + 1, at)
    if len(familiar) > FAMILIAR_PRICES:
        del familiar[min(familiar, key=lambda one: familiar[one].last_at)]
    return Memory(
        currency=memory.currency,
        recent=(*memory.recent, PastPrice(price, at, confirmed))[-RECENT:],
        lows=_lows(memory.lows, price=price, at=at),
        familiar=familiar,
    )


def forget(memory: Memory, *, price: Decimal, at: datetime) -> Memory:
    """Return a memory without a price that was confirmed at this moment by mistake; others stay as they were."""
    mistaken = [one for one in memory.recent if one.confirmed and (one.price, one.at) == (price, at)]
    if not mistaken:
        return memory
    recent = tuple(one for one in memory.recent if one not in mistaken)
    familiar = dict(memory.familiar)
    count = familiar[price].count - len(mistaken) if price in familiar else 0
    seen = [one.at for one in recent if one.price == price]
    familiar.pop(price, None)
    if count > 0:
        familiar[price] = Sighting(count, max(seen, default=memory.familiar[price].last_at))
    older = recent[0].at if recent else at
    lows = tuple(one for one in memory.lows if one.until is not None and one.until <= older)
    for past in recent:
        lows = _lows(lows, price=past.price, at=past.at)
    return Memory(memory.currency, recent, lows, familiar)


def remember(prices: Iterable[PastPrice], *, currency: str) -> Memory:
    """Build the memory of a listing from its accepted prices, oldest first."""
    memory = Memory(currency=currency)
    for past in prices:
        memory = learn(memory, price=past.price, at=past.at)
    return memory


def _lows(lows: tuple[Low, ...], *, price: Decimal, at: datetime) -> tuple[Low, ...]:
    """Close the standing low and drop those a lower, later one makes useless."""
    since = at - timedelta(days=LOW_DAYS)
    closed = [one if one.until else Low(one.price, at) for one in lows]
    kept = [one for one in closed if one.price < price and one.until is not None and one.until > since]
    return (*kept, Low(price, None))
