"""What is done about a finding: the rung of the ladder, who decides, and where a price may go back to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum

from pricing_guard.rules import prices
from pricing_guard.rules.facts import Facts
from pricing_guard.rules.findings import STATED, Judgement, Reason, Severity, Verdict, judge
from pricing_guard.rules.memory import Memory
from pricing_guard.rules.thresholds import Thresholds


class Action(IntEnum):
    """The ladder, gentlest first. Cancellations are only ever drafted."""

    LOG = 0
    WARN = 1
    CONFIRM = 2
    BLOCK_WRITE = 3
    HOLD_NEW_ORDERS = 4
    REVERT_PRICE = 5
    ZERO_STOCK = 6
    DELIST = 7
    HOLD_SHIPMENTS = 8
    DRAFT_CANCELLATIONS = 9


class Mode(StrEnum):
    """How far a policy may go by itself."""

    OFF = "OFF"
    SHADOW = "SHADOW"
    APPROVE = "APPROVE"
    AUTO = "AUTO"


class Moment(StrEnum):
    """Whether the price asks to be published or is live already."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"


DEFAULT_LADDER: Mapping[Severity, Action] = {
    Severity.NOTE: Action.LOG,
    Severity.DOUBTFUL: Action.CONFIRM,
    Severity.SERIOUS: Action.REVERT_PRICE,
    Severity.CRITICAL: Action.HOLD_SHIPMENTS,
}
ALERT_ONLY: Mapping[Severity, Action] = {severity: Action.WARN for severity in Severity}


@dataclass(frozen=True)
class Response:
    """What a policy does at which severity, how far by itself, and after how long.

    `learned` is the mode of checks that learn from the past; None when it is the policy's own.
    """

    mode: Mode = Mode.APPROVE
    ladder: Mapping[Severity, Action] = field(default_factory=lambda: DEFAULT_LADDER)
    grace_minutes: int | None = None
    learned: Mode | None = None


BASELINE_RESPONSE = Response(mode=Mode.AUTO, ladder=ALERT_ONLY)


@dataclass(frozen=True)
class Revert:
    """The price to go back to, or why there is none."""

    price: Decimal | None
    reason: Reason


@dataclass(frozen=True)
class Plan:
    """What follows from a judgement: done now, done after grace, waiting for a person, or only noted."""

    rung: Action
    done: tuple[Action, ...] = ()
    proposed: tuple[Action, ...] = ()
    shadowed: tuple[Action, ...] = ()
    not_before: datetime | None = None
    revert: Revert | None = None


def answer(judgement: Judgement, response: Response) -> Verdict:
    """Return what a price check tells the writer: a policy that only watches lets everything pass."""
    if response.learned is not None and response.learned != response.mode:
        stated = judge([one for one in judgement.findings if one.check in STATED])
        learned = judge([one for one in judgement.findings if one.check not in STATED])
        return max(
            _answer(stated, response),
            _answer(learned, replace(response, mode=response.learned)),
            key=list(Verdict).index,
        )
    return _answer(judgement, response)


def _answer(judgement: Judgement, response: Response) -> Verdict:
    if response.mode in (Mode.OFF, Mode.SHADOW) or not judgement.findings:
        return Verdict.ALLOW
    rung = response.ladder.get(judgement.severity, Action.LOG)
    if rung >= Action.BLOCK_WRITE:
        return Verdict.BLOCK
    return Verdict.CONFIRM if rung == Action.CONFIRM else Verdict.ALLOW


def plan(
    judgement: Judgement,
    response: Response,
    *,
    moment: Moment,
    at: datetime,
    revert: Revert | None = None,
) -> Plan:
    """Choose what to do about a judgement.

    Alerts never wait. Stops wait for the grace minutes unless the finding is
    critical; with mode APPROVE they wait for a person; with SHADOW nothing is
    done and everything is noted. Stated limits and learned checks may go
    differently far.
    """
    if response.learned is None or response.learned == response.mode:
        return _plan(judgement, response, moment=moment, at=at, revert=revert)
    stated = judge([one for one in judgement.findings if one.check in STATED])
    learned = judge([one for one in judgement.findings if one.check not in STATED])
    return _both(
        _plan(stated, response, moment=moment, at=at, revert=revert),
        _plan(learned, replace(response, mode=response.learned), moment=moment, at=at, revert=revert),
    )


