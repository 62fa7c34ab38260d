"""What a slip of the finger makes of a price.

`slips_of` lists every wrong price that one slip turns a right one into, so
that a price can be looked up in it: 129.00 typed as 12.90, 19.00, 219.00.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from pricing_guard.rules import money
from pricing_guard.rules.findings import Check

POWERS = (1, 2, 3)
DECIMAL_CHECKS = frozenset({Check.DECIMAL_SHIFT, Check.CENTS_AS_YUAN})
DIGIT_CHECKS = frozenset({Check.DROPPED_DIGIT, Check.DOUBLED_DIGIT, Check.SWAPPED_DIGITS})


@dataclass(frozen=True)
class Slip:
    """One way to mistype a price; `power` tells by how many places a point moved."""

    check: Check
    meant: Decimal
    power: int = 0


@lru_cache(maxsize=16_384)
def slips_of(meant: Decimal, *, currency: str) -> Mapping[Decimal, Slip]:
    """Return every price one slip makes of the meant one, with the slip; the likeliest slip wins."""
    found: dict[Decimal, Slip] = {}
    for price, slip in _all(meant, currency):
        if price != meant and price > 0:
            found.setdefault(price, slip)
    return MappingProxyType(found)


@lru_cache(maxsize=16_384)
def in_order(meant: Decimal, *, currency: str) -> tuple[Decimal, ...]:
    """Return every price one slip makes of the meant one, the lowest first."""
    return tuple(sorted(slips_of(meant, currency=currency)))


def _all(meant: Decimal, currency: str) -> Iterator[tuple[Decimal, Slip]]:
    yield from _shifted(meant, currency)
    text = str(money.rounded(meant, currency))
    for price in _swapped(text):
        yield price, Slip(Check.SWAPPED_DIGITS, meant)
    for price in _dropped(text, currency):
        yield price, Slip(Check.DROPPED_DIGIT, meant)
    for price in _doubled(text, currency):
        yield price, Slip(Check.DOUBLED_DIGIT, meant)


def _shifted(meant: Decimal, currency: str) -> Iterator[tuple[Decimal, Slip]]:
    """Move the point; what falls below the smallest coin may be cut or rounded."""
    for power in POWERS:
        as_cents = power == money.places(currency)
        check = Check.CENTS_AS_YUAN if as_cents else Check.DECIMAL_SHIFT
        yield meant.scaleb(power), Slip(check, meant, power)
        small = meant.scaleb(-power)
        for price in (small, money.rounded(small, currency), money.rounded_down(small, currency)):
            yield price, Slip(Check.DECIMAL_SHIFT, meant, -power)


def _swapped(text: str) -> Iterator[Decimal]:
    """Swap two digits that follow each other, the point between them or not."""
    places = [place for place, sign in enumerate(text) if sign != "."]
    for left, right in itertools.pairwise(places):
        signs = list(text)
        signs[left], signs[right] = signs[right], signs[left]
        yield Decimal("".join(signs))


def _dropped(text: str, currency: str) -> Iterator[Decimal]:
    """Leave out one digit, as typed with the point and as typed in the smallest coin."""
    for place, sign in enumerate(text):
        if sign != ".":
            yield Decimal("0" + text[:place] + text[place + 1 :])
    digits = text.replace(".", "")
    for place in range(len(digits)):
        yield Decimal("0" + digits[:place] + digits[place + 1 :]) * money.quantum(currency)


def _doubled(text: str, currency: str) -> Iterator[Decimal]:
    """Type one digit twice, where what comes out is still a price of this currency."""
    short = text.rstrip("0").rstrip(".") if "." in text else text
    for place, sign in enumerate(short):
        doubled = short[:place] + sign + short[place:]
        if sign != "." and len(doubled.partition(".")[2]) <= money.places(currency):
            yield Decimal(doubled)
