import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules import agreement

answers = st.sampled_from(["UPHELD", "PARTLY_UPHELD", "REJECTED"])


def _pairs(both_yes: int, yes_no: int, no_yes: int, both_no: int) -> list[tuple[str, str]]:
    return [("Y", "Y")] * both_yes + [("Y", "N")] * yes_no + [("N", "Y")] * no_yes + [("N", "N")] * both_no


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        (_pairs(20, 5, 10, 15), 0.4),
        (_pairs(45, 15, 25, 15), 0.1304),
        (_pairs(25, 35, 5, 35), 0.2593),
        (_pairs(10, 0, 0, 10), 1.0),
        (_pairs(0, 10, 10, 0), -1.0),
        (_pairs(25, 25, 25, 25), 0.0),
    ],
)
def test_kappa_is_what_the_textbook_examples_give(pairs, kappa):
    found = agreement.agreement(pairs)

    assert found.kappa == pytest.approx(kappa, abs=0.0001)
    assert found.low <= found.kappa <= found.high
    assert found.cases == len(pairs)


def test_few_cases_leave_a_wide_margin():
    few, many = agreement.agreement(_pairs(4, 1, 2, 3)), agreement.agreement(_pairs(400, 100, 200, 300))

    assert few.kappa == pytest.approx(many.kappa)
    assert few.high - few.low > 5 * (many.high - many.low)


def test_without_cases_there_is_no_agreement_to_speak_of():
    assert agreement.agreement([]).kappa is None


def test_two_reviewers_who_always_say_the_same_one_thing_show_nothing():
    found = agreement.agreement(_pairs(9, 0, 0, 0))

    assert (found.kappa, found.observed, found.agreed) == (None, 1.0, 9)


@given(st.lists(st.tuples(answers, answers), min_size=1, max_size=80))
def test_kappa_is_the_same_seen_from_either_reviewer_and_never_above_one(pairs):
    found = agreement.agreement(pairs)
    swapped = agreement.agreement([(second, first) for first, second in pairs])

    if found.kappa is None:
        assert swapped.kappa is None
    else:
        assert found.kappa == pytest.approx(swapped.kappa)
        assert -1.0 <= found.kappa <= 1.0
        assert (found.kappa == 1.0) == (found.agreed == found.cases)
