"""How well the guard finds typing slips: known slips are put into real prices, and both rules are asked.

python -m benchmarks.price_slips ORDERS.csv.gz [--seed 7] [--rate 0.01] [--series lines|days]
                                 [--half first|second] [--period early|late]

ORDERS has the columns StockCode, InvoiceDate, Quantity, UnitPrice. Sales of
products at a price count; credit notes, free lines and postage do not. `lines`
takes every sold line as one price of its listing, `days` the price most lines
of a day had. Slips go into rows that have eight rows before them, which the
plain rule needs, and those rows are counted; what is flagged among the first
eight rows of a listing stands apart under "early". Two further lines tell the
recall on slips of a price the listing had shown before and of one it had not:
nothing in the series tells what the second was meant to be. With `--half`
every second listing is left out, with `--period` what was sold from March on,
or before: what was chosen on one part is shown on the other. A price is common
in the shop as a recommendation for its size says.
"""

import argparse
import collections
import csv
import gzip
import itertools
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from pricing_guard.rules import evaluate, recommend
from pricing_guard.rules.evaluate import Row
from pricing_guard.rules.thresholds import DEFAULT

CENT = Decimal("0.01")
BEFORE = 8
CURRENCY = "GBP"
GOAL = 0.95
MARCH = datetime(2011, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Marked:
    """A row with the slip that was put into it, if any, and whether the listing had shown its price before."""

    row: Row
    slip: str | None
    shown: bool
    early: bool


def main(arguments: Sequence[str]) -> int:
    """Print one table per kind of series; return 1 if a goal is missed."""
    options = _options(arguments)
    held = True
    for kind in [options.series] if options.series else ["lines", "days"]:
        rows = _lines(options.orders) if kind == "lines" else _days(_lines(options.orders))
        rows = _part(_half(rows, options.half), options.period)
        marked = inject(rows, seed=options.seed, rate=options.rate)
        started = time.perf_counter()
        ours = guarded(marked, currency=CURRENCY)
        seconds = time.perf_counter() - started
        count = sum(one.slip is not None for one in marked)
        listings = len({row.series for row in rows})
        print(f"\n{kind}: {len(rows):,} prices, {listings:,} listings, {count:,} slips, seed {options.seed}")
        print(f"guard: {len(rows) / seconds:,.0f} prices a second")
        held = table(marked, {"guard": ours, "half of median": plain(marked)}) and held
    return 0 if held else 1


def guarded(marked: Sequence[Marked], *, currency: str) -> list[bool]:
    """Flag what the guard's default policy does, for a shop of so many listings."""
    common = recommend.common_in(len({one.row.series for one in marked}))
    thresholds = replace(DEFAULT, usual_listings=common)
    judged = evaluate.evaluate((one.row for one in marked), thresholds=thresholds, currency=currency)
    return [one.flag for one in judged]


def inject(rows: Sequence[Row], *, seed: int, rate: float, after: int = BEFORE) -> list[Marked]:
    """Put a slip of a random kind into a share of the rows, leaving the rest as they are."""
    chance = random.Random(seed)
    before: collections.Counter[str] = collections.Counter()
    shown: set[tuple[str, Decimal]] = set()
    marked = []
    for row in rows:
        before[row.series] += 1
        chosen = before[row.series] > after and chance.random() < rate
        kind = chance.choice(list(SLIPS)) if chosen else ""
        price = SLIPS[kind](row.price, chance) if kind else row.price
        slipped = price != row.price
        was_shown = (row.series, row.price) in shown
        early = before[row.series] <= after
        marked.append(Marked(replace(row, price=price), kind if slipped else None, was_shown, early))
        shown.add((row.series, price))
    return marked


def plain(marked: Sequence[Marked]) -> list[bool]:
    """Flag what is below half of the median of the last eight prices of the listing."""
    last: dict[str, collections.deque[Decimal]] = {}
    flags = []
    for one in marked:
        seen = last.setdefault(one.row.series, collections.deque(maxlen=BEFORE))
        flags.append(len(seen) == BEFORE and one.row.price * 2 < statistics.median(seen))
        seen.append(one.row.price)
    return flags


def _tenth(price: Decimal, _: random.Random) -> Decimal:
    return (price / 10).quantize(CENT, rounding=ROUND_HALF_UP)


def _hundredth(price: Decimal, _: random.Random) -> Decimal:
    return (price / 100).quantize(CENT, rounding=ROUND_HALF_UP)


def _cents(price: Decimal, _: random.Random) -> Decimal:
    return price * 100


def _dropped(price: Decimal, chance: random.Random) -> Decimal:
    text = str(price)
    place = chance.choice([place for place, sign in enumerate(text) if sign != "."])
    return Decimal("0" + text[:place] + text[place + 1 :]).quantize(CENT)


def _swapped(price: Decimal, chance: random.Random) -> Decimal:
    text = str(price)
    places = [place for place, sign in enumerate(text) if sign != "."]
    pairs = [pair for pair in itertools.pairwise(places) if text[pair[0]] != text[pair[1]]]
    if not pairs:
        return price
    left, right = chance.choice(pairs)
    signs = list(text)
    signs[left], signs[right] = signs[right], signs[left]
    return Decimal("".join(signs))


SLIPS: dict[str, Callable[[Decimal, random.Random], Decimal]] = {
    "divided by 10": _tenth,
    "divided by 100": _hundredth,
    "dropped digit": _dropped,
    "swapped digits": _swapped,
    "cents": _cents,
}


def table(marked: Sequence[Marked], flags: dict[str, list[bool]]) -> bool:
    """Print how well each rule did, and say whether the guard's figures reach the goal."""
    held = True
    print(f"{'':20}{'precision':>10}{'recall':>8}{'false':>7}{'early':>7}" + "".join(f"{kind:>16}" for kind in SLIPS))
    for name, flagged in flags.items():
        both = list(zip(marked, flagged, strict=True))
        found = [one for one, flag in both if flag]
        right = sum(one.slip is not None for one in found)
        early = sum(one.early for one in found)
        wrong = len(found) - right - early
        precision, recall = right / max(right + wrong, 1), _share([flag for one, flag in both if one.slip])
        print(f"{name:20}{precision:10.3f}{recall:8.3f}{wrong:7}{early:7}" + _by_kind(both))
        if name == "guard":
            for shown, title in ((True, "  price shown before"), (False, "  price never shown")):
                print(f"{title:52}" + _by_kind([pair for pair in both if pair[0].shown == shown]))
            held = precision >= GOAL and recall >= GOAL
    return held


def _by_kind(both: Sequence[tuple[Marked, bool]]) -> str:
    cells = []
    for kind in SLIPS:
        flags = [flag for one, flag in both if one.slip == kind]
        cells.append(f"{_share(flags):8.3f} of {len(flags):4}")
    return "".join(cells)


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / max(len(flags), 1)


def _lines(path: Path) -> list[Row]:
    return sorted(_sold(path), key=lambda row: row.date)


def _sold(path: Path) -> Iterator[Row]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            price = Decimal(line["UnitPrice"]).quantize(CENT, rounding=ROUND_HALF_UP)
            is_product = line["StockCode"][:5].isdigit()
            if price > 0 and int(line["Quantity"]) > 0 and is_product:
                yield Row(line["StockCode"], datetime.fromisoformat(line["InvoiceDate"] + "+00:00"), price)


def _days(rows: Sequence[Row]) -> list[Row]:
    """Take the price most lines of a day had, the first seen of equals."""
    days: dict[tuple[str, datetime], collections.Counter[Decimal]] = {}
    for row in rows:
        day = row.date.replace(hour=0, minute=0, second=0)
        days.setdefault((row.series, day), collections.Counter())[row.price] += 1
    return [Row(series, day, prices.most_common(1)[0][0]) for (series, day), prices in days.items()]


def _half(rows: list[Row], which: str | None) -> list[Row]:
    if which is None:
        return rows
    names = sorted({row.series for row in rows})
    kept = set(names[which == "second" :: 2])
    return [row for row in rows if row.series in kept]


def _part(rows: list[Row], period: str | None) -> list[Row]:
    return [row for row in rows if period is None or (row.date < MARCH) == (period == "early")]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Detection of typing slips put into real prices")
    parser.add_argument("orders", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--series", choices=["lines", "days"])
    parser.add_argument("--half", choices=["first", "second"])
    parser.add_argument("--period", choices=["early", "late"])
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
