"""What alike listings have cost tells a moved point from a new price."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_guard.rules import alike, evaluate, prices, replay, words
from pricing_guard.rules.evaluate import Row
from pricing_guard.rules.findings import Check, Severity, Verdict
from pricing_guard.rules.thresholds import BASELINE, DEFAULT, Thresholds
from tests.pricing_guard.listings import DAY, NOW, listing, money, remembered

SKUS = [f"L{place}" for place in range(6)]
TRADE = ["3.75"] * 9
counts = st.dictionaries(money(1, 2_000), st.integers(1, 40), max_size=4)
had = st.dictionaries(st.sampled_from([Decimal(one) for one in ("3.75", "7.62", "7.6", "0.76", "1.00")]), st.sets(
    st.sampled_from(["A1", *SKUS])
), max_size=5)  # fmt: skip


def test_a_moved_point_of_a_price_that_alike_listings_have_had_is_asked_about_in_words() -> None:
    facts = listing("0.76", alike={Decimal("7.62"): 12, Decimal("0.76"): 1})

    judged = prices.check(facts, DEFAULT, remembered(*TRADE), at=NOW)

    assert judged.worst is not None
    assert (judged.worst.check, judged.verdict) == (Check.DECIMAL_SHIFT, Verdict.CONFIRM)
    assert words.tell(judged.worst.reason) == (
        "¥0.76 looks like ¥7.62 with the point moved by 1: "
        "12 listings that sold at the same prices as this one have had ¥7.62."
    )


@pytest.mark.parametrize(
    ("meant", "itself", "is_doubted"),
    [(2, 0, False), (3, 0, False), (4, 0, True), (8, 1, True), (7, 1, False), (40, 10, False), (44, 10, True)],
)
def test_it_is_doubted_only_where_far_more_of_them_had_the_other_price(
    meant: int, itself: int, is_doubted: bool
) -> None:
    facts = listing("0.76", alike={Decimal("7.62"): meant, Decimal("0.76"): itself})

    assert bool(prices.check(facts, DEFAULT, remembered(*TRADE), at=NOW).findings) is is_doubted


def test_cents_of_a_price_that_is_new_here_are_found_too() -> None:
    judged = prices.check(listing("79", alike={Decimal("0.79"): 4}), DEFAULT, remembered(*["4.96"] * 9), at=NOW)

    assert judged.worst is not None
    assert judged.worst.reason.params["meant"] == "0.79"


def test_it_belongs_to_the_moved_points_of_a_policy_and_of_the_baseline() -> None:
    facts = listing("0.76", alike={Decimal("7.62"): 12})

    assert prices.check(facts, BASELINE, remembered(*TRADE), at=NOW).findings
    assert not prices.check(facts, Thresholds(digit_slips=True), remembered(*TRADE), at=NOW).findings


def test_a_shop_learns_who_has_had_what_from_accepted_prices_alone() -> None:
    """Four listings go from 3.75 to 7.62 and back; the fifth, always at 3.75, is given 0.76."""
    before = [
        Row(sku, NOW + DAY * day, Decimal(price)) for sku in SKUS[:4] for day, price in enumerate([*TRADE, "7.62"])
    ]
    fifth = [Row("A1", NOW + DAY * (20 + day), Decimal(price)) for day, price in enumerate([*TRADE, "0.76"])]

    judged = list(evaluate.evaluate([*before, *fifth]))

    assert [one.flag for one in judged] == [False] * (len(judged) - 1) + [True]
    assert judged[-1].reference == Decimal("7.62")


@given(price=money(1, 2_000), told=counts)
def test_a_price_near_the_believed_ones_is_never_doubted_for_what_others_cost(
    price: Decimal, told: dict[Decimal, int]
) -> None:
    memory = remembered(*TRADE)
    between = alike.span(memory, at=NOW)
    assert between is not None

    slip = alike.shifted(listing(str(price), alike=told), memory, at=NOW)
    if between[0] <= price <= between[1]:
        assert slip is None
    elif slip:
        rounded = slip.meant.scaleb(slip.power).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        assert rounded == price
        assert told[slip.meant] >= 4 * (told.get(price, 0) + 1)


@given(had=had, price=st.sampled_from([Decimal("0.76"), Decimal(76), Decimal("762"), Decimal("1.00")]))
def test_counting_is_what_asking_every_listing_gives(had: dict[Decimal, set[str]], price: Decimal) -> None:
    asked = alike.question(listing(str(price)), remembered(*TRADE), at=NOW)
    assert asked is not None

    alikes = [sku for sku in SKUS if any(sku in had.get(one, ()) for one in asked.shared)]
    obvious = {one: sum(sku in skus for sku in alikes) for one, skus in had.items() if asked.is_about(one)}
    assert alike.counted(asked, had) == {one: count for one, count in obvious.items() if count}


def test_nothing_is_asked_of_a_listing_nothing_is_known_of() -> None:
    shop = replay.Shop()
    policy = replay.whole_shop(DEFAULT, at=NOW)

    outcome = replay.step(policy, shop, replay.PriceSet("A1", NOW, Decimal("0.76"), "CNY"))[0]

    assert outcome.judgement.severity == Severity.NOTE
    assert alike.question(listing("0.76"), remembered(), at=NOW) is None
