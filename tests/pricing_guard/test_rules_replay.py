import copy
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules import replay, shop_policy
from pricing_guard.rules.facts import Meaning, PromotionKind, Window
from pricing_guard.rules.findings import Check, Severity
from pricing_guard.rules.ladder import Action, Mode, Response
from pricing_guard.rules.orders import Sold
from pricing_guard.rules.replay import (
    Answered,
    ClockStruck,
    Event,
    Ordered,
    PriceSet,
    PromotionSet,
    Settled,
    Shop,
    WindowSet,
)
from pricing_guard.rules.thresholds import DEFAULT, Thresholds, over
from tests.pricing_guard.listings import DAY, NOW, money, promotion

POLICY = replay.whole_shop(DEFAULT, response=Response(Mode.AUTO), at=NOW)
SKUS = st.sampled_from(["A1", "B2"])
AMOUNTS = st.sampled_from([Decimal(text) for text in ("129.00", "12.90", "192.00", "99.00", "1.29")]) | money()


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    events: list[Event] = []
    for place in range(draw(st.integers(0, 14))):
        at = NOW + timedelta(hours=place * draw(st.integers(1, 40)))
        sku = draw(SKUS)
        price = draw(AMOUNTS)
        events.append(
            draw(
                st.sampled_from(
                    [
                        PriceSet(sku, at, price, "CNY", version=place),
                        PriceSet(sku, at, price, "CNY", version=draw(st.integers(0, 14))),
                        Ordered(sku, at, Sold(f"o{place}", "b1", 1, price, at)),
                        Answered(sku, at, price, meant=draw(st.booleans()), checks=frozenset(Check), until=at + DAY),
                        PromotionSet(promotion(PromotionKind.COUPON, str(price), skus=frozenset({sku})), at),
                        ClockStruck(sku, at),
                    ]
                )
            )
        )
    return events


@given(events=histories())
def test_the_backtest_answers_as_the_live_guard_did_one_event_at_a_time(events: list[Event]) -> None:
    live, shop = [], Shop()
    for event in events:
        kept = copy.deepcopy(shop)  # as read back from where it was stored
        live += replay.step(POLICY, kept, event)
        shop = kept

    assert list(replay.replay(POLICY, events)) == live


@given(events=histories(), cut=st.integers(0, 14))
def test_what_comes_later_changes_nothing_that_was_said(events: list[Event], cut: int) -> None:
    whole = list(replay.replay(POLICY, events))

    part = list(replay.replay(POLICY, events[:cut]))

    assert whole[: len(part)] == part


@given(events=histories())
def test_only_accepted_and_meant_prices_teach(events: list[Event]) -> None:
    shop = Shop()

    outcomes = list(replay.replay(POLICY, events, shop=shop))

    taught = {(one.sku, one.price) for one in outcomes if one.accepted}
    taught |= {(one.sku, one.price) for one in events if isinstance(one, Answered) and one.meant}
    for sku, listing in shop.listings.items():
        assert {(sku, price) for price in listing.memory.familiar} <= taught


def test_a_wrong_price_told_again_and_again_stays_wrong() -> None:
    events: list[Event] = [_price("129", 0), *(_price("12.90", hour) for hour in range(1, 50))]

    outcomes = list(replay.replay(POLICY, events))

    assert all(one.judgement.severity == Severity.CRITICAL for one in outcomes[1:])
    assert all(Action.DELIST in one.plan.done for one in outcomes[1:])


def test_a_price_that_is_meant_teaches_and_a_wrong_one_does_not() -> None:
    meant = list(replay.replay(POLICY, [_price("129", 0), _price("12.90", 1), _said(True), _price("12.90", 3)]))
    wrong = list(replay.replay(POLICY, [_price("129", 0), _price("12.90", 1), _said(False), _price("12.90", 3)]))
    unknown = list(replay.replay(POLICY, [_said(True)]))

    assert not meant[-1].judgement.findings
    assert wrong[-1].judgement.findings
    assert unknown == []