def _both(first: Plan, second: Plan) -> Plan:
    done = tuple(sorted({*first.done, *second.done}))
    proposed = tuple(sorted({*first.proposed, *second.proposed} - {*done}))
    return Plan(
        rung=max(first.rung, second.rung),
        done=done,
        proposed=proposed,
        shadowed=tuple(sorted({*first.shadowed, *second.shadowed} - {*done, *proposed})),
        not_before=first.not_before or second.not_before,
        revert=first.revert or second.revert,
    )


def _plan(judgement: Judgement, response: Response, *, moment: Moment, at: datetime, revert: Revert | None) -> Plan:
    if response.mode == Mode.OFF or not judgement.findings:
        return Plan(Action.LOG)
    rung = response.ladder.get(judgement.severity, Action.LOG)
    actions = _before(rung) if moment == Moment.BEFORE else _after(rung, revert)
    if response.mode == Mode.SHADOW:
        return Plan(rung, shadowed=actions, revert=revert)
    alerts = tuple(one for one in actions if one <= Action.BLOCK_WRITE)
    stops = tuple(one for one in actions if one > Action.BLOCK_WRITE)
    if response.mode == Mode.APPROVE:
        return Plan(rung, done=alerts, proposed=stops, revert=revert)
    waits = bool(response.grace_minutes and stops and judgement.severity < Severity.CRITICAL)
    not_before = at + timedelta(minutes=response.grace_minutes or 0) if waits else None
    return Plan(rung, done=alerts + stops, not_before=not_before, revert=revert)


def revert_target(facts: Facts, thresholds: Thresholds, memory: Memory, *, at: datetime) -> Revert:
    """Return the last good price if it passes the guard today, or the reason why nothing does."""
    last = memory.last
    if last is None or last.price == facts.price:
        return Revert(None, Reason("NO_GOOD_PRICE"))
    judgement = prices.check(replace(facts, price=last.price), thresholds, memory, at=at)
    params = {"price": str(last.price), "currency": memory.currency}
    if judgement.worst:
        return Revert(None, Reason("GOOD_PRICE_FAILS", params | {"check": judgement.worst.check.value}))
    return Revert(last.price, Reason("GOOD_PRICE", params))


def _before(rung: Action) -> tuple[Action, ...]:
    if rung >= Action.BLOCK_WRITE:
        return (Action.LOG, Action.WARN, Action.BLOCK_WRITE)
    return tuple(Action(step) for step in range(rung + 1))


def _after(rung: Action, revert: Revert | None) -> tuple[Action, ...]:
    """A live price cannot be blocked, only asked about; every stop also holds new orders.

    Without a good price to go back to, the next rung takes its place.
    """
    actions = [Action.LOG]
    if rung >= Action.WARN:
        actions.append(Action.WARN)
    if rung in (Action.CONFIRM, Action.BLOCK_WRITE):
        actions.append(Action.CONFIRM)
    if rung >= Action.HOLD_NEW_ORDERS:
        actions.append(Action.HOLD_NEW_ORDERS)
    if rung == Action.REVERT_PRICE:
        can_revert = revert is not None and revert.price is not None
        actions.append(Action.REVERT_PRICE if can_revert else Action.ZERO_STOCK)
    if rung == Action.ZERO_STOCK:
        actions.append(Action.ZERO_STOCK)
    if rung >= Action.DELIST:
        actions.append(Action.DELIST)
    if rung >= Action.HOLD_SHIPMENTS:
        actions.append(Action.HOLD_SHIPMENTS)
    if rung >= Action.DRAFT_CANCELLATIONS:
        actions.append(Action.DRAFT_CANCELLATIONS)
    return tuple(actions)
