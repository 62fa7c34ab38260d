"""Judge any price series with the guard as it is, so that everybody can try it on their own prices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pricing_guard.rules import replay, shop_policy, slips, trial, words
from pricing_guard.rules.findings import Check, Finding
from pricing_guard.rules.thresholds import DEFAULT, Thresholds

KEPT_AFTER = 2
KEPT_WITHIN = 30


@dataclass(frozen=True)
class Row:
    """One price of one series."""

    series: str
    date: datetime
    price: Decimal


@dataclass(frozen=True)
class Judged:
    """What the guard thinks of a row: flagged or not, by which check, against which price, in words."""

    row: Row
    flag: bool
    check: Check | None = None
    reference: Decimal | None = None
    words: str = ""


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
    moved point twice as late), or once it has stood for a day with no other
    price between, as in a backtest; zero never. The row itself still counts
    as flagged. None: nobody ever answers.
    """
    policy: shop_policy.Policy | None = None
    shop = replay.Shop()
    place: dict[str, int] = {}
    seen: dict[tuple[str, Decimal], list[int]] = {}
    stands: dict[str, tuple[Decimal, datetime]] = {}
    for row in rows:
        policy = policy or replay.whole_shop(thresholds, at=row.date)
        place[row.series] = here = place.get(row.series, 0) + 1
        if row.series not in stands or stands[row.series][0] != row.price:
            stands[row.series] = row.price, row.date
        event = replay.PriceSet(row.series, row.date, row.price, currency)
        worst = replay.step(policy, shop, event)[0].judgement.worst
        if worst is None:
            yield Judged(row, flag=False)
            continue
        key = (row.series, row.price)
        seen[key] = [*(one for one in seen.get(key, []) if one > here - KEPT_WITHIN), here]
        stood = row.date - stands[row.series][1] >= trial.KEPT_FOR
        is_kept = kept_after is not None and (stood or len(seen[key]) >= _patience(worst, kept_after))
        if is_kept and row.price > 0:
            answer = replay.Answered(row.series, row.date, row.price, meant=True)
            replay.step(policy, shop, answer)
        yield _told(row, worst, translate)


def _patience(worst: Finding, kept_after: int) -> int:
    return kept_after * 2 if worst.check in slips.DECIMAL_CHECKS else kept_after


def _told(row: Row, worst: Finding, translate: words.Translate) -> Judged:
    reference = worst.reference.amount if worst.reference else None
    return Judged(row, True, worst.check, reference, words.tell(worst.reason, translate))
