"""The guard's values as they are kept in rows and sent as JSON, and back again without loss."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pricing_guard.rules import words
from pricing_guard.rules.findings import Check, Finding, Reason, Reference, Severity
from pricing_guard.rules.ladder import DEFAULT_LADDER, Action, Plan
from pricing_guard.rules.memory import Low, Memory, PastPrice, Sighting
from pricing_guard.rules.thresholds import COUNT, SWITCH, Thresholds, set_fields

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def thresholds_out(thresholds: Thresholds) -> dict[str, object]:
    """Return the thresholds that are set; amounts and percentages as text, so that none loses a digit."""
    found: dict[str, object] = {}
    for name in set_fields(thresholds):
        value = getattr(thresholds, name)
        found[name] = value if name in (*SWITCH, *COUNT) else str(value)
    return found


def thresholds_in(stored: Mapping[str, Any]) -> Thresholds:
    """Return thresholds as they were stored; what a newer release added to them is not known and is refused."""
    known = {one.name for one in fields(Thresholds)}
    if unknown := set(stored) - known:
        raise ValueError(f"unknown thresholds: {', '.join(sorted(unknown))}")
    values = {
        name: value if name in (*SWITCH, *COUNT, "currency") else Decimal(value)
        for name, value in stored.items()
        if value is not None
    }
    return Thresholds(**values)  # type: ignore[arg-type]


def ladder_out(ladder: Mapping[Severity, Action]) -> dict[str, str]:
    """Return what is done at which severity, by name."""
    return {severity.name: action.name for severity, action in ladder.items()}


def ladder_in(stored: Mapping[str, str]) -> dict[Severity, Action]:
    """Return what is done at which severity; a rung that is not named keeps its usual step."""
    named = {Severity[severity]: Action[action] for severity, action in stored.items()}
    return {**DEFAULT_LADDER, **named}


def memory_out(memory: Memory) -> dict[str, Any]:
    """Return a memory small enough to sit in its listing's row; moments as microseconds."""
    return {
        "c": memory.currency,
        "r": [[str(one.price), _micro(one.at), int(one.confirmed)] for one in memory.recent],
        "l": [[str(one.price), _micro(one.until) if one.until else None] for one in memory.lows],
        "f": {str(price): [one.count, _micro(one.last_at)] for price, one in memory.familiar.items()},
    }


def memory_in(stored: Mapping[str, Any], *, currency: str) -> Memory:
    """Return the memory that was stored; an empty one of this currency when nothing was."""
    if not stored:
        return Memory(currency=currency)
    return Memory(
        currency=stored["c"],
        recent=tuple(PastPrice(Decimal(price), _moment(at), bool(sure)) for price, at, sure in stored["r"]),
        lows=tuple(Low(Decimal(price), _moment(until) if until is not None else None) for price, until in stored["l"]),
        familiar={Decimal(price): Sighting(count, _moment(at)) for price, (count, at) in stored["f"].items()},
    )


def findings_out(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as they are kept with incidents and sent: check, severity, reason, reference."""
    return [
        {
            "check": one.check.value,
            "severity": one.severity.name,
            "reason": one.reason.as_json(),
            "reference": _reference_out(one.reference),
        }
        for one in findings
    ]


def finding_in(stored: Mapping[str, Any]) -> Finding:
    """Return one finding as it was kept."""
    reference = stored.get("reference")
    return Finding(
        Check(stored["check"]),
        Severity[stored["severity"]],
        reason_in(stored["reason"]),
        Reference(reference["kind"], Decimal(reference["amount"])) if reference else None,
    )


def reason_in(stored: Mapping[str, Any]) -> Reason:
    """Return one reason as it was kept."""
    return Reason(stored["code"], stored["params"])


def told(stored: Mapping[str, Any], translate: words.Translate = words.as_written) -> str:
    """Put a kept finding into a sentence in the reader's language."""
    return words.tell(reason_in(stored["reason"]), translate)


def plan_out(plan: Plan) -> dict[str, Any]:
    """Return what follows from a judgement, by name."""
    return {
        "rung": plan.rung.name,
        "done": [one.name for one in plan.done],
        "proposed": [one.name for one in plan.proposed],
        "shadowed": [one.name for one in plan.shadowed],
        "revert": plan.revert.reason.as_json() if plan.revert else None,
    }


def _reference_out(reference: Reference | None) -> dict[str, Any] | None:
    if reference is None:
        return None
    at = reference.at.isoformat() if reference.at else None
    return {"kind": reference.kind, "amount": str(reference.amount), "at": at}


def _micro(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _moment(micro: int) -> datetime:
    return EPOCH + timedelta(microseconds=micro)
