"""What a trial on the past counts: a price is wrong from when it was set until it was changed."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules import replay, trial
from pricing_guard.rules.orders import Sold
from pricing_guard.rules.replay import Event, Ordered, PriceSet
from pricing_guard.rules.thresholds import Thresholds
from tests.pricing_guard.listings import DAY, NOW

HOUR = timedelta(hours=1)
AMOUNTS = st.sampled_from(["1299", "1199", "129", "119", "600"])
happenings = st.tuples(st.sampled_from(["price", "order", "order"]), AMOUNTS, st.sampled_from([0, 1, 5, 13, 30]))


def _price(amount: str, hours: float) -> PriceSet:
    return PriceSet("A1", NOW + hours * HOUR, Decimal(amount), "CNY")


def _order(amount: str, hours: float, quantity: int = 1) -> Ordered:
    at = NOW + hours * HOUR
    return Ordered("A1", at, Sold(f"o{hours}", f"b{hours}", quantity, Decimal(amount), at, settled=True))


def _tried(events: Sequence[Event], *, hours: float, **limits: Any) -> trial.Trial:
    thresholds = Thresholds(max_drop_last=Decimal(30), **limits)
    tried = trial.Trial(replay.whole_shop(thresholds, at=NOW)).run(events)
    tried.finish(at=NOW + hours * HOUR)
    return tried


@given(told=st.lists(happenings, max_size=16))
def test_a_doubt_counts_all_that_was_sold_at_it_until_the_price_changed(told: list[tuple[str, str, int]]) -> None:
    events: list[Event] = [_price("1299", 0)]
    hours = 0.0
    for kind, amount, later in told:
        hours += later + 0.01
        events.append(_price(amount, hours) if kind == "price" else _order(amount, hours, quantity=later + 1))

    tried = _tried(events, hours=hours + 1)

    prices = [one for one in events if isinstance(one, PriceSet)]
    unsold = _tried(prices, hours=hours + 1)
    assert [(one.at, one.price) for one in tried.hits] == [(one.at, one.price) for one in unsold.hits]
    for hit in tried.hits:
        changed = [one.at for one in prices if one.at > hit.at and one.price != hit.price]
        until = min([*changed, NOW + (hours + 1) * HOUR])
        again = [one for one in prices if hit.at <= one.at < until]
        assert hit.was_kept == (until - hit.at >= DAY or len(again) > trial.SEEN_AGAIN)
        if not hit.was_kept:
            sold = [one.sold for one in events if isinstance(one, Ordered) and hit.at < one.at < until]
            cheap = [one for one in sold if one.unit_paid <= hit.price]
            assert hit.units == sum(one.quantity for one in cheap)
            assert hit.spared == sum((_reference(hit) - one.unit_paid) * one.quantity for one in cheap)
    caught = [hit for hit in tried.hits if not hit.was_kept]
    assert tried.totals.kept == len(tried.hits) - len(caught)
    assert tried.totals.units == sum(hit.units for hit in caught)
    assert tried.totals.spared == sum(hit.spared for hit in caught)


def test_every_order_at_a_wrong_price_counts_not_only_the_first() -> None:
    orders = [_order("129", 1), _order("129", 2, quantity=2), _order("129", 3)]

    totals = _tried(
        [_price("1299", 0), _price("129", 0.5), *orders, _price("1299", 4), _order("129", 5)], hours=90
    ).totals

    assert (totals.hits, totals.kept, totals.units, totals.spared) == (1, 0, 4, Decimal(4 * 1170))


def test_a_price_that_sold_and_stood_for_a_day_was_kept() -> None:
    sold = _tried([_price("1299", 0), _price("800", 1), _order("800", 2), _price("1299", 30)], hours=40)
    standing = _tried([_price("1299", 0), _price("800", 1), _order("800", 2)], hours=40)
    changed = _tried([_price("1299", 0), _price("800", 1), _order("800", 2), _price("1299", 20)], hours=40)

    assert [one.totals.kept for one in (sold, standing, changed)] == [1, 1, 0]


def test_orders_objected_to_at_a_doubted_price_belong_to_its_doubt() -> None:
    orders = [_order("119", 2, quantity=5), _order("129", 3, quantity=2)]
    events = [_price("1299", 0), _price("129", 1), *orders, _price("1299", 4)]

    totals = _tried(events, hours=40, units_per_order=3).totals

    assert (totals.hits, totals.units, totals.spared) == (1, 7, Decimal(5 * 1180 + 2 * 1170))


def test_orders_objected_to_at_a_price_nobody_doubts_are_a_doubt_of_their_own() -> None:
    events = [_price("1299", 0), _order("1199", 1, quantity=5), _order("1199", 2), _order("1199", 3, quantity=5)]

    tried = _tried(events, hours=4, units_per_order=3)

    assert [(one.price, one.units, one.spared) for one in tried.hits] == [(Decimal(1199), 11, Decimal(11 * 100))]
    assert tried.totals.by_check == {"UNITS_PER_ORDER": 1}


@given(
    quantities=st.lists(st.integers(1, 9), max_size=8),
    paid=st.lists(st.sampled_from(["1199", "1299", "1099"]), min_size=8, max_size=8),
)
def test_the_order_that_opens_a_doubt_counts_as_those_that_follow(quantities: list[int], paid: list[str]) -> None:
    orders = [_order(paid[n], n + 1, quantity=quantity) for n, quantity in enumerate(quantities)]

    tried = _tried([_price("1299", 0), *orders], hours=20, units_per_order=5)

    cheap = [one.sold for one in orders if one.sold.unit_paid < 1299]
    first = next((place for place, one in enumerate(cheap) if one.quantity > 5), None)
    counted = [] if first is None else [one for one in cheap[first:] if one.unit_paid <= cheap[first].unit_paid]
    assert tried.totals.units == sum(one.quantity for one in counted)
    assert tried.totals.spared == sum((1299 - one.unit_paid) * one.quantity for one in counted)


def _reference(hit: trial.Hit) -> Decimal:
    assert hit.finding.reference is not None
    return hit.finding.reference.amount
