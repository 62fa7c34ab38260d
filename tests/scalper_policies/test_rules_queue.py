"""Places in a queue: due one after the other, at the policy's pace, in the order in which orders came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalper_policies.rules import backtest, checks, evaluate, queue, terms, words
from scalper_policies.rules.evaluate import Decision, Reason, Remedy
from scalper_policies.rules.orders import OrderFacts, OrderLine
from scalper_policies.rules.policy import (
    EVERY_RULE,
    TURN_STANDS,
    Band,
    BuyerLists,
    Check,
    Dimension,
    Limit,
    Policy,
    SaleMode,
    Scope,
    Snooze,
    Verdict,
)
from scalper_policies.rules.queue import Line, Place
from scalper_policies.rules.windows import Reading

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PER_BUYER = Limit("account", Dimension.ACCOUNT, 1, timedelta(hours=24))
QUEUED = Policy(
    scope=Scope(all_listings=True),
    limits=(PER_BUYER,),
    mode=SaleMode.QUEUE,
    queue_per_minute=1,
    bands=(Band(1, Verdict.VERIFY), Band(40, Verdict.HOLD, hours=24), Band(80, Verdict.REJECT)),
)
KEY = (Dimension.ACCOUNT, "a")


def order(number: str = "1", *, buyer: str = "a", at: datetime = NOW) -> OrderFacts:
    return OrderFacts(number, at, (OrderLine("A", 1),), {Dimension.ACCOUNT: buyer})


@given(
    gaps=st.lists(st.integers(0, 200), min_size=1, max_size=40),
    per_minute=st.integers(1, 90),
)
def test_a_place_is_due_when_everybody_before_it_had_their_turn(gaps: list[int], per_minute: int) -> None:
    ats = [NOW + sum(gaps[: index + 1]) * SECOND for index in range(len(gaps))]
    line, apart = Line(per_minute), queue.apart(per_minute)

    places = [line.take(at) for at in ats]

    # Slowly and obviously: nobody before they came, and each so long after everybody who came before.
    due = [max(ats[earlier] + (index - earlier) * apart for earlier in range(index + 1)) for index in range(len(ats))]
    assert [each.due_at for each in places] == due
    assert [each.number for each in places] == list(range(1, len(ats) + 1))


def test_an_order_is_held_until_its_turn_and_as_long_as_that_stands() -> None:
    due = Place(7, NOW + timedelta(minutes=6))

    held = evaluate.in_turn(QUEUED, order(), evaluate.PASSES, due)

    assert (held.verdict, held.waits, held.is_hit, held.score) == (Verdict.HOLD, True, False, 0)
    assert held.hold == timedelta(minutes=6) + TURN_STANDS
    assert [(each.rule, each.observed) for each in held.reasons] == [(evaluate.QUEUE, 7)]
    assert held.reasons[0].would_pass_if == Remedy("ITS_TURN", (("at", due.due_at.isoformat()),))
    at_once = Place(8, NOW)
    assert evaluate.in_turn(QUEUED, order(), evaluate.PASSES, at_once) is evaluate.PASSES
    assert evaluate.evaluate(QUEUED, replace(order(), place=due), {}) == held


@pytest.mark.parametrize(
    "policy",
    [
        replace(QUEUED, mode=SaleMode.FIRST_COME),
        replace(QUEUED, lists=BuyerLists(exempt={KEY: None})),
        replace(QUEUED, lists=BuyerLists(deny={KEY: None})),
        replace(QUEUED, snoozes=(Snooze(evaluate.QUEUE, *KEY, until=NOW + SECOND),)),
        replace(QUEUED, overruled=frozenset({evaluate.QUEUE})),
        replace(QUEUED, overruled=frozenset({EVERY_RULE})),
        replace(QUEUED, scope=Scope(skus=frozenset({"B"}))),
        replace(QUEUED, scope=Scope(all_listings=True, ends_at=NOW)),
    ],
)
def test_who_is_exempt_rejected_or_not_concerned_takes_no_place(policy: Policy) -> None:
    decision = evaluate.evaluate(policy, order(), {})

    assert not evaluate.takes_place(policy, order(), decision)
    assert evaluate.evaluate(policy, replace(order(), place=Place(9, NOW + SECOND)), {}) == decision


def test_what_is_held_longer_stays_so_and_a_check_is_asked_while_an_order_waits() -> None:
    due = Place(2, NOW + timedelta(minutes=1))
    broken = Reason("account", "ACCOUNT", 2, 1, Remedy("LATER"), 50, "ACCOUNT")
    held = Decision(Verdict.HOLD, (broken,), 50, hold=timedelta(hours=24))
    checked = Decision(Verdict.VERIFY, (broken,), 20)
    reviewed = Decision(Verdict.REVIEW, (broken,), 60)

    found = [evaluate.in_turn(QUEUED, order(), each, due) for each in (held, checked, reviewed)]

    assert [each.verdict for each in found] == [Verdict.HOLD, Verdict.HOLD, Verdict.REVIEW]
    assert [each.waits for each in found] == [False, True, False]
    assert [each.hold for each in found] == [timedelta(hours=24), timedelta(minutes=1) + TURN_STANDS, None]
    assert all([each.rule for each in one.reasons] == ["account", evaluate.QUEUE] for one in found)
    assert all(each.is_hit for each in found)


@pytest.mark.parametrize("reading", Reading)
def test_the_past_says_how_many_would_have_waited_and_how_long(reading: Reading) -> None:
    # The second order of "a" is rejected, and takes no place in either reading.
    past = [
        order("1"),
        order("2", buyer="b"),
        order("3"),
        order("4", buyer="c"),
        order("5", buyer="d", at=NOW + 9 * HOUR),
    ]

    report = backtest.backtest(QUEUED, past, reading)

    assert (report.waited, report.longest_wait) == (2, 120)
    assert report.verdicts == {Verdict.ALLOW: 2, Verdict.HOLD: 2, Verdict.REJECT: 1}
    assert (report.hits_by_rule, report.buyers_hit, report.units_stopped) == ({"account": 1}, 1, 1)
    assert report.units_kept_for_ordinary == 4


HOUR = timedelta(hours=1)


def test_a_queue_is_checked_said_and_kept_with_its_pace() -> None:
    alone = replace(QUEUED, limits=())
    without_pace = replace(QUEUED, queue_per_minute=0)

    assert {each.code for each in checks.findings(without_pace)} >= {"QUEUE_WITHOUT_PACE"}
    assert {each.code for each in checks.findings(alone)} & {"PROTECTS_NOTHING", "NO_LIMIT"} == {"NO_LIMIT"}
    said = [words.text(each, str) for each in words.summary(replace(QUEUED, queue_per_minute=30))]
    assert "Orders wait in a queue and go on in the order they came, 30 a minute." in said
    assert terms.from_plain(terms.to_plain(QUEUED)) == replace(QUEUED, version=1)
    assert not {"check", "queue_per_minute"} & terms.to_plain(replace(QUEUED, queue_per_minute=60)).keys()
    with pytest.raises(terms.UnreadableTerms) as refused:
        terms.readable(terms.to_plain(without_pace))
    assert refused.value.field == "queue_per_minute"


def test_the_check_is_kept_and_said() -> None:
    by_phone = replace(QUEUED, check=Check.PHONE)

    said = [words.text(each, str) for each in words.summary(by_phone)]

    assert "From a score of 1: asked for a check, a code sent to the phone." in said
    assert terms.from_plain(terms.to_plain(by_phone)).check is Check.PHONE
    with pytest.raises(terms.UnreadableTerms):
        terms.readable(terms.to_plain(QUEUED) | {"check": "PALM"})
