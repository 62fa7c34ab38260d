"""What a policy's author is told before anyone runs it, each fault with the policy that has it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scalper_policies.rules import backtest, checks, words
from scalper_policies.rules.checks import Gravity
from scalper_policies.rules.orders import OrderFacts, OrderLine
from scalper_policies.rules.policy import (
    AddressRule,
    Band,
    BuyerLists,
    ClusterRule,
    Dimension,
    Eligibility,
    Ending,
    Limit,
    Measure,
    Policy,
    SaleMode,
    Scope,
    Snooze,
    Verdict,
)
from scalper_policies.rules.windows import Reading

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
DAY = timedelta(days=1)
ACCOUNT = Limit("account", Dimension.ACCOUNT, 2, DAY)
PHONE = Limit("phone", Dimension.PHONE, 2, DAY)
SCOPE = Scope(skus=frozenset({"HOT"}), starts_at=NOW + DAY, ends_at=NOW + 3 * DAY)
GOOD = Policy(scope=SCOPE, limits=(ACCOUNT, PHONE))
ELIGIBLE = Eligibility(announced_at=NOW, account_created_before=NOW - DAY)
FAULTS = [
    ("NO_LISTING", replace(GOOD, scope=replace(SCOPE, skus=frozenset()))),
    ("LISTINGS_AND_ALL", replace(GOOD, scope=replace(SCOPE, all_listings=True))),
    ("ENDS_BEFORE_IT_STARTS", replace(GOOD, scope=replace(SCOPE, ends_at=NOW + DAY))),
    ("ALREADY_OVER", replace(GOOD, scope=replace(SCOPE, starts_at=None, ends_at=NOW))),
    ("TIME_WITHOUT_ZONE", replace(GOOD, scope=replace(SCOPE, starts_at=None, ends_at=NOW.replace(tzinfo=None)))),
    ("UNKNOWN_TIME_ZONE", replace(GOOD, scope=replace(SCOPE, time_zone="Mars/Olympus"))),
    ("UNKNOWN_TIME_ZONE", replace(GOOD, scope=replace(SCOPE, time_zone="../etc/passwd"))),
    ("AGE_AFTER_ANNOUNCEMENT", replace(GOOD, eligibility=replace(ELIGIBLE, account_created_before=NOW + DAY))),
    ("AGE_AFTER_ANNOUNCEMENT", replace(GOOD, eligibility=Eligibility(account_created_before=NOW + 2 * DAY))),
    ("PAID_ORDERS_AFTER_ANNOUNCEMENT", replace(GOOD, eligibility=replace(ELIGIBLE, paid_orders_before=NOW + DAY))),
    ("PAID_ORDERS_WITHOUT_DATE", replace(GOOD, eligibility=Eligibility(paid_orders=3))),
    ("FIGURE_OUT_OF_RANGE", replace(GOOD, eligibility=Eligibility(paid_orders=-1))),
    ("FIGURE_OUT_OF_RANGE", replace(GOOD, limits=(replace(ACCOUNT, score=101),))),
    ("FIGURE_OUT_OF_RANGE", replace(GOOD, bands=(Band(101, Verdict.REJECT),))),
    ("INVITATION_WITHOUT_ENTITLEMENT", replace(GOOD, mode=SaleMode.INVITATION)),
    ("DRAW_WITHOUT_WINDOW", replace(GOOD, mode=SaleMode.DRAW, scope=replace(SCOPE, ends_at=None))),
    ("QUEUE_WITHOUT_PACE", replace(GOOD, mode=SaleMode.QUEUE, queue_per_minute=0)),
    ("SAME_NAME_TWICE", replace(GOOD, limits=(ACCOUNT, replace(PHONE, id="account")))),
    ("LIMIT_BELOW_ONE", replace(GOOD, limits=(replace(ACCOUNT, most=0),))),
    ("WINDOW_WITHOUT_LENGTH", replace(GOOD, limits=(replace(ACCOUNT, window=timedelta(0)),))),
    ("SHARED_PLACE_ONLY_CHECKS", replace(GOOD, limits=(replace(ACCOUNT, dimension=Dimension.IP, most=9),))),
    ("SHARED_PLACE_IS_CROWDED", replace(GOOD, limits=(replace(ACCOUNT, dimension=Dimension.ADDRESS),))),
    ("CLUSTER_BY_ONE_SIGNAL", replace(GOOD, clusters=(ClusterRule("ring", signals=1),))),
    ("NEVER_FIRES_ALONE", replace(GOOD, limits=(ACCOUNT, replace(ACCOUNT, id="hour", window=timedelta(hours=1))))),
    ("NEVER_FIRES_ALONE", replace(GOOD, limits=(ACCOUNT, replace(ACCOUNT, id="copy")))),
    ("NEVER_FIRES_ALONE", replace(GOOD, limits=(ACCOUNT, replace(ACCOUNT, id="orders", measure=Measure.ORDERS)))),
    ("WINDOW_LONGER_THAN_LAUNCH", replace(GOOD, limits=(replace(ACCOUNT, window=9 * DAY),))),
    ("RULE_WITHOUT_SCORE", replace(GOOD, addresses=(AddressRule("tag", "T", 0),))),
    ("NO_RESPONSE", replace(GOOD, bands=())),
    ("TWO_RESPONSES_AT_ONE_SCORE", replace(GOOD, bands=(Band(10, Verdict.HOLD), Band(10, Verdict.REJECT)))),
    ("MORE_SCORE_MILDER_ANSWER", replace(GOOD, bands=(Band(10, Verdict.REJECT), Band(50, Verdict.HOLD)))),
    ("RESPONSE_NEVER_REACHED", replace(GOOD, limits=(replace(ACCOUNT, score=50),))),
    ("SCORE_WITHOUT_RESPONSE", replace(GOOD, limits=(replace(ACCOUNT, score=5),), bands=(Band(50, Verdict.HOLD),))),
    (
        "EXEMPT_AND_DENIED",
        replace(GOOD, lists=BuyerLists({(Dimension.IP, "x"): None}, {(Dimension.IP, "x"): None})),
    ),
    ("SNOOZE_IS_OVER", replace(GOOD, snoozes=(Snooze("account", Dimension.ACCOUNT, "a", NOW),))),
    ("SNOOZE_OF_NO_RULE", replace(GOOD, snoozes=(Snooze("nothing", Dimension.ACCOUNT, "a", NOW + DAY),))),
    ("PROTECTS_NOTHING", replace(GOOD, limits=())),
    ("NO_LIMIT", replace(GOOD, limits=(), eligibility=Eligibility(phone_verified=True))),
    ("ONLY_ACCOUNTS_ARE_LIMITED", replace(GOOD, limits=(ACCOUNT,))),
    ("UNITS_ARE_NOT_LIMITED", replace(GOOD, limits=(replace(ACCOUNT, measure=Measure.ORDERS),))),
    ("NO_END", replace(GOOD, scope=replace(SCOPE, ends_at=None))),
]


def codes(policy: Policy) -> set[str]:
    return {finding.code for finding in checks.findings(policy, at=NOW)}


def test_a_good_policy_has_nothing_to_find() -> None:
    assert checks.findings(GOOD, at=NOW) == ()
    assert not checks.blocks(())
    assert codes(replace(GOOD, eligibility=ELIGIBLE, clusters=(ClusterRule("ring"),))) == set()


@pytest.mark.parametrize(("code", "policy"), FAULTS, ids=[code for code, _ in FAULTS])
def test_each_fault_is_found_and_has_its_sentence(code: str, policy: Policy) -> None:
    found = checks.findings(policy, at=NOW)

    assert code in {finding.code for finding in found}
    for finding in found:
        assert words.FINDINGS[finding.code] % dict(finding.params)


def test_every_sentence_of_a_finding_is_reached() -> None:
    assert {code for code, _ in FAULTS} | {"PREVIEW_SAW_NO_ORDER", "HITS_MANY_BUYERS", "HITS_SOME_BUYERS"} == set(
        words.FINDINGS
    )


def test_errors_come_first_and_block() -> None:
    found = checks.findings(replace(GOOD, limits=(ACCOUNT,), scope=replace(SCOPE, skus=frozenset())), at=NOW)

    assert found[0].gravity is Gravity.ERROR
    assert checks.blocks(found)
    assert not checks.blocks(checks.findings(replace(GOOD, limits=(ACCOUNT,)), at=NOW))


@pytest.mark.parametrize(
    "other",
    [
        replace(ACCOUNT, id="wide", window=2 * DAY, most=9),
        replace(ACCOUNT, id="each", per_listing=True, most=1),
        replace(ACCOUNT, id="orders", measure=Measure.ORDERS, most=1),
        replace(ACCOUNT, id="kept", window=timedelta(hours=1), gives_back=frozenset()),
        replace(ACCOUNT, id="launch", window=None, most=4),
    ],
    ids=lambda limit: limit.id,
)
def test_limits_that_add_something_are_left_in_peace(other: Limit) -> None:
    assert "NEVER_FIRES_ALONE" not in codes(replace(GOOD, limits=(ACCOUNT, other)))


LIMITS = st.builds(
    Limit,
    id=st.sampled_from(["one", "two"]),
    dimension=st.just(Dimension.ACCOUNT),
    most=st.integers(1, 3),
    window=st.sampled_from([None, timedelta(minutes=5), timedelta(minutes=20)]),
    measure=st.sampled_from(Measure),
    per_listing=st.booleans(),
    gives_back=st.frozensets(st.sampled_from(Ending)),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(
    limits=st.tuples(LIMITS, LIMITS).map(lambda pair: (replace(pair[0], id="one"), replace(pair[1], id="two"))),
    drawn=st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from("AB"), st.integers(1, 2), st.sampled_from([None, *Ending])),
        max_size=20,
    ),
)
def test_a_rule_said_never_to_fire_alone_never_does(limits: tuple[Limit, Limit], drawn: list) -> None:  # type: ignore[type-arg]
    policy = Policy(scope=Scope(all_listings=True), limits=limits)
    orders = [
        OrderFacts(
            str(number),
            NOW + timedelta(minutes=minutes),
            (OrderLine(sku, units),),
            keys={Dimension.ACCOUNT: "a"},
            ended_at=NOW + timedelta(minutes=minutes + 3) if ending else None,
            ending=ending,
        )
        for number, (minutes, sku, units, ending) in enumerate(sorted(drawn, key=lambda order: order[0]))
    ]
    covered = {found.where for found in checks.findings(policy) if found.code == "NEVER_FIRES_ALONE"}

    report = backtest.backtest(policy, orders)

    assert all((name,) not in report.overlap for name in covered)


def report(buyers: int, hit: int) -> backtest.Report:
    empty = backtest.backtest(GOOD, [], Reading.OBSERVED)
    return replace(empty, in_scope=buyers, buyers=buyers, buyers_hit=hit)


@pytest.mark.parametrize(
    ("buyers", "hit", "expected"),
    [
        (0, 0, [("PREVIEW_SAW_NO_ORDER", Gravity.NOTE)]),
        (100, 1, []),
        (100, 2, [("HITS_SOME_BUYERS", Gravity.NOTE)]),
        (100, 20, [("HITS_MANY_BUYERS", Gravity.WARNING)]),
        (1000, 980, [("HITS_MANY_BUYERS", Gravity.WARNING)]),
    ],
)
def test_a_preview_that_hits_many_buyers_warns(buyers: int, hit: int, expected: list[tuple[str, Gravity]]) -> None:
    found = checks.impact(report(buyers, hit))

    assert [(finding.code, finding.gravity) for finding in found] == expected
    for finding in found:
        assert words.FINDINGS[finding.code] % dict(finding.params)


def test_orders_without_any_account_hit_no_buyer() -> None:
    assert checks.impact(replace(report(0, 0), in_scope=5)) == ()
