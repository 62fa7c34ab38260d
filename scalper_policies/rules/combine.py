"""One answer out of the answers of several policies: the harshest stands, every reason is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from scalper_policies.rules.evaluate import Decision, Reason
from scalper_policies.rules.policy import SEVERITY, Verdict


@dataclass(frozen=True, slots=True)
class Combined:
    """What the platform is told about an order."""

    verdict: Verdict = Verdict.ALLOW
    reasons: tuple[Reason, ...] = ()
    score: int = 0
    hold: timedelta | None = None


def harshest(decisions: Iterable[Decision]) -> Combined:
    """The answer to an order that several policies are about; one without any policy passes."""
    found = list(decisions)
    if not found:
        return Combined()
    verdict = max((each.verdict for each in found), key=SEVERITY.__getitem__)
    holds = [each.hold for each in found if each.hold is not None and each.verdict is verdict]
    return Combined(
        verdict=verdict,
        reasons=tuple(reason for each in found for reason in each.reasons),
        score=max(each.score for each in found),
        hold=max(holds, default=None),
    )
