"""What is done when a target has been missed."""

from dataclasses import dataclass
from decimal import Decimal

from claims.rules.reasons import Reason
from claims.rules.sla import OnBreach, Target


@dataclass(frozen=True)
class Allowance:
    """What operations allow the clock to uphold by itself; nothing unless switched on."""

    switched_on: bool = False
    left_today: int = 0
    second_approval_amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Overdue:
    """What is known of a claim whose target has passed."""

    target: Target
    on_breach: OnBreach
    amount: Decimal
    is_complete: bool
    is_undecided: bool
    awaits_second_approval: bool = False


@dataclass(frozen=True)
class Answer:
    """What happens now, and every reason why it is not more."""

    action: OnBreach
    reasons: tuple[Reason, ...] = ()


def answer_to(overdue: Overdue, allowance: Allowance) -> Answer:
    """Return what a missed target leads to.

    It never rejects. Upholding needs the switch, a budget, complete evidence, an
    unanswered resolution and an amount that no second person must approve;
    wanting any of these, the claim is escalated instead.
    """
    if overdue.on_breach is not OnBreach.AUTO_UPHOLD:
        return Answer(overdue.on_breach)
    obstacles = {
        "AUTO_UPHOLD_IS_OFF": not allowance.switched_on,
        "AUTO_UPHOLD_BUDGET_SPENT": allowance.left_today <= 0,
        "EVIDENCE_INCOMPLETE": not overdue.is_complete,
        "NEEDS_SECOND_APPROVAL": (overdue.awaits_second_approval or overdue.amount > allowance.second_approval_amount),
        "NOT_THE_RESOLUTION": overdue.target is not Target.RESOLUTION,
        "NOT_UNDECIDED": not overdue.is_undecided,
    }
    reasons = tuple(Reason(code) for code, stands in obstacles.items() if stands)
    return Answer(OnBreach.ESCALATE if reasons else OnBreach.AUTO_UPHOLD, reasons)
