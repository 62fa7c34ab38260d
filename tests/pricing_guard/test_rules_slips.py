from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given

from pricing_guard.rules import prices, slips, words
from pricing_guard.rules.findings import Check, Severity, Verdict
from pricing_guard.rules.thresholds import BASELINE, DEFAULT, Thresholds
from tests.pricing_guard.listings import NOW, listing, money, remembered

CENT = Decimal("0.01")


@pytest.mark.parametrize(
    ("typed", "check", "said"),
    [
        ("12.90", Check.DECIMAL_SHIFT, "¥12.90 looks like ¥129.00 with the point moved by 1."),
        ("1290.00", Check.DECIMAL_SHIFT, "¥1,290.00 looks like ¥129.00 with the point moved by 1."),
        ("1.29", Check.DECIMAL_SHIFT, "¥1.29 looks like ¥129.00 with the point moved by 2."),
        ("0.13", Check.DECIMAL_SHIFT, "¥0.13 looks like ¥129.00 with the point moved by 3."),
        ("12900.00", Check.CENTS_AS_YUAN, "¥12,900.00 looks like ¥129.00 given in cents."),
        ("19.00", Check.DROPPED_DIGIT, "¥19.00 looks like ¥129.00 with a digit left out."),
        ("1229.00", Check.DOUBLED_DIGIT, "¥1,229.00 looks like ¥129.00 with a digit typed twice."),
        ("192.00", Check.SWAPPED_DIGITS, "¥192.00 looks like ¥129.00 with two digits swapped."),
    ],
)
def test_a_mistyped_price_is_told_in_words(typed: str, check: Check, said: str) -> None:
    judgement = prices.check(listing(typed), DEFAULT, remembered("129.00"), at=NOW)

    assert judgement.worst is not None
    assert judgement.worst.check == check
    assert words.tell(judgement.worst.reason) == said
    assert judgement.worst.reference is not None
    assert judgement.worst.reference.amount == 129


def test_a_price_too_low_by_a_moved_point_is_blocked_and_one_too_high_is_asked_about() -> None:
    low = prices.check(listing("12.90"), DEFAULT, remembered("129.00"), at=NOW)
    high = prices.check(listing("1290"), DEFAULT, remembered("129.00"), at=NOW)

    assert (low.verdict, low.severity) == (Verdict.BLOCK, Severity.CRITICAL)
    assert high.verdict == Verdict.CONFIRM


def test_the_baseline_sees_a_moved_point_and_nothing_else_of_typing() -> None:
    memory = remembered("129.00")

    assert prices.check(listing("12.90"), BASELINE, memory, at=NOW).findings
    assert prices.check(listing("12900"), BASELINE, memory, at=NOW).findings
    assert not prices.check(listing("192.00"), BASELINE, memory, at=NOW).findings
    assert not prices.check(listing("12.90"), Thresholds(), memory, at=NOW).findings


def test_a_price_the_listing_has_had_before_is_no_slip() -> None:
    memory = remembered("129.00", "192.00", "129.00")

    assert not prices.check(listing("192.00"), DEFAULT, memory, at=NOW).findings


def test_a_digit_slip_onto_a_price_of_many_listings_is_let_go_and_a_moved_point_is_not() -> None:
    usual = frozenset({Decimal("19.00"), Decimal("12.90")})

    assert not prices.check(listing("19.00", usual_prices=usual), DEFAULT, remembered("129.00"), at=NOW).findings
    assert prices.check(listing("12.90", usual_prices=usual), DEFAULT, remembered("129.00"), at=NOW).findings


def test_a_slip_too_small_to_matter_is_let_go() -> None:
    assert not prices.check(listing("129.01"), DEFAULT, remembered("129.10"), at=NOW).findings


@given(money())
def test_every_moved_point_is_in_the_table(meant: Decimal) -> None:
    table = slips.slips_of(meant, currency="CNY")

    for power in (1, 2, 3):
        for moved in (meant * 10**power, _cut(meant, power, ROUND_HALF_UP), _cut(meant, power, ROUND_DOWN)):
            assert moved in (0, meant) or table[moved].check in slips.DECIMAL_CHECKS


@given(money())
def test_the_table_of_digit_slips_is_what_trying_every_digit_gives(meant: Decimal) -> None:
    table = slips.slips_of(meant, currency="CNY")

    obvious = _every_digit_slip(f"{meant:.2f}") - {meant, Decimal(0)}
    assert {price for price, slip in table.items() if slip.check in slips.DIGIT_CHECKS} <= obvious
    assert obvious <= set(table)


def test_a_currency_without_decimals_has_no_cents() -> None:
    table = slips.slips_of(Decimal(1280), currency="JPY")

    assert table[Decimal(128)].check == Check.DECIMAL_SHIFT
    assert table[Decimal(128000)].check == Check.DECIMAL_SHIFT
    assert table[Decimal(2180)].check == Check.SWAPPED_DIGITS


