"""How often something may be done is exact: one after another, and by fifty at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_protection.foundation import rates, shared_cache
from merchant_protection.foundation.models import CacheEntry, Rate
from merchant_protection.foundation.rates import Limit

START = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_so_many_at_once_and_one_more_after_each_step(db: None) -> None:
    limit = Limit(7, MINUTE)  # a step that is no whole number of seconds

    waits = [rates.take("a", limit, at=START) for _ in range(8)]

    assert waits[:7] == [None] * 7
    assert waits[7] is not None
    assert MINUTE / 7 - timedelta(milliseconds=1) < waits[7] <= MINUTE / 7
    assert rates.take("a", limit, at=START + waits[7]) is None
    assert rates.take("a", limit, at=START + waits[7]) is not None
    assert rates.take("b", limit, at=START) is None


def test_what_did_not_count_is_given_back(db: None) -> None:
    limit = Limit(1, MINUTE)
    rates.take("a", limit, at=START)

    rates.give_back("a", limit)

    assert rates.take("a", limit, at=START) is None
    assert rates.take("a", limit, at=START) is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amount=st.integers(1, 9),
    gaps=st.lists(st.integers(0, 40), min_size=1, max_size=40),
)
def test_it_is_what_a_leaking_bucket_would_say(db: None, amount: int, gaps: list[int]) -> None:
    """The oracle is the picture of it: a bucket of so many drops that leaks evenly."""
    limit, at, filled, before = Limit(amount, MINUTE), START, 0.0, START
    name = f"{amount} {gaps}"[:100]
    for gap in gaps:
        at += timedelta(seconds=gap)
        filled = max(0.0, filled - (at - before).total_seconds() / limit.step.total_seconds())
        before = at
        fits = filled + 1 <= amount + 1e-3
        if abs(filled + 1 - amount) > 1e-2:  # at the rim, a microsecond's rounding decides
            assert (rates.take(name, limit, at=at) is None) == fits
        else:
            fits = rates.take(name, limit, at=at) is None
        filled += fits


def fifty(work: Callable[[], object]) -> list[object]:
    """Fifty threads at once; the pool lends each a connection for its own moment only."""
    gate = threading.Barrier(50)

    def one(_: int) -> object:
        gate.wait(30)
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(one, range(50)))


def test_fifty_at_once_take_no_more_than_there_is(transactional_db: None) -> None:
    limit = Limit(20, timedelta(hours=1))

    waits = fifty(lambda: rates.take("a", limit, at=START))

    assert waits.count(None) == 20


def test_counting_first_and_writing_then_lets_more_through(transactional_db: None) -> None:
    """The control: the same fifty with a look before the leap."""
    limit, all_looked = Limit(20, timedelta(hours=1)), threading.Barrier(50)

    def careless() -> bool:
        known = Rate.objects.filter(name="a").first()
        connection.close()
        all_looked.wait(30)
        return known is None or known.until - START <= limit.per - limit.step

    assert fifty(careless).count(True) > 20


def test_the_sweep_forgets_names_that_may_do_all_again(db: None) -> None:
    rates.take("old", Limit(5, MINUTE), at=START)
    rates.take("new", Limit(5, MINUTE), at=START + MINUTE)

    assert rates.forget_idle(now=START + MINUTE) == 1
    assert list(Rate.objects.values_list("name", flat=True)) == ["new"]


def test_the_cache_keeps_adds_touches_and_forgets(db: None) -> None:
    assert cache.get("k", "none") == "none"
    cache.set("k", [1.5, "two", None], 60)
    assert cache.get("k") == [1.5, "two", None]
    assert cache.add("k", 1) is False
    assert cache.touch("k", 0) is True
    assert (cache.get("k"), "k" in cache, cache.touch("k")) == (None, False, False)
    assert cache.add("k", 2, None) is True
    assert (cache.get("k"), cache.incr("k")) == (2, 3)
    assert (cache.delete("k"), cache.delete("k")) == (True, False)
    cache.set_many({"a": 1, "b": 2})
    cache.clear()
    assert CacheEntry.objects.count() == 0


def test_an_entry_that_expired_is_added_by_one_of_fifty(transactional_db: None) -> None:
    cache.set("k", "old", 0)

    assert fifty(lambda: cache.add("k", "new", 60)).count(True) == 1


def test_the_sweep_forgets_expired_values(db: None) -> None:
    cache.set("old", 1, 60)
    cache.set("new", 1, 600)

    assert shared_cache.forget_expired(now=datetime.now(UTC) + timedelta(seconds=61)) == 1
    assert cache.get("new") == 1