def test_an_answer_holds_for_its_time() -> None:
    policy = replay.whole_shop(Thresholds(floor_price=Decimal(100)), at=NOW)
    answer = Answered("A1", NOW, Decimal(90), meant=True, checks=frozenset({Check.BELOW_FLOOR}), until=NOW + DAY)

    outcomes = list(replay.replay(policy, [_price("90", 0), answer, _price("90", 1), _price("90", 25)]))

    assert [bool(one.judgement.findings) for one in outcomes] == [True, False, True]


def test_an_older_price_after_a_newer_one_is_not_looked_at() -> None:
    shop = Shop()

    outcomes = list(
        replay.replay(POLICY, [_price("129", 0, 7), _price("12.90", 1, 6), _price("12.90", 2, 7)], shop=shop)
    )

    assert len(outcomes) == 1
    assert shop.listings["A1"].facts.price == 129


def test_a_promotion_is_caught_before_it_starts_and_again_by_the_clock_when_it_does() -> None:
    floor = replay.whole_shop(over(Thresholds(floor_price=Decimal(100)), DEFAULT), at=NOW)
    tomorrow = promotion(PromotionKind.COUPON, "40", starts_at=NOW + DAY, ends_at=NOW + DAY * 2)
    older = promotion(PromotionKind.COUPON, "1", code=tomorrow.code)
    events: list[Event] = [
        _price("129", 0),
        PromotionSet(tomorrow, NOW, version=2),
        PromotionSet(older, NOW, version=1),
        ClockStruck("A1", NOW + DAY / 2),
        ClockStruck("A1", NOW + DAY),
        ClockStruck("nobody", NOW),
        ClockStruck("A1", NOW + DAY * 2),
    ]

    outcomes = list(replay.replay(floor, events))

    assert [[one.check for one in outcome.judgement.findings] for outcome in outcomes] == [
        [],
        [Check.STACK_BELOW_FLOOR],
        [],
        [Check.STACK_BELOW_FLOOR],
        [],
    ]


def test_with_the_price_checks_off_orders_trip_on_exposure() -> None:
    policy = replay.whole_shop(Thresholds(exposure_cap=Decimal(50_000)), response=Response(Mode.AUTO), at=NOW)
    orders = [
        Ordered("A1", NOW + timedelta(seconds=place), Sold(f"o{place}", f"b{place}", 1, Decimal(1200), NOW))
        for place in range(60)
    ]
    first = PriceSet("A1", NOW - DAY * 3, Decimal(3000), "CNY")

    outcomes = list(replay.replay(policy, [first, PriceSet("A1", NOW, Decimal(1200), "CNY"), *orders]))

    tripped = [place for place, one in enumerate(outcomes[2:], start=1) if one.judgement.findings]
    assert tripped[0] == 28  # 28 orders at 1,800 below the reference are the first above 50,000
    assert Action.HOLD_NEW_ORDERS in outcomes[2 + 27].plan.done


def test_a_settled_order_is_at_stake_no_longer_and_counts_for_velocity_ten_minutes_more() -> None:
    policy = replay.whole_shop(Thresholds(exposure_cap=Decimal(150), units_per_10_minutes=2), at=NOW)
    sold = [_sold(place, NOW + timedelta(minutes=minutes)) for place, minutes in enumerate([0, 1, 2, 20])]
    settled: list[Event] = [Settled("A1", NOW, f"o{place}") for place in range(3)]
    events: list[Event] = [_price("129", -30), sold[0], settled[0], sold[1], settled[1], sold[2], settled[2], sold[3]]

    outcomes = list(replay.replay(policy, [*events, Settled("B2", NOW, "o9")]))

    assert [[one.check for one in outcome.judgement.findings] for outcome in outcomes[1:]] == [
        [],
        [],
        [Check.UNITS_PER_10_MINUTES],
        [],
    ]


