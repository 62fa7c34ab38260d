"""A policy in words, every sentence of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scalper_policies.rules import evaluate, words
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
    SaleMode,
    Scope,
    Snooze,
    Verdict,
    velocity,
)

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = (Dimension.ACCOUNT, "a")
FULL = Policy(
    scope=Scope(
        skus=frozenset({"A", "B"}),
        starts_at=NOW,
        ends_at=NOW + DAY,
        channels=frozenset({"web", "app"}),
        regions=frozenset({"CN"}),
    ),
    eligibility=Eligibility(
        account_created_before=NOW - DAY,
        phone_verified=True,
        real_name_verified=True,
        levels=frozenset({"GOLD"}),
        paid_orders=2,
        paid_orders_before=NOW - DAY,
        entitlement="F-code",
    ),
    limits=(
        Limit("a", Dimension.ACCOUNT, 2, DAY),
        Limit("b", Dimension.PHONE, 1, None),
        Limit("c", Dimension.DEVICE, 3, timedelta(minutes=90), per_listing=True),
    ),
    velocity=(velocity("d", Dimension.IP, orders=5),),
    addresses=(AddressRule("e", "FREIGHT_FORWARDER", 40), AddressRule("f", "our own list", 20)),
    clusters=(ClusterRule("g"),),
    lists=BuyerLists({KEY: None}, {KEY: None}),
    snoozes=(Snooze("a", *KEY, until=NOW),),
    mode=SaleMode.DRAW,
    bands=(Band(70, Verdict.REJECT), Band(40, Verdict.HOLD, hours=24)),
    when_we_fail=Verdict.HOLD,
)


def read(policy: Policy) -> list[str]:
    return [words.text(sentence, str) for sentence in words.summary(policy)]


def test_a_full_policy_reads_as_sentences() -> None:
    assert read(FULL) == [
        "Listings it is about: 2.",
        "It runs from 2026-11-24 18:00 to 2026-11-25 18:00.",
        "Only in these channels: app, web.",
        "Only in these regions: CN.",
        "Accounts must be older than 2026-11-23 18:00.",
        "Accounts must have a verified phone.",
        "Accounts must be verified by real name.",
        "Only these member levels: GOLD.",
        "Accounts must have at least 2 paid orders before 2026-11-23 18:00.",
        "Only with the entitlement F-code.",
        "One account may buy 2 in 24 h.",
        "One phone number may buy 1 in the whole launch.",
        "One device may buy 3 of each listing in 90 min.",
        "One IP address may place 5 orders in 1 min.",
        "Orders to a freight forwarder count 40 towards an answer.",
        "Orders to our own list count 20 towards an answer.",
        "Accounts tied by 2 independent signals count 60 towards an answer.",
        "Entries that are exempt: 1.",
        "Entries that are denied, unless they are exempt: 1.",
        "Rules snoozed for single buyers: 1.",
        "A draw with equal odds decides who may buy.",
        "From a score of 40: held for 24 h.",
        "From a score of 70: rejected.",
        "When we cannot answer in time: held.",
    ]


def test_the_smallest_policy_reads_too() -> None:
    bands = (Band(1, Verdict.HOLD),)
    plain = Policy(scope=Scope(all_listings=True), bands=bands, eligibility=Eligibility(paid_orders=1))

    assert read(plain) == [
        "It is about every listing of the shop.",
        "Accounts must have at least 1 paid orders.",
        "From a score of 1: held.",
        "When we cannot answer in time: allowed.",
    ]


def test_one_end_of_a_launch_may_be_open_and_a_wrong_zone_leaves_times_as_they_are() -> None:
    begins = replace(FULL, scope=Scope(all_listings=True, starts_at=NOW, time_zone="Mars/Olympus"))
    ends = replace(FULL, scope=Scope(all_listings=True, ends_at=NOW))

    assert read(begins)[1] == "It runs from 2026-11-24 10:00."
    assert read(ends)[1] == "It runs until 2026-11-24 18:00."


def test_every_kind_of_limit_and_every_mode_has_its_sentence() -> None:
    limits = tuple(
        Limit("x", Dimension.ACCOUNT, 2, window, measure=measure, per_listing=each)
        for window in (None, timedelta(minutes=10), DAY)
        for measure in Measure
        for each in (True, False)
    )

    assert len(set(read(replace(FULL, limits=limits))) - set(read(replace(FULL, limits=())))) == len(limits)
    assert "Only these member levels: GOLD." not in read(
        replace(FULL, eligibility=Eligibility(real_name_verified=True))
    )
    for mode in SaleMode:
        assert read(replace(FULL, mode=mode))


def test_sentences_are_put_into_the_readers_language_with_their_names() -> None:
    chinese = {
        "%(who)s may buy %(most)s in %(hours)s h.": "%(who)s在 %(hours)s 小时内最多买 %(most)s 件。",
        "One account": "一个账号",
    }
    (sentence,) = (s for s in words.summary(FULL) if s.code == "UNITS_HOURS")

    assert words.text(sentence, lambda msgid: chinese.get(msgid, msgid)) == "一个账号在 24 小时内最多买 2 件。"


def test_every_remedy_has_a_sentence() -> None:
    wanted = {"AT_MOST_UNITS", "LATER", "NOT_IN_THIS_LAUNCH", "OFF_THE_DENY_LIST", "ANOTHER_ADDRESS", "A_PERSON_LOOKS"}
    wanted |= {"RESTRICTION_ENDS", "PAY_IN_ADVANCE", "PAY_WITHIN"}  # of a restricted buyer
    wanted |= {"ITS_TURN"}  # in a queue

    assert set(words.REMEDIES) == wanted | {evaluate.UNKNOWN_FACT} | {r.value for r in evaluate.Requirement}
    assert {d.value for d in Dimension} | {v.value for v in Verdict} <= set(words.NAMES)
