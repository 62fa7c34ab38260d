"""A policy's terms as plain values that can be kept, sent and compared."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from scalper_policies.rules.policy import (
    SEVERITY,
    AddressRule,
    Band,
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
    "bands": tuple[Band, ...],
    "when_we_fail": Verdict,
}


class UnreadableTerms(ValueError):
    """Terms that are none: `field` says where, the text says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def to_plain(policy: Policy) -> dict[str, Any]:
    """What is kept of a policy: everything but its lists and snoozes, which stand in rows of their own."""
    parts = {name: getattr(policy, name) for name in PARTS}
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
