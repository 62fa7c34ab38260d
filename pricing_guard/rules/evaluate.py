"""Judge any price series with the guard as it is, so that everybody can try it on their own prices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from pricing_guard.rules import replay, shop_policy, slips, trial, words
from pricing_guard.rules.findings import Check, Finding
from pricing_guard.rules.thresholds import DEFAULT, Thresholds

KEPT_AFTER = 2
KEPT_WITHIN = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One price of one series."""

    series: str
    date: datetime
    price: Decimal


@dataclass(frozen=True, slots=True)
class Judged:
    """What the guard thinks of a row: flagged or not, by which check, against which price, in words."""

    row: Row
    flag: bool
    check: Check | None = None
    reference: Decimal | None = None
    words: str = ""


@dataclass
class _Series:
    """What was seen of one series: how far it is, what stands there since when, and what was doubted lately."""

    place: int = 0
    price: Decimal | None = None
    since: datetime | None = None
    seen: dict[Decimal, list[int]] = field(default_factory=dict)
    doubted_by: Check | None = None

    def take(self, row: Row) -> None:
        """Go on to the next row."""
        self.place += 1
        if self.price != row.price:
            self.price, self.since, self.doubted_by = row.price, row.date, None

    def has_stood(self, at: datetime) -> bool:
        """Say whether the price has been there for as long as a backtest takes for meant."""
        return self.since is not None and at - self.since >= trial.KEPT_FOR

    def doubt(self, row: Row, worst: Finding) -> int:
        """Note a doubt and return how often this price was doubted within the last rows."""
        self.doubted_by = worst.check
        recent = [one for one in self.seen.get(row.price, ()) if one > self.place - KEPT_WITHIN]
        self.seen[row.price] = [*recent, self.place]
        return len(recent) + 1


def evaluate(
    rows: Iterable[Row],
    *,
    thresholds: Thresholds = DEFAULT,
    currency: str = "CNY",
    kept_after: int | None = KEPT_AFTER,
    translate: words.Translate = words.as_written,
) -> Iterator[Judged]:
    """Judge rows in their order; the order of dates within a series is up to the caller.

    Series carry nobody's answers. A doubted price that soon comes back is one
    the merchant kept, and is taken as answered with "it is meant" the
    `kept_after`th time it stands there within thirty rows of its series (a
    moved point twice as late), and one that still stands a day later, with no
    other price between, before it is judged again, as in a backtest; a moved
    point is flagged that once more, zero always. None: nobody ever answers.
    """
    policy: shop_policy.Policy | None = None
    shop = replay.Shop()
    known: dict[str, _Series] = {}
    for row in rows:
        policy = policy or replay.whole_shop(thresholds, at=row.date)
        series = known.setdefault(row.series, _Series())
        series.take(row)
        may_be_meant = kept_after is not None and row.price > 0
        meant = replay.Answered(row.series, row.date, row.price, meant=True)
        was_kept = may_be_meant and series.doubted_by is not None and series.has_stood(row.date)
        if was_kept and series.doubted_by not in slips.DECIMAL_CHECKS:
            replay.step(policy, shop, meant)
        event = replay.PriceSet(row.series, row.date, row.price, currency)
        worst = replay.step(policy, shop, event)[0].judgement.worst
        if worst is None:
            yield Judged(row, flag=False)
            continue
        count = series.doubt(row, worst)
        if may_be_meant and (was_kept or count >= _patience(worst, kept_after or 0)):
            replay.step(policy, shop, meant)
        yield _told(row, worst, translate)


def _patience(worst: Finding, kept_after: int) -> int:
    return kept_after * 2 if worst.check in slips.DECIMAL_CHECKS else kept_after


def _told(row: Row, worst: Finding, translate: words.Translate) -> Judged:
    reference = worst.reference.amount if worst.reference else None
    return Judged(row, True, worst.check, reference, words.tell(worst.reason, translate))
