from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules import bounds, limits, prices, slips
from pricing_guard.rules.facts import Facts, Promotion, PromotionKind
from pricing_guard.rules.memory import Memory, PastPrice, remember
from pricing_guard.rules.thresholds import DEFAULT, PERCENT, SWITCH, Thresholds
from tests.pricing_guard.listings import DAY, NOW, listing, money, pasts, promotion, remembered

blank = st.none()
FIELDS: dict[str, st.SearchStrategy[object]] = {
    **{name: money(6_000, 16_000) for name in ("floor_price", "ceiling_price", "cost")},
    **{name: st.integers(20, 95).map(Decimal) for name in PERCENT},
    **{name: st.booleans() for name in SWITCH},
    "far_from_usual": st.integers(2, 9).map(Decimal),
    "familiar_days": st.integers(1, 200),
}
close = pasts(
    most=5, price=st.sampled_from([Decimal(text) for text in ("129.00", "99.90", "120.00")]) | money(9_000, 14_000)
)


@st.composite
def policies(draw: st.DrawFn) -> Thresholds:
    """A few settings, alone or beside the default ones: with all of them at once every price would be flagged."""
    chosen = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=4, unique=True))
    return replace(draw(st.sampled_from([DEFAULT, Thresholds()])), **{name: draw(FIELDS[name]) for name in chosen})


promoted = st.builds(
    lambda kind, value, starts, hours: promotion(
        kind, str(value), starts_at=NOW + timedelta(hours=starts), ends_at=NOW + timedelta(hours=starts + hours)
    ),
    st.sampled_from(PromotionKind),
    st.sampled_from([Decimal(150), Decimal(80)]) | money(1, 20_000),
    st.integers(-48, 48),
    st.integers(1, 96),
)


@given(
    policy=policies(),
    history=close | pasts(),
    list_price=blank | money(10_000, 30_000),
    cost=blank | money(1_000, 9_000),
    hours=st.integers(0, 5000),
)
def test_sql_never_misses_what_the_function_flags(
    policy: Thresholds, history: list[PastPrice], list_price: Decimal | None, cost: Decimal | None, hours: int
) -> None:
    memory = remember(history, currency="CNY")
    facts = listing("1", list_price=list_price, cost=cost)

    assert not _missed(facts, policy, memory, hours)


@given(policy=policies(), running=st.lists(promoted, max_size=2), hours=st.integers(0, 100))
def test_sql_never_misses_what_a_promotion_breaks_now_or_when_it_starts(
    policy: Thresholds, running: list[Promotion], hours: int
) -> None:
    facts = listing("1", promotions=tuple(running))

    assert not _missed(facts, policy, remembered("129.00"), hours)


@pytest.mark.parametrize("typed", ["192.00", "12.90", "1290.00", "19.00", "1229.00"])
def test_a_slip_beside_the_last_good_price_is_selected(typed: str) -> None:
    found = bounds.bounds(listing("1"), DEFAULT, remembered("129.00"), at=NOW)

    assert found.leave_out(Decimal(typed))


def test_bounds_end_when_time_alone_changes_the_answer() -> None:
    forgotten = bounds.bounds(listing("1"), DEFAULT, remembered("192.00", "129.00"), at=NOW)
    risen = bounds.bounds(listing("1"), Thresholds(max_drop_low_7=Decimal(10)), remembered("99", "129"), at=NOW)
    started = bounds.bounds(
        listing("1", promotions=(promotion(PromotionKind.COUPON, "9", starts_at=NOW + DAY / 4),)),
        DEFAULT,
        remembered("129.00"),
        at=NOW,
    )

    assert forgotten.valid_until == NOW + DAY * 178
    assert risen.valid_until == NOW + DAY * 6
    assert started.valid_until == NOW + DAY / 4
    assert not risen.leave_out(Decimal("89.10"))


def test_a_listing_at_its_last_good_price_is_not_selected() -> None:
    found = bounds.bounds(listing("129.00"), DEFAULT, remembered("129.00"), at=NOW)

    assert not found.leave_out(Decimal("129.00"))


def test_a_listing_under_a_promotion_is_always_selected() -> None:
    running = promotion(PromotionKind.COUPON, "150")

    found = bounds.bounds(listing("1", promotions=(running,)), DEFAULT, remembered("129.00"), at=NOW)

    assert found.leave_out(Decimal("129.00"))
    assert not _missed(listing("1", promotions=(running,)), DEFAULT, remembered("129.00"), 0)


def test_a_listing_in_another_currency_is_always_selected() -> None:
    facts = replace(listing("129.00"), currency="USD")

    assert bounds.bounds(facts, DEFAULT, remembered("129.00"), at=NOW).leave_out(Decimal("129.00"))


def test_without_a_policy_only_a_price_that_is_none_is_selected() -> None:
    found = bounds.bounds(listing("1"), Thresholds(), remembered("129.00"), at=NOW)

    assert found.leave_out(Decimal(0))
    assert found.leave_out(Decimal(-1))
    assert not found.leave_out(Decimal("0.01"))
    assert not found.leave_out(Decimal(10**9))


def _missed(facts: Facts, policy: Thresholds, memory: Memory, hours: int) -> list[tuple[Decimal, datetime]]:
    """Return every telling price, at every telling moment, that is flagged and yet within its bounds."""
    found = bounds.bounds(facts, policy, memory, at=NOW)
    moments = [NOW, NOW + timedelta(hours=hours)]
    if found.valid_until is not None:
        moments.append(found.valid_until - timedelta(microseconds=1))
    return [
        (price, at)
        for at in moments
        if at >= NOW and (found.valid_until is None or at < found.valid_until)
        for price in _telling(facts, policy, memory)
        if not found.leave_out(price) and prices.check(_beside(facts, price), policy, memory, at=at).findings
    ]


def _beside(facts: Facts, price: Decimal) -> Facts:
    """A shop where many alike listings have had whatever this price is once its point is moved."""
    return replace(facts, price=price, alike={price.scaleb(power): 9 for power in (-2, -1, 1, 2)})


def _telling(facts: Facts, policy: Thresholds, memory: Memory) -> set[Decimal]:
    """Return the prices where answers change: the remembered ones, their slips, and both sides of every limit."""
    cent = Decimal("0.01")
    told = {Decimal(0), Decimal(-1), cent, Decimal(10**7), *memory.familiar}
    for price in memory.familiar:
        told |= set(slips.slips_of(price, currency="CNY"))
    for limit in [*limits.of(facts, policy, memory, at=NOW), *limits.usual(policy, memory, at=NOW)]:
        near = limit.amount.quantize(cent)
        told |= {near - cent, near, near + cent}
    return told
