from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from claims import lifecycle
from claims.rules import routing
from claims.rules.routing import Facts, Risk, Rule, Why

FACTS = Facts(kind="EXTORTION", amount=Decimal("900.00"), tier="GOLD", risk=Risk.MEDIUM, language="zh")
RULES = [
    Rule("big", "SENIORS", amount_from=Decimal(1000), skills=frozenset({"BIG"}), priority="URGENT"),
    Rule("threats", "THREATS", kinds=frozenset({"EXTORTION"}), risk_from=Risk.MEDIUM),
    Rule("english", "ENGLISH", languages=frozenset({"en"}), tiers=frozenset({"GOLD", "BASIC"})),
    Rule("small", "SMALL", amount_below=Decimal(50)),
]


@pytest.mark.parametrize(
    ("change", "queue", "rule"),
    [
        ({"amount": Decimal(1000)}, "SENIORS", "big"),
        ({}, "THREATS", "threats"),
        ({"risk": Risk.HIGH, "language": "en"}, "THREATS", "threats"),
        ({"risk": Risk.LOW, "language": "en"}, "ENGLISH", "english"),
        ({"risk": Risk.LOW, "language": "en", "tier": "NEW"}, "GENERAL", None),
        ({"kind": "ABNORMAL_ORDER", "amount": Decimal("49.99")}, "SMALL", "small"),
        ({"kind": "ABNORMAL_ORDER", "amount": Decimal(50)}, "GENERAL", None),
    ],
)
def test_the_first_rule_that_fits_decides(change, queue, rule):
    found = routing.route(RULES, replace(FACTS, **change), otherwise="GENERAL")

    assert (found.queue, found.rule) == (queue, rule)


def test_routing_says_what_fitted_and_why_the_rules_above_did_not():
    found = routing.route(RULES, FACTS, otherwise="GENERAL")

    assert [(reason.code, reason.facts["is"]) for reason in found.reasons] == [
        ("KIND", "EXTORTION"),
        ("RISK", Risk.MEDIUM),
    ]
    assert [(reason.code, reason.facts) for reason in found.passed_over] == [
        ("AMOUNT_FROM", {"rule": "big", "is": Decimal("900.00")})
    ]


def test_routing_carries_the_skills_and_the_priority_of_its_rule():
    found = routing.route(RULES, replace(FACTS, amount=Decimal(5000)), otherwise="GENERAL")

    assert (found.skills, found.priority) == ({"BIG"}, "URGENT")
    assert routing.may_take({"BIG", "ENGLISH"}, found.skills)
    assert not routing.may_take({"ENGLISH"}, found.skills)


def test_without_a_rule_that_fits_the_claim_is_not_lost():
    found = routing.route([], FACTS, otherwise="GENERAL")

    assert (found.queue, found.priority) == ("GENERAL", "NORMAL")
    assert [reason.code for reason in found.reasons] == ["NO_RULE"]


def test_a_rule_without_conditions_takes_everything():
    found = routing.route([Rule("all", "ALL")], FACTS, otherwise="GENERAL")

    assert [reason.code for reason in found.reasons] == ["EVERYTHING"]


@pytest.mark.parametrize(
    ("above", "below", "hidden"),
    [
        ({}, {"kinds": frozenset({"A"})}, True),
        ({"kinds": frozenset({"A", "B"})}, {"kinds": frozenset({"A"})}, True),
        ({"kinds": frozenset({"A"})}, {"kinds": frozenset({"A", "B"})}, False),
        ({"kinds": frozenset({"A"})}, {}, False),
        ({"amount_from": Decimal(10)}, {"amount_from": Decimal(20)}, True),
        ({"amount_from": Decimal(20)}, {"amount_from": Decimal(10)}, False),
        ({"amount_from": Decimal(20)}, {}, False),
        ({"amount_below": Decimal(20)}, {"amount_below": Decimal(10)}, True),
        ({"amount_below": Decimal(10)}, {"amount_below": Decimal(20)}, False),
        ({"amount_below": Decimal(10)}, {}, False),
        ({"risk_from": Risk.MEDIUM}, {"risk_from": Risk.HIGH}, True),
        ({"risk_from": Risk.HIGH}, {"risk_from": Risk.MEDIUM}, False),
        ({"risk_from": Risk.LOW}, {}, True),
    ],
)
def test_a_rule_that_can_never_decide_is_found(above, below, hidden):
    found = routing.unreachable([Rule("above", "A", **above), Rule("below", "B", **below)])

    assert found == ((("below", "above"),) if hidden else ())


def test_each_reason_is_closed_by_its_own_decision():
    reasons = (Why.NEW_CLAIM, Why.SAMPLE_REVIEW)

    assert routing.open_reasons(reasons, "take") == reasons
    assert routing.open_reasons(reasons, "uphold") == (Why.SAMPLE_REVIEW,)
    assert routing.open_reasons((Why.SECOND_APPROVAL,), "send_back") == ()
    assert routing.open_reasons((Why.APPEAL,), "uphold") == (Why.APPEAL,)


def test_reasons_are_closed_by_moves_that_exist():
    named = set().union(*routing.CLOSED_BY.values()) - {"second_review"}

    assert set(routing.CLOSED_BY) == set(Why)
    assert named <= set(lifecycle.MOVES)


def test_the_desk_sorts_by_the_next_deadline_then_by_the_stake():
    soon, late = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)
    items = {
        "no deadline": routing.order_key(due_at=None, stake=Decimal(9999)),
        "late": routing.order_key(due_at=late, stake=Decimal(9999)),
        "soon, small": routing.order_key(due_at=soon, stake=Decimal(1)),
        "soon, big": routing.order_key(due_at=soon, stake=Decimal(2)),
    }

    assert sorted(items, key=items.get) == ["soon, big", "soon, small", "late", "no deadline"]
