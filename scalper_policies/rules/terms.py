"""A policy's terms as plain values that can be kept, sent and compared."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from scalper_policies.rules.policy import (
    MOST_A_MINUTE,
    SEVERITY,
    AddressRule,
    Band,
    Check,
    ClusterRule,
    Eligibility,
    Limit,
    Policy,
    SaleMode,
    Scope,
    Verdict,
)

PARTS: Mapping[str, Any] = {
    "scope": Scope,
    "eligibility": Eligibility,
    "limits": tuple[Limit, ...],
    "velocity": tuple[Limit, ...],
    "addresses": tuple[AddressRule, ...],
    "clusters": tuple[ClusterRule, ...],
    "mode": SaleMode,
    "queue_per_minute": int,
    "check": Check,
    "bands": tuple[Band, ...],
    "when_we_fail": Verdict,
}

# Left out where they are as usual, so that what was written before they were known stays the same text.
LATER = ("queue_per_minute", "check")
USUAL = Policy()

LONGEST_SKU = 80
LONGEST_NAME = 60
LONGEST_WINDOW = timedelta(days=3650)
LONGEST_HOLD = 24 * 90
MOST = 1_000_000_000
MOST_RULES = 200


class UnreadableTerms(ValueError):
    """Terms that are none: `field` says where, the text says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def to_plain(policy: Policy) -> dict[str, Any]:
    """What is kept of a policy: everything but its lists and snoozes, which stand in rows of their own."""
    usual = {name for name in LATER if getattr(policy, name) == getattr(USUAL, name)}
    parts = {name: getattr(policy, name) for name in PARTS if name not in usual}
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(parts, order="deterministic"))
    return plain


def from_plain(plain: Mapping[str, Any], *, version: int = 1) -> Policy:
    """The policy these terms say; parts left out are as a new policy has them."""
    if unknown := set(plain) - set(PARTS):
        raise UnreadableTerms(sorted(unknown)[0], "There is no such part of a policy.")
    read = {}
    for name, kind in PARTS.items():
        if name in plain:
            try:
                read[name] = msgspec.convert(plain[name], kind)
            except (msgspec.ValidationError, OverflowError) as error:
                raise UnreadableTerms(name, str(error)) from error
    return Policy(version=version, **read)


def readable(plain: Mapping[str, Any]) -> Policy:
    """The policy that somebody sent, who may have sent anything: what could not be kept or counted is refused."""
    try:
        json.dumps(plain, ensure_ascii=False).encode()
        is_text = "\\u0000" not in json.dumps(plain)
    except (UnicodeEncodeError, RecursionError, TypeError, ValueError) as error:
        raise UnreadableTerms("terms", "These are no terms.") from error
    if not is_text:
        raise UnreadableTerms("terms", "The character U+0000 cannot be kept.")
    policy = from_plain(plain)
    for field, is_bearable in _bearable(policy):
        if not is_bearable:
            raise UnreadableTerms(field, "A name, a date or a figure here is out of range.")
    return policy


def _bearable(policy: Policy) -> Iterator[tuple[str, bool]]:
    scope, wanted = policy.scope, policy.eligibility
    yield "scope", all(0 < len(sku) <= LONGEST_SKU for sku in scope.skus)
    yield "scope", all(len(name) <= LONGEST_NAME for name in (*scope.channels, *scope.regions, scope.time_zone))
    yield "scope", _is_near(scope.starts_at) and _is_near(scope.ends_at)
    dates = (wanted.announced_at, wanted.account_created_before, wanted.paid_orders_before)
    yield "eligibility", all(map(_is_near, dates))
    yield "eligibility", abs(wanted.paid_orders) <= MOST and abs(wanted.score) <= MOST
    for name in ("limits", "velocity", "addresses", "clusters"):
        rules = getattr(policy, name)
        yield name, len(rules) <= MOST_RULES
        yield name, all(0 < len(rule.id) <= LONGEST_NAME and abs(rule.score) <= MOST for rule in rules)
    yield "addresses", all(len(rule.tag) <= LONGEST_NAME for rule in policy.addresses)
    yield "clusters", all(abs(rule.signals) <= MOST for rule in policy.clusters)
    for limit in policy.counted:
        yield "limits", abs(limit.most) <= MOST and (limit.window is None or abs(limit.window) <= LONGEST_WINDOW)
    yield "queue_per_minute", 1 <= policy.queue_per_minute <= MOST_A_MINUTE
    yield "bands", len(policy.bands) <= MOST_RULES
    yield "bands", all(abs(band.at_least) <= MOST and 0 <= band.hours <= LONGEST_HOLD for band in policy.bands)


def _is_near(moment: datetime | None) -> bool:
    """Whether a moment names its time zone and lies where calendars reckon safely."""
    return moment is None or (moment.tzinfo is not None and 2000 <= moment.year <= 2100)


def harshest(policy: Policy) -> Verdict:
    """The harshest answer these terms can give; a deny list is not among the terms."""
    return max((band.verdict for band in policy.bands), key=SEVERITY.__getitem__, default=Verdict.ALLOW)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What differs between two versions, part by part: where, what it was, what it is."""
    for name in PARTS:
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            for field in sorted(old.keys() | new.keys()):
                if old.get(field) != new.get(field):
                    yield f"{name}.{field}", old.get(field), new.get(field)
        elif isinstance(old, list) and isinstance(new, list):
            yield from _of_lists(name, old, new)
        elif old != new:
            yield name, old, new


def _of_lists(name: str, old: list[Any], new: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    known = {_named(item): item for item in old}
    given = {_named(item): item for item in new}
    for label in dict.fromkeys([*known, *given]):
        if known.get(label) != given.get(label):
            yield f"{name}.{label}", known.get(label), given.get(label)


def _named(item: Mapping[str, Any]) -> str:
    return str(item.get("id") or item.get("at_least", ""))
