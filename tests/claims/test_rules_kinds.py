from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules import catalogue, kinds
from claims.rules.kinds import Basis, Evidence, Kind, Moment, Timing

DAY = timedelta(days=1)
DELIVERED = datetime(2026, 6, 1, 12, tzinfo=UTC)
VIDEO, WEIGHT, CHAT = Evidence("VIDEO", 3, example="One take."), Evidence("WEIGHT"), Evidence("CHAT")
CARRIER = Evidence("CARRIER", 1, frozenset({"STATEMENT"}))
SWAPPED = Kind("SWAPPED", (WEIGHT, VIDEO), (CHAT, CARRIER), Moment(Basis.DELIVERED), Moment(Basis.DELIVERED, 30 * DAY))


@pytest.mark.parametrize(
    ("provided", "score", "missing"),
    [
        ([], 0, ["VIDEO", "WEIGHT", "CHAT", "CARRIER"]),
        (["WEIGHT"], 20, ["VIDEO", "CHAT", "CARRIER"]),
        (["VIDEO"], 60, ["WEIGHT", "CHAT", "CARRIER"]),
        (["VIDEO", "CHAT", "STATEMENT"], 79, ["WEIGHT"]),
        (["VIDEO", "WEIGHT", "OTHER"], 80, ["CHAT", "CARRIER"]),
        (["VIDEO", "WEIGHT", "CHAT"], 90, ["CARRIER"]),
        (["VIDEO", "WEIGHT", "CHAT", "STATEMENT"], 100, []),
    ],
)
def test_completeness_says_how_far_the_evidence_goes_and_what_is_missing(provided, score, missing):
    found = kinds.completeness(SWAPPED, provided)

    assert found.score == score
    assert [each.type for each in (*found.missing_required, *found.missing_helpful)] == missing
    assert found.is_complete == (score >= 80)


def test_a_kind_that_asks_for_one_sort_only_gives_it_all_the_points():
    only_required = replace(SWAPPED, helpful=())
    only_helpful = replace(SWAPPED, required=())

    assert kinds.completeness(only_required, ["VIDEO", "WEIGHT"]).score == 100
    assert kinds.completeness(only_required, ["VIDEO"]).score == 75
    assert kinds.completeness(only_helpful, ["CHAT"]).score == 50
    assert kinds.completeness(only_helpful, []).is_complete


def test_a_claim_can_be_filed_to_the_last_moment_and_not_after():
    later = replace(SWAPPED, opens=Moment(Basis.DELIVERED, 7 * DAY))
    facts = {Basis.DELIVERED: DELIVERED}

    def timing(after: timedelta) -> Timing:
        return kinds.eligibility(later, facts, at=DELIVERED + after).timing

    assert timing(7 * DAY - timedelta(seconds=1)) == Timing.TOO_EARLY
    assert timing(7 * DAY) == timing(30 * DAY) == Timing.OPEN
    assert timing(30 * DAY + timedelta(seconds=1)) == Timing.TOO_LATE


def test_an_event_that_has_not_happened_is_named():
    kind = replace(SWAPPED, opens=Moment(Basis.SHIPPED), closes=Moment(Basis.DELIVERED, 9 * DAY))

    not_shipped = kinds.eligibility(kind, {}, at=DELIVERED)
    on_its_way = kinds.eligibility(kind, {Basis.SHIPPED: DELIVERED}, at=DELIVERED + 90 * DAY)

    assert not_shipped.timing == Timing.NOT_YET_HAPPENED
    assert not_shipped.waiting_for == (Basis.SHIPPED, Basis.DELIVERED)
    assert on_its_way.timing == Timing.OPEN
    assert on_its_way.waiting_for == (Basis.DELIVERED,)
    assert on_its_way.closes_at is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"required": (), "helpful": ()}, "NO_EVIDENCE"),
        ({"helpful": (VIDEO,)}, "EVIDENCE_TWICE"),
        ({"helpful": (Evidence("NOTE", 0),)}, "WEIGHT_NOT_POSITIVE"),
        ({"opens": Moment(Basis.DELIVERED, -DAY)}, "TIME_NEGATIVE"),
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong, code):
    assert [problem.code for problem in kinds.problems(replace(SWAPPED, **wrong))] == [code]


