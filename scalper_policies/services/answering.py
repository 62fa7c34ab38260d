"""Each policy's own answer to an order; a version that errs is left out, and what stood before it answers."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from scalper_policies.lifecycle import VersionStatus
from scalper_policies.queries import deciding as queries
from scalper_policies.queries.deciding import LiveVersion, Look, VersionKey
from scalper_policies.rules import canary, draw, evaluate, terms
from scalper_policies.rules.evaluate import Decision, Need, Reason, Remedy
from scalper_policies.rules.orders import OrderFacts
from scalper_policies.rules.policy import BuyerLists, Dimension, Policy, SaleMode, Snooze, Verdict
from scalper_policies.rules.queue import Place

FAILED = "FAILED"
POLICY_FAILED = "POLICY_FAILED"


@dataclass(frozen=True)
class Applied:
    """One version's answer to an order: `acts` when it counts, otherwise it only watches."""

    version: LiveVersion
    policy: Policy
    order: OrderFacts
    decision: Decision
    needed: tuple[Need, ...]
    acts: bool


@dataclass(frozen=True)
class Failure:
    """A version that could not answer: which one, and the kind of its error."""

    version: LiveVersion
    error: str


class Erred(Exception):
    """One version could not be read or evaluated; nothing else is wrong."""

    def __init__(self, version: LiveVersion, error: Exception) -> None:
        super().__init__(f"version {version.id}: {type(error).__name__}")
        self.failure = Failure(version, type(error).__name__)


@dataclass(frozen=True)
class Chosen:
    """Which versions act for this buyer, which only watch, and what is answered for one in force that errs."""

    acting: list[LiveVersion] = field(default_factory=list)
    watching: list[LiveVersion] = field(default_factory=list)
    unable: list[Decision] = field(default_factory=list)


def chosen(look: Look, order: OrderFacts, *, failed: Iterable[Failure]) -> Chosen:
    """Say which versions act for this buyer, and which only watch; a canary's buyers are the same every time.

    A candidate that errs is left out, and the version in force answers its buyers too; one in force that errs
    answers what it says for when we fail.
    """
    out = {failure.version.key for failure in failed}
    by_policy: dict[int, dict[str, LiveVersion]] = {}
    for version in look.every_version:
        by_policy.setdefault(version.policy_id, {})[version.status] = version
    found = Chosen()
    for policy_id, versions in sorted(by_policy.items()):
        control = versions.get(VersionStatus.ENFORCING)
        trial = versions.get(VersionStatus.CANARY)
        shadow = versions.get(VersionStatus.SHADOW)
        buyer = order.account or order.number
        if trial and trial.key not in out and canary.is_in(str(policy_id), buyer, trial.canary_percent):
            found.acting.append(trial)
        elif control and control.key not in out:
            found.acting.append(control)
        elif control and control.runs_at(order.placed_at):
            found.unable.append(_unable(control))
        if shadow and shadow.key not in out:
            found.watching.append(shadow)
    return found


type Needed = tuple[LiveVersion, Policy, OrderFacts, tuple[Need, ...]]


def needed(versions: list[LiveVersion], order: OrderFacts, look: Look, *, buyer: str) -> list[Needed]:
    """Return the versions that are about this order, each with what must be counted for it."""
    plain = _unread(versions)
    found: list[Needed] = []
    for version in versions:
        with _named(version):
            bare = _read(version.key, plain)
            if evaluate.concerns(bare, order):
                policy = _as_it_stands(bare, version, look, at=order.placed_at)
                facts = _for_policy(version, policy, order, look, buyer=buyer)
                found.append((version, policy, facts, tuple(evaluate.needs(policy, facts))))
    return found


def answers(wanted: list[Needed], counted: Iterator[tuple[int, int]], *, acts: set[VersionKey]) -> list[Applied]:
    """Return each version's answer from what was counted."""
    found = []
    for version, policy, order, needs in wanted:
        counts = {}
        for need in needs:
            units, orders = next(counted)
            counts[need.slot] = units if need.limit.measure == "UNITS" else orders
        with _named(version):
            decision = evaluate.decide(policy, order, list(needs), counts)
        found.append(Applied(version, policy, order, decision, needs, version.key in acts))
    return found


@contextmanager
def _named(version: LiveVersion) -> Iterator[None]:
    """Give an error of one version the version's name; the database being away is no version's error."""
    try:
        yield
    except DatabaseError:
        raise
    except Exception as error:
        raise Erred(version, error) from error


def _for_policy(version: LiveVersion, policy: Policy, order: OrderFacts, look: Look, *, buyer: str) -> OrderFacts:
    """Count paid orders up to the policy's own date, in this shop, and say whether its draw chose the buyer."""
    if policy.mode is SaleMode.DRAW:
        order = replace(order, drawn=_is_drawn(look, version.policy_id, account=order.account))
    wanted = policy.eligibility
    if not (wanted.paid_orders and wanted.paid_orders_before and look.buyer):
        return order
    return replace(order, paid_orders=queries.paid_before(look.shop, buyer=buyer, before=wanted.paid_orders_before))