def _cut(meant: Decimal, power: int, rounding: str) -> Decimal:
    return (meant / 10**power).quantize(CENT, rounding=rounding)


def _every_digit_slip(text: str) -> set[Decimal]:
    found = set()
    for place in range(len(text)):
        if text[place] == ".":
            continue
        found.add(Decimal(f"0{text[:place]}{text[place + 1 :]}"))
        for other in (place + 1, place + 2):
            if other < len(text) and text[other] != "." and "." in (text[place + 1], text[other], "."):
                if other == place + 2 and text[place + 1] != ".":
                    continue
                signs = list(text)
                signs[place], signs[other] = signs[other], signs[place]
                found.add(Decimal("".join(signs)))
    whole = text.replace(".", "")
    found |= {Decimal(f"0{whole[:place]}{whole[place + 1 :]}") / 100 for place in range(len(whole))}
    short = text.rstrip("0").rstrip(".")
    for place, sign in enumerate(short):
        doubled = Decimal(short[:place] + sign + short[place:]) if sign != "." else Decimal(text)
        if doubled == doubled.quantize(CENT):
            found.add(doubled)
    return found


def test_a_moved_point_is_found_although_the_price_that_was_meant_is_new() -> None:
    """3.75 and 7.62 are known; 8.47 typed as 0.85 lies far from both, and its tenfold beside the second."""
    memory = remembered(*["3.75"] * 6, "7.62", "3.75", "7.62")

    judged = prices.check(listing("0.85"), DEFAULT, memory, at=NOW)

    assert judged.worst is not None
    assert (judged.worst.check, judged.severity) == (Check.DECIMAL_SHIFT, Severity.SERIOUS)
    assert judged.worst.reason.params["meant"] == "8.50"


def test_a_new_price_among_the_known_ones_is_no_moved_point() -> None:
    memory = remembered(*["0.85"] * 6, "8.47", "0.85", "8.47")

    assert not prices.check(listing("0.83"), DEFAULT, memory, at=NOW).findings


@pytest.mark.parametrize(
    ("price", "is_doubted"),
    [("1459.00", False), ("1594.00", True), ("5149.00", True), ("1549.00", False)],
    ids=["ends as its own", "other ending", "far off", "known"],
)
def test_digits_that_look_swapped_are_let_go_where_the_listing_changes_its_price_that_way(
    price: str, is_doubted: bool
) -> None:
    memory = remembered(*["1549.00"] * 4, "1489.00", *["1549.00"] * 4)

    assert bool(prices.check(listing(price), DEFAULT, memory, at=NOW).findings) is is_doubted


def test_where_the_last_whole_digit_changes_only_what_follows_the_point_is_an_ending() -> None:
    memory = remembered(*["32.00"] * 4, "35.00", "31.00", *["32.00"] * 4)

    assert not prices.check(listing("23.00"), DEFAULT, memory, at=NOW).findings
    assert prices.check(listing("30.20"), DEFAULT, memory, at=NOW).findings


def test_below_ten_what_follows_the_point_is_the_ending() -> None:
    memory = remembered(*["5.00"] * 8, "14.00")

    assert not prices.check(listing("4.00"), DEFAULT, memory, at=NOW).findings
    assert prices.check(listing("4.10"), DEFAULT, remembered(*["14.10"] * 9), at=NOW).findings


def test_a_listing_that_never_changed_its_price_is_asked_about_every_slip() -> None:
    assert prices.check(listing("1459.00"), DEFAULT, remembered(*["1549.00"] * 9), at=NOW).findings


@pytest.mark.parametrize(
    ("believed", "price", "is_doubted"),
    [
        ("249.99", "249.90", True),
        ("2.51", "2.50", False),
        ("4529.00", "4520.90", True),
        ("14.90", "14.99", False),
        ("129.00", "1299.00", True),
    ],
    ids=["last digit", "a coin", "swapped", "another ending", "typed twice"],
)
def test_small_slips_count_but_for_a_few_coins_and_another_ending(believed: str, price: str, is_doubted: bool) -> None:
    memory = remembered(*[believed] * 9)

    assert bool(prices.check(listing(price), DEFAULT, memory, at=NOW).findings) is is_doubted


@pytest.mark.parametrize(("price", "is_doubted"), [("449.90", True), ("45990", False)], ids=["fall", "rise"])
def test_of_a_new_listing_a_moved_point_of_a_new_price_is_found_sooner_below_than_above(
    price: str, is_doubted: bool
) -> None:
    memory = remembered("4989.00", "3609.00", "4989.00")

    assert bool(prices.check(listing(price), DEFAULT, memory, at=NOW).findings) is is_doubted