@pytest.mark.parametrize(
    ("opens", "closes", "code"),
    [
        (Moment(Basis.DELIVERED, 21 * DAY), Moment(Basis.DELIVERED, 7 * DAY), "WINDOW_AFTER_DEADLINE"),
        (Moment(Basis.DELIVERED, 7 * DAY), Moment(Basis.DELIVERED, 7 * DAY), "WINDOW_AFTER_DEADLINE"),
        (Moment(Basis.ORDER_PLACED, 21 * DAY), Moment(Basis.DELIVERED, 7 * DAY), "WINDOW_AFTER_DEADLINE"),
        (Moment(Basis.DELIVERED), Moment(Basis.ORDER_PLACED, 90 * DAY), "WINDOW_MAY_MISS_DEADLINE"),
        (Moment(Basis.DELIVERED), Moment(Basis.AFTER_SALE_OPENED, 90 * DAY), "WINDOW_MAY_MISS_DEADLINE"),
        (Moment(Basis.HAPPENED), Moment(Basis.ORDER_PLACED, 90 * DAY), "WINDOW_MAY_MISS_DEADLINE"),
    ],
)
def test_a_window_that_misses_its_deadline_is_refused(opens, closes, code):
    problems = kinds.problems(replace(SWAPPED, opens=opens, closes=closes))

    assert [problem.code for problem in problems] == [code]


def test_a_window_that_opens_by_an_earlier_event_and_closes_by_a_later_is_fine():
    kind = replace(SWAPPED, opens=Moment(Basis.AFTER_SALE_OPENED), closes=Moment(Basis.REFUNDED, 7 * DAY))

    assert kinds.problems(kind) == ()


EARLIER_AND_LATER = {
    ("ORDER_PLACED", "SHIPPED"),
    ("ORDER_PLACED", "DELIVERED"),
    ("ORDER_PLACED", "AFTER_SALE_OPENED"),
    ("ORDER_PLACED", "REFUNDED"),
    ("SHIPPED", "DELIVERED"),
    ("AFTER_SALE_OPENED", "REFUNDED"),
}


@pytest.mark.parametrize("closes", Basis)
@pytest.mark.parametrize("opens", Basis)
def test_only_events_that_always_come_in_this_order_may_open_and_close_a_window(opens, closes):
    kind = replace(SWAPPED, opens=Moment(opens), closes=Moment(closes, 90 * DAY))

    assert bool(kinds.problems(kind)) != (opens == closes or (opens, closes) in EARLIER_AND_LATER)


moments = st.builds(Moment, st.sampled_from(Basis), st.timedeltas(timedelta(0), 60 * DAY))


@given(opens=moments, closes=moments, gaps=st.lists(st.timedeltas(timedelta(0), 40 * DAY), min_size=6, max_size=6))
def test_whatever_happens_to_an_order_rules_that_were_saved_leave_at_least_a_day_to_file(opens, closes, gaps):
    kind = replace(SWAPPED, opens=opens, closes=closes)
    placed, shipped, opened = DELIVERED, DELIVERED + gaps[0], DELIVERED + gaps[1]
    facts = {
        Basis.ORDER_PLACED: placed,
        Basis.SHIPPED: shipped,
        Basis.DELIVERED: shipped + gaps[2],
        Basis.AFTER_SALE_OPENED: opened,
        Basis.REFUNDED: opened + gaps[3],
        Basis.HAPPENED: placed + gaps[4] - gaps[5],
    }

    found = kinds.eligibility(kind, facts, at=DELIVERED)

    if not kinds.problems(kind):
        assert found.closes_at - found.opens_at >= DAY


@pytest.mark.parametrize("kind", catalogue.KINDS, ids=lambda kind: kind.code)
def test_every_kind_of_the_catalogue_can_be_saved_and_explains_its_evidence(kind):
    assert kinds.problems(kind) == ()
    assert kind.required
    assert all(evidence.example for evidence in (*kind.required, *kind.helpful))


def test_the_catalogue_has_the_eleven_kinds_and_no_example_unused():
    used = {evidence.type for kind in catalogue.KINDS for evidence in (*kind.required, *kind.helpful)}
    alternatives = {type_ for kind in catalogue.KINDS for evidence in kind.required for type_ in evidence.or_else}

    assert len({kind.code for kind in catalogue.KINDS}) == 11
    assert used | alternatives == set(catalogue.EXAMPLES)
