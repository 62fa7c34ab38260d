"""What a shop's history says of an order at a moment, against slow and obvious answers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalper_policies.rules import listing_words, order_history
from scalper_policies.rules import warnings as limits
from scalper_policies.rules.order_history import AfterSale, Asked, Goods, History, Line, Order
from scalper_policies.rules.policy import Dimension

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def order(
    pk: int, *, buyer: int | None = 1, hours: float = 1, units: int = 1, sku: str = "A", **fields: object
) -> Order:
    told = {"status": "PAID", "paid_at": NOW - HOUR * hours, **fields}
    line = Line(sku, units, Decimal(100) * units)
    return Order(pk, buyer, placed_at=NOW - HOUR * hours, lines=(line,), **told)  # type: ignore[arg-type]


UNPAID: dict[str, object] = {"status": "PLACED", "paid_at": None}
MINUTES = st.integers(0, 60 * 24 * 40)
PRICES = st.lists(st.tuples(MINUTES, st.integers(1, 5)), max_size=6)


def usual_by_the_minute(prices: list[Asked], at: datetime) -> Decimal | None:
    """Ask for every minute of the last 30 days which price held, sort them all, take the middle one."""
    held: list[Decimal] = []
    for minute in range(60 * 24 * 30):
        moment = at - timedelta(minutes=60 * 24 * 30 - minute)
        known = [asked.price for asked in prices if asked.at <= moment]
        held += known[-1:]
    held.sort()
    return held[(len(held) - 1) // 2] if held else None


@settings(max_examples=12, deadline=None)
@given(PRICES)
def test_the_usual_price_is_the_one_that_held_for_most_of_the_month(told: list[tuple[int, int]]) -> None:
    prices = [Asked(NOW - timedelta(minutes=ago), Decimal(price)) for ago, price in sorted(told, reverse=True)]

    expected = usual_by_the_minute(prices, NOW)

    found = order_history.usual_price(prices, NOW)
    if expected is None:
        assert found in (None, prices[-1].price if prices else None, prices[0].price if prices else None)
    else:
        assert found == expected


def test_a_new_listing_costs_what_it_asks_and_one_of_tomorrow_nothing() -> None:
    assert order_history.usual_price([Asked(NOW, Decimal(9))], NOW) == 9
    assert order_history.usual_price([Asked(NOW + HOUR, Decimal(9))], NOW) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(-5, 60), st.booleans()), max_size=12))
def test_unpaid_orders_are_counted_of_the_buyer_in_a_day_and_never_of_the_future(
    told: list[tuple[int, int, bool]],
) -> None:
    own = order(0, **UNPAID)
    others = [
        order(pk, buyer=buyer, hours=hours, **(UNPAID if unpaid else {}))
        for pk, (buyer, hours, unpaid) in enumerate(told, start=1)
    ]

    facts = History([own, *others]).facts_of(own, at=NOW)

    lately = [(unpaid, hours) for buyer, hours, unpaid in told if buyer == 1 and 0 <= hours < 24]
    assert facts.unpaid_orders == sum(1 for unpaid, _hours in lately if unpaid)
    assert facts.unpaid_units.get("A", 0) == facts.unpaid_orders


@pytest.mark.parametrize(
    ("status", "paid", "unpaid"),
    [
        ("PLACED", None, True),
        ("EXPIRED", None, True),
        ("CANCELLED", None, True),
        ("PAID", None, False),
        ("PAID", NOW - HOUR, False),
        ("SHIPPED", NOW + HOUR, True),
    ],
)
def test_an_order_is_unpaid_until_it_was_paid(status: str, paid: datetime | None, unpaid: bool) -> None:
    assert order(1, status=status, paid_at=paid).is_unpaid(NOW) is unpaid


def test_units_of_expired_orders_hold_no_stock_but_count_as_orders() -> None:
    own = order(0, **UNPAID)
    facts = History([own, order(1, units=9, status="EXPIRED", paid_at=None)]).facts_of(own, at=NOW)

    assert (facts.unpaid_orders, dict(facts.unpaid_units)) == (1, {})


@pytest.mark.parametrize(
    ("stock", "sold", "hot"), [(None, 99, False), (30, 9, False), (30, 10, True), (31, 10, False), (0, 10, True)]
)
def test_a_product_is_scarce_when_it_is_gone_in_three_days(stock: int | None, sold: int, hot: bool) -> None:
    assert Goods("A", stock=stock, sold_lately=sold).is_hot is hot


def test_accounts_are_tied_by_two_signals_and_their_claims_add_up() -> None:
    keys = ((Dimension.DEVICE, "d"), (Dimension.PHONE, "p"))
    one, two = order(1, buyer=1, keys=keys), order(2, buyer=2, keys=keys)
    claims = [AfterSale(2, "REFUND_ONLY", "REJECTED", NOW - HOUR * days) for days in (1, 2, 3)]
    history = History([one, two], claims)

    facts = history.facts_of(one, at=NOW)
    assert (facts.claims, facts.claims_upheld_for_merchant) == (3, 3)
    assert facts.cluster_signals == {"DEVICE", "PHONE"}
    assert history.claim_facts_of(claims[0], at=NOW).tied_claims == 3
    assert History([one, two], claims, is_tying=False).facts_of(one, at=NOW).claims == 0


def test_an_order_without_a_buyer_is_tied_to_nobody() -> None:
    lonely = order(1, buyer=None)
    facts = History([lonely, order(2, buyer=None, **UNPAID)]).facts_of(lonely, at=NOW)

    assert (facts.unpaid_orders, facts.claim_shops, facts.returns, facts.cluster_signals) == (0, None, 0, frozenset())


def test_an_order_of_only_links_and_a_line_without_units() -> None:
    link = Goods("L", title="补差价链接")
    own, before = order(1, sku="L"), order(2, sku="L", hours=2)
    history = History([own, before, order(3, sku="X")], goods={"L": link})

    facts = history.facts_of(own, at=NOW)
    assert (facts.difference_orders, facts.lines[0].is_difference_link) == (1, True)
    odd = order(4, units=0)
    assert History([odd]).facts_of(odd, at=NOW).lines[0].unit_price == 0


def test_a_trial_asks_what_would_have_been_said_before_the_order_left() -> None:
    shipped = order(1, shipped_at=NOW)
    facts = History([shipped]).facts_of(shipped, at=NOW)

    assert order_history.unshipped(facts).shipped_at is None


@pytest.mark.parametrize(
    ("wording", "ways"),
    [
        ("加我微信转300，不然刷差评", ("MONEY", "EXPOSURE")),
        ("私了500块，不赔就投诉到12315，再给差评", ("MONEY", "COMPLAINT", "EXPOSURE")),
        ("质量太差，我要投诉", ()),
        ("", ()),
    ],
)
def test_a_claim_presses_in_at_least_two_ways(wording: str, ways: tuple[str, ...]) -> None:
    assert listing_words.pressure(wording) == ways


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({}, {}),
        ({"claims": 4}, {}),
        ({"claims": 0}, {"claims": ("OUT_OF_BOUNDS", 1, 50)}),
        ({"nonsense": 1}, {"nonsense": ("OUT_OF_BOUNDS", 1, 0)}),
        ({"unpaid_share": 40}, {"unpaid_share": ("OUT_OF_ORDER", 40, 30)}),
        ({"unpaid_share": 40, "unpaid_share_high": 35}, {"unpaid_share_high": ("OUT_OF_ORDER", 40, 35)}),
    ],
)
def test_thresholds_stay_in_bounds_and_in_order(values: dict[str, int], faults: dict[str, object]) -> None:
    assert limits.faults_of(values) == faults


def test_the_standard_thresholds_are_sound_and_read_back_as_themselves() -> None:
    standard = limits.standard()

    assert limits.faults_of(standard) == {}
    assert limits.thresholds_of(standard) == limits.Thresholds()
