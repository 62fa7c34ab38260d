from datetime import timedelta
from decimal import Decimal

from benchmarks import price_slips
from pricing_guard.rules import evaluate
from pricing_guard.rules.evaluate import Row
from pricing_guard.rules.findings import Check
from tests.pricing_guard.listings import DAY, NOW


def test_a_row_says_whether_why_against_what_and_in_words() -> None:
    judged = list(evaluate.evaluate(_rows("129.00", "129.00", "12.90", "129.00")))

    assert [one.flag for one in judged] == [False, False, True, False]
    assert judged[2].check == Check.DECIMAL_SHIFT
    assert judged[2].reference == 129
    assert judged[2].words == "¥12.90 looks like ¥129.00 with the point moved by 1."
    assert judged[3] == evaluate.Judged(judged[3].row, flag=False)


def test_a_doubted_price_that_stays_is_taken_as_kept() -> None:
    """It is flagged when it comes; that it still stands a day later answers it, as in a backtest."""
    judged = list(evaluate.evaluate(_rows("129", "19", "19", "19", "129", "19")))
    within_a_day = list(evaluate.evaluate(_rows("129", "19", "19", "19", "129", "19", each=timedelta(hours=1))))

    assert [one.flag for one in judged] == [False, True, False, False, False, False]
    assert [one.flag for one in within_a_day] == [False, True, True, False, False, False]


def test_a_moved_point_must_stay_twice_as_long_and_zero_is_never_kept() -> None:
    moved = list(evaluate.evaluate(_rows("129", *["12.90"] * 6, each=timedelta(hours=1))))
    zero = list(evaluate.evaluate(_rows("129", *["0"] * 9)))

    assert [one.flag for one in moved] == [False, True, True, True, True, False, False]
    assert all(one.flag for one in zero[1:])
    assert zero[1].reference is None


def test_a_price_that_stood_for_a_day_was_kept_and_one_that_came_and_went_was_not() -> None:
    stood = list(evaluate.evaluate(_rows("129", *["12.90"] * 4)))
    came_back = list(evaluate.evaluate(_rows("129", *["12.90", "129"] * 2, "12.90")))

    assert [one.flag for one in stood] == [False, True, True, False, False]
    assert [one.flag for one in came_back] == [False, True, False, True, False, True]


def test_a_rise_is_asked_about_only_when_it_is_plainly_wrong() -> None:
    """Five times below everything seen is doubted; above, twenty times."""
    seen = ["10.00", "11.00"] * 5

    def last_flag(price: str) -> Check | None:
        return list(evaluate.evaluate(_rows(*seen, price)))[-1].check

    asked = [last_flag(price) for price in ("2.01", "1.93", "219", "221")]
    assert asked == [None, Check.FAR_BELOW_USUAL, None, Check.FAR_ABOVE_USUAL]


def test_where_nobody_answers_nothing_is_kept() -> None:
    judged = list(evaluate.evaluate(_rows("129", *["19"] * 6), kept_after=None))

    assert all(one.flag for one in judged[1:])


def test_a_price_that_comes_back_only_much_later_was_not_kept() -> None:
    judged = list(evaluate.evaluate(_rows("129", "19", *["129"] * 40, "19", "129", "19")))

    assert [place for place, one in enumerate(judged) if one.flag] == [1, 42, 44]


def test_series_do_not_mix() -> None:
    judged = list(
        evaluate.evaluate([Row("a", NOW, Decimal(129)), Row("b", NOW, Decimal("12.90")), Row("a", NOW, Decimal(129))])
    )

    assert not any(one.flag for one in judged)


def test_no_rows_are_no_judgements() -> None:
    assert list(evaluate.evaluate([])) == []


def test_the_harness_puts_the_same_slips_in_for_the_same_seed_and_finds_them_on_steady_prices() -> None:
    rows = [Row(f"s{place % 50}", NOW + DAY * place, Decimal(f"{place % 50 + 11}.90")) for place in range(5000)]

    marked = price_slips.inject(rows, seed=7, rate=0.02)
    again = price_slips.inject(rows, seed=7, rate=0.02)
    found = [judged.flag for judged in evaluate.evaluate(one.row for one in marked)]

    assert marked == again
    assert {one.slip for one in marked} == {None, *price_slips.SLIPS}
    missed = [one for one, flag in zip(marked, found, strict=True) if one.slip and not flag]
    wrong = [one for one, flag in zip(marked, found, strict=True) if flag and not one.slip]
    assert len(missed) <= 2
    assert not wrong


def _rows(*prices: str, each: timedelta = timedelta(days=1)) -> list[Row]:
    return [Row("a", NOW + each * place, Decimal(price)) for place, price in enumerate(prices)]
