from dataclasses import replace
from decimal import Decimal

import pytest

from claims.rules import breaches
from claims.rules.breaches import Allowance, Overdue
from claims.rules.sla import OnBreach, Target

OVERDUE = Overdue(
    target=Target.RESOLUTION,
    on_breach=OnBreach.AUTO_UPHOLD,
    amount=Decimal("500.00"),
    is_complete=True,
    is_undecided=True,
)
ALLOWANCE = Allowance(switched_on=True, left_today=1, second_approval_amount=Decimal("500.00"))


def test_a_complete_overdue_claim_is_upheld_when_operations_allow_it():
    assert breaches.answer_to(OVERDUE, ALLOWANCE) == breaches.Answer(OnBreach.AUTO_UPHOLD)


@pytest.mark.parametrize("stated", [OnBreach.ESCALATE, OnBreach.NOTIFY])
def test_what_the_target_states_is_done(stated):
    assert breaches.answer_to(replace(OVERDUE, on_breach=stated), ALLOWANCE) == breaches.Answer(stated)


def test_upholding_by_the_clock_is_off_unless_switched_on():
    answer = breaches.answer_to(OVERDUE, Allowance())

    assert answer.action == OnBreach.ESCALATE
    assert answer.reasons[0].code == "AUTO_UPHOLD_IS_OFF"


@pytest.mark.parametrize(
    ("claim", "allowance", "code"),
    [
        ({}, {"left_today": 0}, "AUTO_UPHOLD_BUDGET_SPENT"),
        ({"is_complete": False}, {}, "EVIDENCE_INCOMPLETE"),
        ({"amount": Decimal("500.01")}, {}, "NEEDS_SECOND_APPROVAL"),
        ({"awaits_second_approval": True}, {}, "NEEDS_SECOND_APPROVAL"),
        ({"target": Target.FIRST_RESPONSE}, {}, "NOT_THE_RESOLUTION"),
        ({"is_undecided": False}, {}, "NOT_UNDECIDED"),
    ],
)
def test_one_thing_wanting_and_the_claim_is_escalated_instead(claim, allowance, code):
    answer = breaches.answer_to(replace(OVERDUE, **claim), replace(ALLOWANCE, **allowance))

    assert answer.action == OnBreach.ESCALATE
    assert [reason.code for reason in answer.reasons] == [code]
