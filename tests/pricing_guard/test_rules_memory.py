import statistics
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules.memory import FAMILIAR_PRICES, Memory, PastPrice, learn, remember
from tests.pricing_guard.listings import DAY, NOW, pasts, remembered


@pytest.mark.parametrize("days", [7, 30, 90])
@given(history=pasts(), later=st.integers(0, 24 * 100))
def test_the_low_is_the_lowest_price_that_stood_in_the_window(days: int, history: list[PastPrice], later: int) -> None:
    at = NOW + timedelta(hours=later)

    assert remember(history, currency="CNY").low(days=days, at=at) == _obvious_low(history, at, days)


@given(history=pasts(most=45))
def test_the_median_is_that_of_the_last_thirty(history: list[PastPrice]) -> None:
    memory = remember(history, currency="CNY")

    last = [past.price for past in history[-30:]]
    assert memory.median() == (statistics.median(last) if last else None)
    assert memory.last == (history[-1] if history else None)


def test_an_empty_memory_believes_in_nothing() -> None:
    memory = Memory()

    assert memory.believed(days=180, at=NOW) == []
    assert memory.trusted(at=NOW) is None
    assert memory.low(days=7, at=NOW) is None


def test_a_price_published_a_moment_ago_is_not_trusted_yet() -> None:
    memory = learn(remembered("3000"), price=Decimal(1200), at=NOW)

    assert _price(memory.trusted(at=NOW + timedelta(hours=1))) == 3000
    assert _price(memory.trusted(at=NOW + DAY)) == 1200


def test_a_price_told_again_every_hour_is_trusted_after_a_day_all_the_same() -> None:
    memory = remembered("3000")
    for hour in range(25):
        memory = learn(memory, price=Decimal(1200), at=NOW + timedelta(hours=hour))

    assert _price(memory.trusted(at=NOW + DAY + timedelta(minutes=30))) == 1200


def test_a_confirmed_price_is_trusted_at_once() -> None:
    memory = learn(remembered("3000"), price=Decimal(1200), at=NOW, confirmed=True)

    assert _price(memory.trusted(at=NOW)) == 1200


def test_a_listing_that_never_kept_a_price_for_a_day_trusts_its_first() -> None:
    memory = remember([PastPrice(Decimal(5), NOW), PastPrice(Decimal(6), NOW + timedelta(hours=1))], currency="CNY")

    assert _price(memory.trusted(at=NOW + timedelta(hours=2))) == 5


def test_a_price_is_forgotten_after_its_days_but_never_while_it_stands() -> None:
    memory = remembered("10", "20")
    later = NOW + DAY * 400

    assert memory.known(days=180, at=NOW) == {Decimal(10): 1, Decimal(20): 1}
    assert memory.known(days=180, at=later) == {Decimal(20): 1}


def test_a_memory_stays_small() -> None:
    memory = remembered(*(str(price) for price in range(1, 200)))

    assert len(memory.familiar) == FAMILIAR_PRICES
    assert Decimal(199) in memory.familiar
    assert Decimal(1) not in memory.familiar


def test_a_price_seen_once_and_long_ago_is_not_believed() -> None:
    memory = remembered("77", *(["10", "20"] * 8))

    assert set(memory.believed(days=180, at=NOW)) == {Decimal(10), Decimal(20)}


def _price(past: PastPrice | None) -> Decimal | None:
    return past.price if past else None


def _obvious_low(history: list[PastPrice], at: datetime, days: int) -> Decimal | None:
    since = at - timedelta(days=days)
    ends = [past.at for past in history[1:]] + [None]
    stood = [past.price for past, end in zip(history, ends, strict=False) if end is None or end > since]
    return min(stood, default=None)
