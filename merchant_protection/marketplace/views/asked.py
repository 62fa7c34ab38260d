"""Actions as people read them: whose rule asked for what, and why, in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from merchant_protection.marketplace import wording
from merchant_protection.marketplace.models import PlatformAction, RulePause


@dataclass(frozen=True)
class Shown:
    """One action with the name of its rule and its reason in words."""

    action: PlatformAction
    rule: str
    why: str


def shown(actions: Iterable[PlatformAction]) -> list[Shown]:
    """Return actions with their words; each feature is asked once for all of a shop."""
    rows = list(actions)
    words = wording.asked_together((row.merchant_id, row.feature, (row.rule, row.reason)) for row in rows)
    found = []
    for row in rows:
        known = words[row.merchant_id, row.feature]
        found.append(Shown(row, known.get(row.rule, ""), known.get(row.reason, "")))
    return found


def names(pauses: Iterable[RulePause]) -> dict[int, str]:
    """Return the names of rules that stand still, by the pause."""
    rows = list(pauses)
    words = wording.asked_together((row.merchant_id, row.feature, (row.rule,)) for row in rows)
    return {row.pk: words[row.merchant_id, row.feature][row.rule] for row in rows}
