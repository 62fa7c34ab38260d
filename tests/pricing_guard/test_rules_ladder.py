from datetime import timedelta
from decimal import Decimal

import pytest

from pricing_guard.rules import ladder, prices
from pricing_guard.rules.findings import Check, Finding, Judgement, Reason, Severity, Verdict, judge
from pricing_guard.rules.ladder import Action, Mode, Moment, Response, Revert
from pricing_guard.rules.thresholds import DEFAULT, Thresholds
from tests.pricing_guard.listings import NOW, listing, remembered

GOOD = Revert(Decimal(129), Reason("GOOD_PRICE"))
NONE = Revert(None, Reason("NO_GOOD_PRICE"))


@pytest.mark.parametrize(
    ("severity", "revert", "actions"),
    [
        (Severity.NOTE, GOOD, (Action.LOG,)),
        (Severity.DOUBTFUL, GOOD, (Action.LOG, Action.WARN, Action.CONFIRM)),
        (Severity.SERIOUS, GOOD, (Action.LOG, Action.WARN, Action.HOLD_NEW_ORDERS, Action.REVERT_PRICE)),
        (Severity.SERIOUS, NONE, (Action.LOG, Action.WARN, Action.HOLD_NEW_ORDERS, Action.ZERO_STOCK)),
        (Severity.SERIOUS, None, (Action.LOG, Action.WARN, Action.HOLD_NEW_ORDERS, Action.ZERO_STOCK)),
        (
            Severity.CRITICAL,
            GOOD,
            (Action.LOG, Action.WARN, Action.HOLD_NEW_ORDERS, Action.DELIST, Action.HOLD_SHIPMENTS),
        ),
    ],
)
def test_a_live_price_climbs_the_ladder_by_severity(
    severity: Severity, revert: Revert | None, actions: tuple[Action, ...]
) -> None:
    plan = ladder.plan(_judged(severity), Response(Mode.AUTO), moment=Moment.AFTER, at=NOW, revert=revert)

    assert plan.done == actions
    assert not plan.proposed
    assert plan.not_before is None


@pytest.mark.parametrize("rung", [Action.ZERO_STOCK, Action.DRAFT_CANCELLATIONS])
def test_a_policy_chooses_its_own_rungs(rung: Action) -> None:
    response = Response(Mode.AUTO, {Severity.SERIOUS: rung})

    plan = ladder.plan(_judged(Severity.SERIOUS), response, moment=Moment.AFTER, at=NOW)

    assert plan.done[-1] == rung
    assert plan.rung == rung


@pytest.mark.parametrize(
    ("severity", "actions", "verdict"),
    [
        (Severity.DOUBTFUL, (Action.LOG, Action.WARN, Action.CONFIRM), Verdict.CONFIRM),
        (Severity.SERIOUS, (Action.LOG, Action.WARN, Action.BLOCK_WRITE), Verdict.BLOCK),
        (Severity.NOTE, (Action.LOG,), Verdict.ALLOW),
    ],
)
def test_before_publishing_a_price_is_asked_about_or_blocked(
    severity: Severity, actions: tuple[Action, ...], verdict: Verdict
) -> None:
    response = Response(Mode.AUTO)

    assert ladder.plan(_judged(severity), response, moment=Moment.BEFORE, at=NOW).done == actions
    assert ladder.answer(_judged(severity), response) == verdict


def test_a_policy_that_is_off_or_only_watches_lets_every_price_pass() -> None:
    judged = _judged(Severity.CRITICAL)

    assert ladder.answer(judged, Response(Mode.OFF)) == Verdict.ALLOW
    assert ladder.answer(judged, Response(Mode.SHADOW)) == Verdict.ALLOW
    assert ladder.answer(judged, ladder.BASELINE_RESPONSE) == Verdict.ALLOW
    assert ladder.answer(judge([]), Response(Mode.AUTO)) == Verdict.ALLOW
    off = ladder.plan(judged, Response(Mode.OFF), moment=Moment.AFTER, at=NOW)
    shadow = ladder.plan(judged, Response(Mode.SHADOW), moment=Moment.AFTER, at=NOW, revert=GOOD)
    assert (off.done, off.proposed, off.shadowed) == ((), (), ())
    assert (shadow.done, shadow.proposed) == ((), ())
    assert Action.DELIST in shadow.shadowed


def test_with_approval_alerts_go_out_and_stops_wait_for_a_person() -> None:
    plan = ladder.plan(_judged(Severity.SERIOUS), Response(Mode.APPROVE), moment=Moment.AFTER, at=NOW, revert=GOOD)

    assert plan.done == (Action.LOG, Action.WARN)
    assert plan.proposed == (Action.HOLD_NEW_ORDERS, Action.REVERT_PRICE)


@pytest.mark.parametrize(
    ("severity", "waits"), [(Severity.DOUBTFUL, False), (Severity.SERIOUS, True), (Severity.CRITICAL, False)]
)
def test_stops_wait_for_the_grace_minutes_unless_the_finding_is_critical(severity: Severity, waits: bool) -> None:
    response = Response(Mode.AUTO, grace_minutes=5)

    plan = ladder.plan(_judged(severity), response, moment=Moment.AFTER, at=NOW, revert=GOOD)

    assert plan.not_before == (NOW + timedelta(minutes=5) if waits else None)


def test_a_wrong_price_goes_back_to_the_last_good_one() -> None:
    found = ladder.revert_target(listing("12.90"), DEFAULT, remembered("99", "129"), at=NOW)

    assert found.price == 129


def test_a_last_good_price_under_the_floor_is_not_gone_back_to() -> None:
    policy = Thresholds(floor_price=Decimal(150), decimal_shift=True)

    found = ladder.revert_target(listing("12.90"), policy, remembered("129"), at=NOW)

    assert found.price is None
    assert found.reason == Reason(
        "GOOD_PRICE_FAILS", {"price": "129", "currency": "CNY", "check": Check.BELOW_FLOOR.value}
    )


@pytest.mark.parametrize("memory", [(), ("12.90",)])
def test_without_another_good_price_there_is_nothing_to_go_back_to(memory: tuple[str, ...]) -> None:
    found = ladder.revert_target(listing("12.90"), DEFAULT, remembered(*memory), at=NOW)

    assert found == NONE
    assert prices.check(listing("12.90"), DEFAULT, remembered(*memory), at=NOW).verdict == Verdict.ALLOW


def _judged(severity: Severity) -> Judgement:
    return judge([Finding(Check.DECIMAL_SHIFT, severity, Reason("DECIMAL_SHIFT"))])