def _is_drawn(look: Look, policy_id: int, *, account: str) -> bool | None:
    """Whether a draw of the policy chose this account: nobody before it is drawn, and not asked without a draw."""
    found = [each for each in look.draws or () if each.policy_id == policy_id]
    if not found:
        return None
    drawn = [each for each in found if each.seed and each.has_entered]
    return any(draw.has_won(bytes.fromhex(each.seed), each.name, account, last=each.last_ticket) for each in drawn)


_known: dict[VersionKey, Policy] = {}
MOST_KNOWN = 4_000


def _unread(versions: Iterable[LiveVersion]) -> Mapping[VersionKey, Mapping[str, Any]]:
    """Return the terms this process has not read yet; a live version's terms never change."""
    missing = [version.key for version in versions if version.key not in _known]
    return queries.terms_of(missing) if missing else {}


def _read(key: VersionKey, plain: Mapping[VersionKey, Mapping[str, Any]]) -> Policy:
    if key in plain:
        if len(_known) > MOST_KNOWN:
            _known.clear()
        _known[key] = terms.from_plain(plain[key])
    return _known[key]


def _as_it_stands(policy: Policy, version: LiveVersion, look: Look, *, at: datetime) -> Policy:
    """Add the shop's lists, snoozes and what staff overruled; the shop's lists do not reach the baseline rules."""
    overruled = frozenset(each.rule for each in look.overruled(version.policy_id, at=at))
    if version.is_baseline or not (look.entries or look.snoozes):
        return replace(policy, version=version.number, overruled=overruled)
    exempt: dict[tuple[Dimension, str], datetime | None] = {}
    deny: dict[tuple[Dimension, str], datetime | None] = {}
    for kind, dimension, key, expires_at in look.entries or ():
        (exempt if kind == "EXEMPT" else deny)[Dimension(dimension), key] = expires_at
    snoozes = tuple(
        Snooze(rule, Dimension(dimension), key, until)
        for policy_id, rule, dimension, key, until in look.snoozes or ()
        if policy_id == version.policy_id
    )
    lists = BuyerLists(exempt, deny)
    return replace(policy, version=version.number, lists=lists, snoozes=snoozes, overruled=overruled)


def _unable(version: LiveVersion) -> Decision:
    """A version in force that cannot answer says what it was to say when we fail."""
    verdict = Verdict(version.when_we_fail)
    reason = Reason(POLICY_FAILED, "POLICY", None, None, Remedy("A_PERSON_LOOKS"), 0, POLICY_FAILED)
    return Decision(verdict, () if verdict is Verdict.ALLOW else (reason,))


def plain_reasons(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Reasons as they are kept and sent."""
    return [
        {
            "rule": reason.rule,
            "dimension": str(reason.dimension),
            "observed": reason.observed,
            "limit": reason.limit,
            "would_pass_if": {"code": reason.would_pass_if.code, **dict(reason.would_pass_if.params)},
            "score": reason.score,
            "sku": reason.sku,
        }
        for reason in reasons
    ]


def plain_answer(each: Applied) -> dict[str, Any]:
    """One version's answer as it is kept, with the rules that said nothing because people said so."""
    silent = evaluate.left_aside(each.policy, each.order)
    return _marks(each.version, sorted(silent), drawn=each.order.drawn, place=each.order.place) | {
        "policy": each.version.policy_id,
        "version": each.version.number,
        "version_id": each.version.id,
        "mode": each.version.status if each.acts else VersionStatus.SHADOW,
        "verdict": each.decision.verdict.value,
        "score": each.decision.score,
        "exempt": each.decision.exempt,
        "reasons": plain_reasons(each.decision.reasons),
        "paid_orders": each.order.paid_orders,
    }


def plain_failure(failure: Failure, *, at: datetime) -> dict[str, Any]:
    """A version that erred as it is kept beside the answers of the others."""
    version = failure.version
    speaks = version.status == VersionStatus.ENFORCING and version.runs_at(at)
    return _marks(version, []) | {
        "policy": version.policy_id,
        "version": version.number,
        "version_id": version.id,
        "mode": FAILED,
        "verdict": version.when_we_fail if speaks else Verdict.ALLOW.value,
        "score": 0,
        "exempt": False,
        "reasons": [],
        "paid_orders": None,
    }


def _marks(
    version: LiveVersion, silent: list[str], *, drawn: bool | None = None, place: Place | None = None
) -> dict[str, Any]:
    """What only some answers carry: that it is the baseline's, which rules were left aside, what draw or queue said."""
    marks: dict[str, Any] = {"baseline": True} if version.is_baseline else {}
    if silent:
        marks["left_aside"] = silent
    if place is not None:
        marks["queue"] = {"place": place.number, "due_at": place.due_at.isoformat()}
    return marks if drawn is None else marks | {"drawn": drawn}
