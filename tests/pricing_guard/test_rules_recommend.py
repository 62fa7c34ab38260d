from datetime import timedelta
from decimal import Decimal

from pricing_guard.rules import recommend
from pricing_guard.rules.facts import PromotionKind
from pricing_guard.rules.findings import Check
from pricing_guard.rules.memory import PastPrice
from pricing_guard.rules.orders import Sold
from tests.pricing_guard.listings import DAY, NOW, promotion


def test_usual_moves_become_the_largest_allowed_and_the_unusual_is_shown_as_caught() -> None:
    steady = ["100", "90"] * 300
    history = {"A1": _pasts(*steady), "B2": _pasts(*["100"] * 20, "60", "100")}

    found = recommend.recommend(history, currency="CNY")

    assert found.thresholds.max_drop_last == 20
    assert found.thresholds.max_rise_last == 20
    assert {one.field: one.cases for one in found.evidence} == {"max_drop_last": 301, "max_rise_last": 300}
    assert found.looked_at == 622
    assert found.flagged == 1
    assert [one.check for one in found.examples[0].judgement.findings] == [Check.DROP_FROM_LAST]


def test_where_little_was_seen_nothing_is_recommended() -> None:
    found = recommend.recommend({"A1": _pasts("100", "0", "90")}, currency="CNY")
    nothing = recommend.recommend({}, currency="CNY")

    assert found.thresholds.max_drop_last is None
    assert found.evidence == ()
    assert nothing.looked_at == 0
    assert nothing.thresholds.currency == "CNY"


def test_discounts_and_order_sizes_are_learnt_too() -> None:
    coupons = [(Decimal(100), promotion(PromotionKind.COUPON, str(value))) for value in range(1, 31)]
    sold = {"A1": [Sold(f"o{place}", "b", place % 3 + 1, Decimal(9), NOW) for place in range(60)]}

    found = recommend.recommend({}, currency="CNY", promotions=[*coupons, (Decimal(0), coupons[0][1])], sold=sold)

    assert found.thresholds.max_total_discount == 35
    assert found.thresholds.units_per_order == 6


def test_a_recommended_drop_never_reaches_everything() -> None:
    found = recommend.recommend({"A1": _pasts(*["100", "1"] * 40)}, currency="CNY")

    assert found.thresholds.max_drop_last == 95


def test_a_mistake_that_was_put_right_is_no_habit() -> None:
    usual = [("100", DAY), ("90", DAY)] * 30
    mistyped = [("100", DAY), ("10", DAY / 24), ("100", DAY), ("1000", DAY / 24), ("100", DAY), ("1.00", DAY)]
    for_a_while = [("100", DAY), ("10", DAY), ("100", DAY)]  # a day: meant
    twice = [("100", DAY), ("10", DAY / 24), ("100", DAY), ("10", DAY / 24), ("100", DAY)]
    elsewhere = [("100", DAY), ("10", DAY / 24), ("95", DAY)]  # not put right
    no_slip = [("100", DAY), ("37", DAY / 24), ("100", DAY)]

    def largest(*more: tuple[str, timedelta]) -> tuple[Decimal | None, Decimal | None]:
        found = recommend.recommend({"A1": _standing(*usual), "B2": _standing(*more)}, currency="CNY").thresholds
        return found.max_drop_last, found.max_rise_last

    assert largest() == largest(*mistyped[:-1]) == (20, 20)
    assert largest(*mistyped) == (95, 20)  # the last was not put right yet
    assert largest(*for_a_while) == largest(*twice) == (90, 900)
    assert largest(*elsewhere) == (90, 850)
    assert largest(*no_slip) == (65, 175)


def test_in_a_small_shop_fewer_listings_make_a_price_common() -> None:
    def asked(count: int) -> int | None:
        history = {f"A{place}": _pasts("100") for place in range(count)}
        return recommend.recommend(history, currency="CNY").thresholds.usual_listings

    assert [asked(count) for count in (0, 19, 20, 1_000, 1_690, 3_379)] == [20, 20, 6, 6, 11, 20]


def _pasts(*prices: str) -> list[PastPrice]:
    return [PastPrice(Decimal(price), NOW + DAY * place) for place, price in enumerate(prices)]


def _standing(*prices: tuple[str, timedelta]) -> list[PastPrice]:
    found, at = [], NOW
    for price, stood in prices:
        found.append(PastPrice(Decimal(price), at))
        at += stood
    return found
