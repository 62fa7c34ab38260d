"""What a policy answers, rule by rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scalper_policies.rules import checks, evaluate
from scalper_policies.rules.evaluate import Remedy, Slot
from scalper_policies.rules.orders import OrderFacts, OrderLine
from scalper_policies.rules.policy import (
    AddressRule,
    Band,
    BuyerLists,
    ClusterRule,
    Dimension,
    Eligibility,
    Limit,
    Measure,
    Policy,
    Scope,
    Snooze,
    Verdict,
    velocity,
)

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
DAY = timedelta(days=1)
TWO = Limit("two a day", Dimension.ACCOUNT, 2, DAY)
POLICY = Policy(scope=Scope(skus=frozenset({"HOT"}), starts_at=NOW - DAY, ends_at=NOW + DAY), limits=(TWO,))
KEYS = {Dimension.ACCOUNT: "a1", Dimension.ADDRESS_CLUSTER: "dorm", Dimension.IP: "nat", Dimension.DEVICE: "d1"}
ORDER = OrderFacts("1", NOW, (OrderLine("HOT", 1), OrderLine("OTHER", 9)), keys=KEYS)


def test_an_order_within_its_limit_passes_without_a_reason() -> None:
    decision = evaluate.evaluate(POLICY, ORDER, {Slot("two a day", "a1"): 1})

    assert decision == evaluate.PASSES


def test_an_order_over_its_limit_is_rejected_and_told_what_would_pass() -> None:
    two = replace(ORDER, lines=(OrderLine("HOT", 2),))

    decision = evaluate.evaluate(POLICY, two, {Slot("two a day", "a1"): 1})

    (reason,) = decision.reasons
    assert decision.verdict is Verdict.REJECT
    assert decision.score == 100
    assert (reason.rule, reason.dimension, reason.observed, reason.limit) == ("two a day", "ACCOUNT", 3, 2)
    assert reason.would_pass_if == Remedy("AT_MOST_UNITS", (("units", 1),))


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        (TWO, "LATER"),
        (replace(TWO, window=None), "NOT_IN_THIS_LAUNCH"),
        (replace(TWO, measure=Measure.ORDERS), "LATER"),
    ],
)
def test_a_used_up_limit_says_when_an_order_would_pass(limit: Limit, code: str) -> None:
    decision = evaluate.evaluate(replace(POLICY, limits=(limit,)), ORDER, {Slot("two a day", "a1"): 2})

    assert decision.reasons[0].would_pass_if.code == code


def test_needs_name_the_window_and_what_the_order_adds() -> None:
    order = replace(ORDER, lines=(OrderLine("HOT", 2), OrderLine("HOT", 1), OrderLine("B", 4), OrderLine("HOT", -1)))
    policy = replace(
        POLICY,
        scope=Scope(all_listings=True),
        limits=(TWO, replace(TWO, id="each", per_listing=True), replace(TWO, id="orders", measure=Measure.ORDERS)),
        velocity=(velocity("fast", Dimension.IP, orders=5),),
    )

    found = [(need.slot, need.after, need.until, need.own) for need in evaluate.needs(policy, order)]

    assert found == [
        (Slot("two a day", "a1"), NOW - DAY, NOW, 7),
        (Slot("each", "a1", "HOT"), NOW - DAY, NOW, 3),
        (Slot("each", "a1", "B"), NOW - DAY, NOW, 4),
        (Slot("orders", "a1"), NOW - DAY, NOW, 1),
        (Slot("fast", "nat"), NOW - timedelta(minutes=1), NOW, 1),
    ]


def test_a_dimension_without_a_key_is_not_counted() -> None:
    assert evaluate.needs(POLICY, replace(ORDER, keys={})) == []
    assert evaluate.evaluate(POLICY, replace(ORDER, keys={Dimension.ACCOUNT: ""}), {}) == evaluate.PASSES


@pytest.mark.case("SC-03")
@pytest.mark.parametrize("at", [NOW + DAY, NOW + 9 * DAY, NOW - DAY - timedelta(seconds=1)])
def test_a_policy_that_is_over_or_not_begun_decides_nothing(at: datetime) -> None:
    decision = evaluate.evaluate(POLICY, replace(ORDER, placed_at=at), {Slot("two a day", "a1"): 99})

    assert decision == evaluate.NOT_CONCERNED
    assert not decision.applies


@pytest.mark.parametrize(
    ("scope", "applies"),
    [
        (Scope(), False),
        (Scope(skus=frozenset({"COLD"})), False),
        (Scope(all_listings=True), True),
        (Scope(all_listings=True, channels=frozenset({"APP"})), False),
        (Scope(all_listings=True, channels=frozenset({"WEB"}), regions=frozenset({"CN"})), True),
        (Scope(all_listings=True, regions=frozenset({"UK"})), False),
    ],
)
def test_a_policy_is_about_its_listings_channels_and_regions(scope: Scope, applies: bool) -> None:
    order = replace(ORDER, channel="WEB", region="CN")

    assert evaluate.concerns(replace(POLICY, scope=scope), order) is applies


@pytest.mark.case("SC-04")
def test_exempt_beats_deny_until_it_expires() -> None:
    key = (Dimension.ACCOUNT, "a1")
    both = replace(POLICY, lists=BuyerLists(exempt={key: NOW + DAY}, deny={key: None}))
    over = replace(POLICY, lists=BuyerLists(exempt={key: NOW}, deny={key: None}))

    assert evaluate.evaluate(both, ORDER, {Slot("two a day", "a1"): 99}) == evaluate.EXEMPT
    denied = evaluate.evaluate(over, ORDER, {})
    assert denied.verdict is Verdict.REJECT
    assert denied.reasons[0].rule == evaluate.DENY_LIST


def test_deny_entries_expire_too() -> None:
    policy = replace(POLICY, lists=BuyerLists(deny={(Dimension.DEVICE, "d1"): NOW}))

    assert evaluate.evaluate(policy, ORDER, {}) == evaluate.PASSES
    assert not evaluate.is_listed(policy, ORDER)


def test_a_snoozed_rule_is_left_aside_for_one_key_until_its_date() -> None:
    counts = {Slot("two a day", "a1"): 2}
    snooze = Snooze("two a day", Dimension.ACCOUNT, "a1", NOW + DAY)

    assert evaluate.evaluate(replace(POLICY, snoozes=(snooze,)), ORDER, counts).verdict is Verdict.ALLOW
    for other in (replace(snooze, until=NOW), replace(snooze, key="a2"), replace(snooze, rule="three a day")):
        assert evaluate.evaluate(replace(POLICY, snoozes=(other,)), ORDER, counts).verdict is Verdict.REJECT


@pytest.mark.parametrize("dimension", [Dimension.ADDRESS_CLUSTER, Dimension.IP, Dimension.ADDRESS, Dimension.HOUSEHOLD])
def test_a_dormitory_or_an_office_is_never_worse_off_than_a_check(dimension: Dimension) -> None:
    shared = Limit("three a place", dimension, 3, None)
    everything = tuple(replace(shared, id=f"by {place}", dimension=place) for place in (dimension, Dimension.IP_NET))
    order = replace(ORDER, keys={Dimension.ACCOUNT: "a1", dimension: "place", Dimension.IP_NET: "net"})
    counts = {Slot(f"by {dimension}", "place"): 400, Slot(f"by {Dimension.IP_NET}", "net"): 400}

    decision = evaluate.evaluate(replace(POLICY, limits=(TWO, *everything)), order, counts)

    assert decision.verdict is Verdict.VERIFY
    assert decision.hold is None


def test_a_shared_place_and_a_shared_device_together_are_more_than_a_check() -> None:
    place = Limit("place", Dimension.ADDRESS_CLUSTER, 3, None)
    device = Limit("device", Dimension.DEVICE, 1, None)

    decision = evaluate.evaluate(
        replace(POLICY, limits=(place, device)), ORDER, {Slot("place", "dorm"): 9, Slot("device", "d1"): 1}
    )

    assert decision.verdict is Verdict.REJECT
    assert len(decision.reasons) == 2


def test_what_one_order_takes_by_itself_is_held_against_it_anywhere() -> None:
    place = Limit("place", Dimension.ADDRESS_CLUSTER, 3, None)
    order = replace(ORDER, lines=(OrderLine("HOT", 4),))

    assert evaluate.evaluate(replace(POLICY, limits=(place,)), order, {}).verdict is Verdict.REJECT


@pytest.mark.case("SC-08")
def test_an_account_opened_after_the_cut_off_cannot_take_part_however_old_it_is_by_the_launch() -> None:
    announced = NOW - 60 * DAY
    wanted = Eligibility(announced_at=announced, account_created_before=announced - 30 * DAY)
    policy = replace(POLICY, eligibility=wanted)

    def verdict(created: datetime) -> Verdict:
        return evaluate.evaluate(policy, replace(ORDER, account_created_at=created), {}).verdict

    assert verdict(announced - 31 * DAY) is Verdict.ALLOW
    assert verdict(announced - 30 * DAY) is Verdict.REJECT
    assert verdict(announced - 29 * DAY) is Verdict.REJECT
    late = replace(policy, eligibility=replace(wanted, account_created_before=announced + timedelta(seconds=1)))
    assert "AGE_AFTER_ANNOUNCEMENT" in {each.code for each in checks.findings(late)}
    assert checks.blocks(checks.findings(late))  # such a policy is never approved


@pytest.mark.parametrize(
    ("wanted", "good", "bad"),
    [
        (Eligibility(phone_verified=True), {"phone_verified": True}, {"phone_verified": False}),
        (Eligibility(real_name_verified=True), {"real_name_verified": True}, {"real_name_verified": False}),
        (Eligibility(levels=frozenset({"GOLD"})), {"level": "GOLD"}, {"level": "TIN"}),
        (Eligibility(paid_orders=2), {"paid_orders": 2}, {"paid_orders": 1}),
        (Eligibility(entitlement="F"), {"entitlements": frozenset({"F"})}, {"entitlements": frozenset()}),
        (
            Eligibility(account_created_before=NOW - DAY),
            {"account_created_at": NOW - 2 * DAY},
            {"account_created_at": NOW},
        ),
    ],
)
def test_a_requirement_lets_in_who_meets_it_and_asks_where_nothing_is_known(
    wanted: Eligibility, good: dict[str, object], bad: dict[str, object]
) -> None:
    policy = replace(POLICY, eligibility=wanted)

    assert evaluate.evaluate(policy, replace(ORDER, **good), {}) == evaluate.PASSES  # type: ignore[arg-type]
    refused = evaluate.evaluate(policy, replace(ORDER, **bad), {})  # type: ignore[arg-type]
    assert refused.verdict is Verdict.REJECT
    assert refused.reasons[0].observed is not None
    unknown = evaluate.evaluate(policy, ORDER, {})
    assert unknown.verdict is Verdict.VERIFY
    assert unknown.reasons[0].would_pass_if.code == evaluate.UNKNOWN_FACT


def test_a_tagged_address_counts_its_score() -> None:
    policy = replace(POLICY, addresses=(AddressRule("forwarders", "FREIGHT_FORWARDER", 40),))

    decision = evaluate.evaluate(policy, replace(ORDER, address_tags=("FREIGHT_FORWARDER",)), {})

    assert decision.verdict is Verdict.HOLD
    assert decision.hold == timedelta(hours=24)
    assert evaluate.evaluate(policy, replace(ORDER, address_tags=("PARCEL_LOCKER",)), {}) == evaluate.PASSES


def test_a_cluster_needs_two_signals_whatever_the_rule_says() -> None:
    policy = replace(POLICY, clusters=(ClusterRule("ring", signals=1, score=80),))

    assert evaluate.evaluate(policy, replace(ORDER, cluster_signals=frozenset({"PHONE"})), {}) == evaluate.PASSES
    tied = evaluate.evaluate(policy, replace(ORDER, cluster_signals=frozenset({"PHONE", "DEVICE"})), {})
    assert tied.verdict is Verdict.REJECT


def test_a_limit_by_cluster_only_checks_while_one_signal_ties_it() -> None:
    policy = replace(POLICY, limits=(Limit("ring", Dimension.CLUSTER, 2, None),))
    order = replace(ORDER, keys={Dimension.CLUSTER: "c"})
    counts = {Slot("ring", "c"): 2}

    loose = evaluate.evaluate(policy, replace(order, cluster_signals=frozenset({"PHONE"})), counts)
    tied = evaluate.evaluate(policy, replace(order, cluster_signals=frozenset({"PHONE", "ADDRESS"})), counts)

    assert (loose.verdict, tied.verdict) == (Verdict.VERIFY, Verdict.REJECT)


def test_scores_add_up_to_a_hundred_and_choose_the_band() -> None:
    bands = (Band(30, Verdict.VERIFY), Band(60, Verdict.REVIEW), Band(100, Verdict.REJECT))
    rules = tuple(AddressRule(f"r{n}", f"T{n}", 30) for n in range(4))
    policy = replace(POLICY, addresses=rules, bands=bands)

    verdicts = [
        evaluate.evaluate(policy, replace(ORDER, address_tags=tuple(f"T{n}" for n in range(tags))), {})
        for tags in range(5)
    ]

    assert [decision.score for decision in verdicts] == [0, 30, 60, 90, 100]
    assert [decision.verdict.value for decision in verdicts] == ["ALLOW", "VERIFY", "REVIEW", "REVIEW", "REJECT"]


def test_a_score_below_every_band_allows_and_still_says_why() -> None:
    policy = replace(POLICY, addresses=(AddressRule("r", "T", 10),), bands=(Band(50, Verdict.REJECT),))

    decision = evaluate.evaluate(policy, replace(ORDER, address_tags=("T",)), {})

    assert (decision.verdict, decision.score, len(decision.reasons)) == (Verdict.ALLOW, 10, 1)


@pytest.mark.parametrize("verdict", Verdict)
def test_only_a_rejected_order_reserves_nothing(verdict: Verdict) -> None:
    assert evaluate.reserves(evaluate.Decision(verdict)) is (verdict is not Verdict.REJECT)