def test_an_order_for_a_listing_nobody_told_us_about_is_not_judged() -> None:
    assert list(replay.replay(POLICY, [Ordered("A1", NOW, Sold("o", "b", 1, Decimal(1), NOW))])) == []


def test_an_order_at_the_price_of_its_day_is_no_loss_when_the_price_rises() -> None:
    policy = replay.whole_shop(Thresholds(exposure_cap=Decimal(150), units_per_order=3), at=NOW)
    fair = Ordered("A1", NOW, Sold("o1", "b1", 4, Decimal(99), NOW))
    later = NOW + timedelta(hours=1)
    cheap = Ordered("A1", later, Sold("o2", "b2", 1, Decimal("12.90"), later))

    outcomes = list(replay.replay(policy, [_price("99", -30), fair, _price("119", 0), cheap]))

    assert not [one for one in outcomes if one.judgement.findings]


def test_in_a_window_orders_are_held_against_what_it_allows() -> None:
    policy = replay.whole_shop(Thresholds(exposure_cap=Decimal(10)), at=NOW)
    window = Window(Meaning.CLEARANCE, NOW, NOW + DAY, skus=frozenset({"A1"}), lowest_price=Decimal(60))
    sold = Ordered("A1", NOW, Sold("o1", "b1", 1, Decimal(60), NOW))

    without = list(replay.replay(policy, [_price("129", -30), sold]))
    within = list(replay.replay(policy, [_price("129", -30), WindowSet(window, NOW), sold]))

    assert [one.check for one in without[-1].judgement.findings] == [Check.EXPOSURE_CAP]
    assert not within[-1].judgement.findings


def test_a_listing_no_price_was_ever_accepted_for_has_no_reference() -> None:
    outcomes = list(replay.replay(POLICY, [_price("0", 0), Ordered("A1", NOW, Sold("o", "b", 9, Decimal(0), NOW))]))

    assert outcomes[0].judgement.findings
    assert outcomes[1].reference is None
    assert not outcomes[1].judgement.findings


def test_without_any_policy_everything_passes_and_with_an_unnamed_response_it_only_alerts() -> None:
    empty = shop_policy.Policy(())
    silent = shop_policy.Policy(POLICY.scoped)
    events: list[Event] = [_price("129", 0), _price("12.90", 1)]

    assert not list(replay.replay(empty, events))[-1].judgement.findings
    alerted = list(replay.replay(silent, events))[-1]
    assert alerted.plan.done == (Action.LOG, Action.WARN)


def test_free_gifts_teach_nothing() -> None:
    shop = Shop(windows=[Window(Meaning.GIFT, NOW - DAY, NOW + DAY, skus=frozenset({"A1"}))])

    outcome = next(replay.replay(POLICY, [_price("0", 0)], shop=shop))

    assert not outcome.judgement.findings
    assert not outcome.accepted
    replay.step(POLICY, shop, Answered("A1", NOW, Decimal(0), meant=True))
    assert shop.listings["A1"].memory.last is None


def test_a_price_of_many_listings_is_counted_as_usual() -> None:
    prices: list[Event] = [PriceSet(f"S{place}", NOW, Decimal(19), "CNY") for place in range(20)]

    alone = list(replay.replay(POLICY, [_price("129", 0), _price("19", 1)]))
    among = list(replay.replay(POLICY, [*prices, _price("129", 0), _price("19", 1)]))

    assert [one.check for one in alone[-1].judgement.findings] == [Check.DROPPED_DIGIT]
    assert not among[-1].judgement.findings


def _sold(place: int, at: datetime) -> Ordered:
    return Ordered("A1", at, Sold(f"o{place}", f"b{place}", 1, Decimal(29), at))


def _price(price: str, hours: int, version: int | None = None) -> PriceSet:
    return PriceSet("A1", NOW + timedelta(hours=hours), Decimal(price), "CNY", version=version)


def _said(meant: bool) -> Answered:
    return Answered("A1", NOW + timedelta(hours=2), Decimal("12.90"), meant=meant)
