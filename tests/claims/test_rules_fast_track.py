from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules import fast_track
from claims.rules.fast_track import Facts, Mode, Outcome, Terms, Warned

FILED = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = Terms(
    version=3,
    mode=Mode.LIVE,
    clear={"ABNORMAL_ORDER": frozenset({"HOARDING", "ARBITRAGE"})},
    amount_up_to=Decimal(300),
    sampled=1.0,
)
WARNED = Warned("HOARDING", "HIGH", FILED - DAY, FILED + DAY)
FACTS = Facts(
    claim="c-1",
    kind="ABNORMAL_ORDER",
    amount=Decimal(300),
    filed_at=FILED,
    is_complete=True,
    second_approval_amount=Decimal(1000),
    warnings=(WARNED,),
)


def test_a_warned_order_with_complete_evidence_is_upheld_at_once():
    found = fast_track.judge(TERMS, FACTS)

    assert (found.outcome, found.would_uphold, found.is_sampled) == (Outcome.UPHOLD, True, True)
    assert [reason.code for reason in found.reasons] == ["WARNED_BEFORE"]
    assert found.reasons[0].facts == {"warning": "HOARDING", "issued_at": WARNED.issued_at}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"warnings": ()}, "NOT_WARNED_BEFORE"),
        ({"warnings": (replace(WARNED, issued_at=FILED),)}, "NOT_WARNED_BEFORE"),
        ({"warnings": (replace(WARNED, expires_at=FILED - DAY),)}, "NOT_WARNED_BEFORE"),
        ({"warnings": (replace(WARNED, level="LOW"),)}, "NOT_WARNED_BEFORE"),
        ({"warnings": (replace(WARNED, kind="RETURN_ABUSE"),)}, "NOT_WARNED_BEFORE"),
        ({"kind": "EXTORTION"}, "KIND_NOT_CLEAR"),
        ({"is_complete": False}, "EVIDENCE_INCOMPLETE"),
        ({"amount": Decimal("300.01")}, "AMOUNT_TOO_HIGH"),
        ({"second_approval_amount": Decimal(299)}, "NEEDS_SECOND_APPROVAL"),
        ({"buyer_has_many_orders": True}, "NEEDS_SECOND_APPROVAL"),
        ({"merchant_is_slowed": True}, "MERCHANT_SLOWED"),
    ],
)
def test_one_thing_wanting_and_a_person_decides(change, code):
    found = fast_track.judge(TERMS, replace(FACTS, **change))

    assert (found.outcome, found.would_uphold, found.is_sampled) == (Outcome.PERSON, False, False)
    assert [reason.code for reason in found.reasons] == [code]


def test_the_earliest_warning_is_the_one_named():
    earlier = Warned("ARBITRAGE", "HIGH", FILED - 2 * DAY)

    found = fast_track.judge(TERMS, replace(FACTS, warnings=(WARNED, earlier)))

    assert found.reasons[0].facts["warning"] == "ARBITRAGE"


def test_in_shadow_a_person_decides_and_the_answer_says_what_would_have_been():
    found = fast_track.judge(replace(TERMS, mode=Mode.SHADOW), FACTS)

    assert (found.outcome, found.would_uphold) == (Outcome.PERSON, True)
    assert [reason.code for reason in found.reasons] == ["WARNED_BEFORE", "FAST_TRACK_SHADOW"]


def test_switched_off_it_says_nothing_would_be_upheld():
    found = fast_track.judge(replace(TERMS, mode=Mode.OFF), FACTS)

    assert (found.outcome, found.would_uphold) == (Outcome.PERSON, False)
    assert found.reasons[-1].code == "FAST_TRACK_OFF"


def test_there_is_no_rejection_among_its_answers():
    assert {outcome.value for outcome in Outcome} == {"UPHOLD", "PERSON"}


@given(st.integers(0, 10**9), st.floats(0, 1))
def test_the_sample_is_the_same_every_time_and_grows_with_its_share(claim, share):
    smaller = fast_track.is_sampled(f"c-{claim}", version=1, share=share / 2)
    drawn = fast_track.is_sampled(f"c-{claim}", version=1, share=share)

    assert drawn == fast_track.is_sampled(f"c-{claim}", version=1, share=share)
    assert drawn or not smaller


def test_about_the_stated_share_is_sampled():
    drawn = sum(fast_track.is_sampled(f"c-{each}", version=1, share=0.1) for each in range(5000))

    assert 400 < drawn < 600
    assert all(fast_track.is_sampled(f"c-{each}", version=1, share=1.0) for each in range(100))
    assert not any(fast_track.is_sampled(f"c-{each}", version=1, share=0.0) for each in range(100))


@pytest.mark.parametrize(
    ("reviewed", "overturned", "must_stop"),
    [(0, 0, False), (1, 1, False), (2, 2, True), (20, 1, False), (20, 2, True), (100, 5, False), (100, 6, True)],
)
def test_it_stops_when_too_many_were_overturned(reviewed, overturned, must_stop):
    found = fast_track.standing(TERMS, reviewed=reviewed, overturned=overturned)

    assert found.must_stop == must_stop
    assert found.rate == (overturned / reviewed if reviewed else 0.0)
