"""Before and after a course, against those who did not take it: counts with intervals, never a cause."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import exp, log, sqrt

type Event = tuple[int, datetime, Decimal]

CONFIDENT = 1.96


@dataclass(frozen=True)
class Count:
    """Incidents in a group's time: how many, over how many shop-months, what was lost."""

    incidents: int
    months: float
    lost: Decimal

    @property
    def rate(self) -> float | None:
        """Incidents in a shop and month."""
        return self.incidents / self.months if self.months else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between which rates the true one lies with 95 % confidence (Byar's approximation to the Poisson interval)."""
        if not self.months:
            return None
        n, low = self.incidents, 0.0
        if n:
            low = n * (1 - 1 / (9 * n) - CONFIDENT / (3 * sqrt(n))) ** 3
        m = n + 1
        high = m * (1 - 1 / (9 * m) + CONFIDENT / (3 * sqrt(m))) ** 3
        return max(0.0, low) / self.months, high / self.months


@dataclass(frozen=True)
class Side:
    """One group, before and after."""

    shops: int
    before: Count
    after: Count

    @property
    def ratio(self) -> tuple[float, float, float] | None:
        """After against before: the ratio of the rates with its 95 % interval; an empty count is taken as one half."""
        if not self.before.months or not self.after.months:
            return None
        a, b = self.after.incidents or 0.5, self.before.incidents or 0.5
        if not self.after.incidents and not self.before.incidents:
            return None
        middle = log(a / self.after.months) - log(b / self.before.months)
        spread = CONFIDENT * sqrt(1 / a + 1 / b)
        return exp(middle), exp(middle - spread), exp(middle + spread)


@dataclass(frozen=True)
class Effect:
    """Shops that took the course beside shops that did not, in the same weeks."""

    days: int
    taken: Side
    not_taken: Side
    too_recent: int


def compare(
    completions: Mapping[int, datetime],
    others: Sequence[int],
    events: Iterable[Event],
    *,
    days: int,
    now: datetime,
) -> Effect:
    """Compare so many days before and after.

    Shops that completed the course less than `days` ago have no full time after it and are only
    counted as too recent. Those who did not take it are looked at around the same moments.
    """
    span = timedelta(days=days)
    ripe = {shop: at for shop, at in completions.items() if at + span <= now}
    by_shop: dict[int, list[tuple[datetime, Decimal]]] = {}
    for shop, at, lost in events:
        by_shop.setdefault(shop, []).append((at, lost))
    moments = list(ripe.values())
    taken = _side([(shop, [at]) for shop, at in ripe.items()], by_shop, span)
    not_taken = _side([(shop, moments) for shop in others if shop not in completions], by_shop, span)
    return Effect(days, taken, not_taken, len(completions) - len(ripe))


def _side(
    shops: Sequence[tuple[int, Sequence[datetime]]],
    by_shop: Mapping[int, Sequence[tuple[datetime, Decimal]]],
    span: timedelta,
) -> Side:
    windows = sum(len(moments) for _shop, moments in shops)
    months = windows * span.days / 30
    before = after = 0
    lost_before = lost_after = Decimal(0)
    for shop, moments in shops:
        happened = by_shop.get(shop, ())
        for moment in moments:
            for at, lost in happened:
                if moment - span <= at < moment:
                    before, lost_before = before + 1, lost_before + lost
                elif moment <= at < moment + span:
                    after, lost_after = after + 1, lost_after + lost
    return Side(
        len([shop for shop, moments in shops if moments]),
        Count(before, months, lost_before),
        Count(after, months, lost_after),
    )
