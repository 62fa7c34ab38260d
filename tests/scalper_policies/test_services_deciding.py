"""Answers to orders: which versions act, what is kept, what only watches, what everybody must wait for."""

import socket
from datetime import datetime, timedelta
from typing import Any

import pytest

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Invalid
from merchant_protection.marketplace.models import ActionTarget, PlatformAction
from merchant_protection.notices.models import Message, Notice
from merchant_protection.risk.models import Warning as RiskWarning
from scalper_policies.models import OrderDecision, Reservation
from scalper_policies.queries import deciding as queries
from scalper_policies.rules.policy import AddressRule, Band, Dimension, Eligibility, Limit, Verdict
from scalper_policies.services import deciding
from tests.factories.marketplace import BuyerFactory, OrderFactory, SellingPlatformFactory
from tests.factories.notices import EndpointFactory
from tests.factories.scalper_policies import (
    ListEntryFactory,
    PolicyFactory,
    SnoozeFactory,
    VersionFactory,
    about,
    per_account,
)
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import CLOCK, buyer_key, decide, question

pytestmark = pytest.mark.django_db
ONE = about("SKU-HOT", limits=(per_account(1),))
HOLD = (Band(1, Verdict.HOLD, hours=6),)


def kept() -> list[tuple[str, int]]:
    with tenancy.platform():
        return list(Reservation.objects.order_by("number", "rule").values_list("number", "units"))


def test_an_order_no_policy_is_about_passes_and_keeps_nothing(merchant: Persona) -> None:
    VersionFactory(merchant=merchant.shop, terms=ONE)

    answer = decide(sku="SKU-OTHER", units=50, buyer="b")

    assert (answer.verdict, answer.answers, kept()) == ("ALLOW", [], [])


def test_a_rejected_order_keeps_nothing_and_a_held_one_keeps_its_units(merchant: Persona) -> None:
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(2),)))
    VersionFactory(merchant=merchant.shop, terms=about("SKU-SLOW", limits=(per_account(2),), bands=HOLD))

    rejected, held = decide("O-1", units=3, buyer="b"), decide("O-2", units=3, buyer="b", sku="SKU-SLOW")

    assert (rejected.verdict, held.verdict) == ("REJECT", "HOLD")
    assert kept() == [("O-2", 3)]
    assert held.expires_at - held.decided_at == timedelta(hours=6)


def test_units_leave_the_window_at_its_end(merchant: Persona, now: datetime) -> None:
    VersionFactory(merchant=merchant.shop, terms=ONE)
    decide("O-1", buyer="b", at=now)

    just_before = decide("O-2", buyer="b", at=now + timedelta(hours=24) - timedelta(microseconds=1))
    at_the_end = decide("O-3", buyer="b", at=now + timedelta(hours=24))

    assert (just_before.verdict, at_the_end.verdict) == ("REJECT", "ALLOW")


@pytest.mark.parametrize("status", ["DRAFT", "APPROVED", "EXPIRED", "RETIRED"])
def test_a_version_that_is_not_live_decides_nothing(merchant: Persona, status: str) -> None:
    VersionFactory(merchant=merchant.shop, terms=ONE, status=status)

    assert decide(units=5, buyer="b").verdict == "ALLOW"


@pytest.mark.case("SC-03")
def test_a_policy_past_its_end_decides_nothing_though_no_sweep_came_yet(merchant: Persona, now: datetime) -> None:
    terms = about("SKU-HOT", limits=(per_account(1),), scope={"ends_at": now})
    VersionFactory(merchant=merchant.shop, terms=terms)

    assert decide("O-1", units=5, buyer="b", at=now).verdict == "ALLOW"
    assert decide("O-2", units=5, buyer="b", at=now - timedelta(seconds=1)).verdict == "REJECT"


@pytest.mark.case("SC-04")
def test_exempt_beats_deny_until_it_expires(merchant: Persona, now: datetime) -> None:
    VersionFactory(merchant=merchant.shop, terms=ONE)
    known = {"merchant": merchant.shop, "dimension": "ACCOUNT", "key": buyer_key("b")}
    ListEntryFactory(**known, kind="DENY", expires_at=None)
    ListEntryFactory(**known, kind="EXEMPT", expires_at=now + timedelta(days=1))

    exempt = decide("O-1", units=9, buyer="b", at=now)
    denied = decide("O-2", units=1, buyer="b", at=now + timedelta(days=1))

    assert (exempt.verdict, exempt.answers[0]["exempt"]) == ("ALLOW", True)
    assert (denied.verdict, denied.reasons[0]["rule"]) == ("REJECT", "DENY_LIST")


def test_a_snoozed_rule_is_left_aside_for_one_buyer(merchant: Persona, now: datetime) -> None:
    version = VersionFactory(merchant=merchant.shop, terms=ONE)
    SnoozeFactory(
        merchant=merchant.shop, policy=version.policy, rule="account", key=buyer_key("b"), until=now + timedelta(days=1)
    )

    assert decide("O-1", units=5, buyer="b", at=now).verdict == "ALLOW"
    assert decide("O-2", units=5, buyer="c", at=now).verdict == "REJECT"


def test_a_canary_acts_for_its_buyers_and_the_others_keep_the_version_in_force(merchant: Persona) -> None:
    policy = PolicyFactory(merchant=merchant.shop)
    VersionFactory(merchant=merchant.shop, policy=policy, terms=about("SKU-HOT", limits=(per_account(5),)))
    VersionFactory(
        merchant=merchant.shop, policy=policy, number=2, status="CANARY", canary_percent=30, terms=ONE
    )  # fmt: skip

    first = {f"b{index}": decide(f"O-{index}", units=3, buyer=f"b{index}").verdict for index in range(60)}
    again = {f"b{index}": decide(f"P-{index}", units=2, buyer=f"b{index}").verdict for index in range(60)}

    in_canary = {buyer for buyer, verdict in first.items() if verdict == "REJECT"}
    assert 5 < len(in_canary) < 35
    assert {buyer for buyer, verdict in again.items() if verdict == "REJECT"} == in_canary


@pytest.mark.case("SC-05")
def test_shadow_has_no_effect_outside_with_sockets_blocked(merchant: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    VersionFactory(merchant=merchant.shop, status="SHADOW", terms=ONE)
    EndpointFactory(merchant=merchant.shop, kinds=["decision.held", "decision.rejected"])
    decide("O-0", buyer="warms-the-connection-up")
    before = effects()

    def blocked(*_: Any, **__: Any) -> Any:
        raise AssertionError("shadow opened a socket")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, blocked)
    answers = [decide(f"O-{index}", units=3, buyer="b") for index in range(1, 4)]

    assert {answer.verdict for answer in answers} == {"ALLOW"}
    assert {answer.answers[0]["verdict"] for answer in answers} == {"REJECT"}
    assert {(answer.answers[0]["mode"], answer.reasons == []) for answer in answers} == {("SHADOW", True)}
    assert effects() == before


def effects() -> list[int]:
    """What would leave the house or reach a person."""
    with tenancy.platform():
        return [kind.objects.count() for kind in (PlatformAction, ActionTarget, Notice, Message, RiskWarning)]


def test_what_was_counted_in_shadow_counts_when_the_version_acts(merchant: Persona) -> None:
    version = VersionFactory(merchant=merchant.shop, status="SHADOW", terms=ONE)
    decide("O-1", buyer="b")
    with tenancy.platform():
        type(version).objects.filter(pk=version.pk).update(status="ENFORCING")

    assert decide("O-2", buyer="b").verdict == "REJECT"


def test_the_harshest_of_several_policies_stands_with_every_reason(merchant: Persona) -> None:
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", limits=(per_account(2),), bands=HOLD))
    everything = (Limit("everything", Dimension.ACCOUNT, 2, timedelta(hours=1)),)
    VersionFactory(merchant=merchant.shop, terms=about(limits=everything))

    answer = decide(units=3, buyer="b")

    assert answer.verdict == "REJECT"
    assert [reason["rule"] for reason in answer.reasons] == ["account", "everything"]
    assert len(answer.policies) == 2


@pytest.mark.parametrize(
    ("kind", "ref", "aspect", "desired"),
    [
        ("SHOP", "shop", "new_orders", {"held_skus": ["SKU-HOT"]}),
        ("LISTING", "SKU-HOT", "availability", "DELISTED"),
    ],
)
def test_a_listing_whose_orders_are_held_or_that_is_taken_off_sale_holds(
    merchant: Persona, now: datetime, kind: str, ref: str, aspect: str, desired: Any
) -> None:
    platform = SellingPlatformFactory()
    with tenancy.platform():
        ActionTarget.objects.create(
            merchant=merchant.shop,
            platform=platform,
            kind=kind,
            ref=ref,
            aspect=aspect,
            desired=desired,
            updated_at=now,
        )

    held, other = decide("O-1", buyer="b"), decide("O-2", buyer="b", sku="SKU-OTHER")

    assert (held.verdict, held.reasons[0]["rule"], other.verdict) == ("HOLD", "LISTING_HELD", "ALLOW")


def test_what_the_question_leaves_out_is_taken_from_what_the_platform_told(merchant: Persona, now: datetime) -> None:
    wanted = Eligibility(account_created_before=now - timedelta(days=30), phone_verified=True, score=100)
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", eligibility=wanted))
    BuyerFactory(merchant=merchant.shop, ref="old")
    BuyerFactory(merchant=merchant.shop, ref="young", account_created_at=now - timedelta(days=3))

    verdicts = [decide(f"O-{ref}", buyer=ref).verdict for ref in ("old", "young", "unknown")]

    assert verdicts == ["ALLOW", "REJECT", "VERIFY"]


def test_paid_orders_count_up_to_the_policys_date(merchant: Persona, now: datetime) -> None:
    wanted = Eligibility(paid_orders=1, paid_orders_before=now - timedelta(days=7), score=100)
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", eligibility=wanted))
    for ref, days in (("long", 30), ("lately", 1)):
        buyer = BuyerFactory(merchant=merchant.shop, ref=ref)
        OrderFactory(merchant=merchant.shop, buyer=buyer, placed_at=now - timedelta(days=days))

    assert [decide(f"O-{ref}", buyer=ref).verdict for ref in ("long", "lately")] == ["ALLOW", "REJECT"]


def test_an_address_with_a_listed_tag_counts(merchant: Persona) -> None:
    rule = AddressRule("to-freight", "FREIGHT_FORWARDER", 50)
    VersionFactory(merchant=merchant.shop, terms=about("SKU-HOT", addresses=(rule,)))

    answer = decide(buyer="b", recipient={"address": "广东省深圳市南山区某路1号转运仓"})

    assert (answer.verdict, answer.reasons[0]["observed"]) == ("HOLD", "FREIGHT_FORWARDER")


def test_another_question_under_the_same_number_changes_nothing(merchant: Persona) -> None:
    VersionFactory(merchant=merchant.shop, terms=ONE)
    decide("O-1", buyer="b")

    with pytest.raises(Invalid):
        decide("O-1", buyer="c")

    assert kept() == [("O-1", 1)]
    with tenancy.platform():
        assert OrderDecision.objects.count() == 1


def test_as_many_policies_as_there_are_an_answer_takes_as_many_questions(
    merchant: Persona, django_assert_num_queries: Any
) -> None:
    VersionFactory(merchant=merchant.shop, terms=ONE)
    decide("O-0", buyer="b0")
    with django_assert_num_queries(6):
        decide("O-1", buyer="b1")
    for index in range(30):
        VersionFactory(merchant=merchant.shop, terms=about(f"SKU-{index}", limits=(per_account(1),)))

    with django_assert_num_queries(6):
        decide("O-2", buyer="b2")


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_the_platforms_clock_changes_no_window(merchant: Persona, now: datetime, days: int) -> None:
    VersionFactory(merchant=merchant.shop)
    wrong = (now + timedelta(days=days)).isoformat()

    verdicts = [decide(f"O-{index}", buyer="b", placed_at=wrong, at=now).verdict for index in range(3)]
    later = decide("O-later", buyer="b", placed_at=wrong, at=now + timedelta(hours=24)).verdict

    assert (verdicts, later) == (["ALLOW", "ALLOW", "REJECT"], "ALLOW")
    with tenancy.platform():
        assert {each.placed_at for each in OrderDecision.objects.exclude(number="O-later")} == {now}


def test_a_late_order_from_a_clock_ahead_is_taken_as_placed_when_it_is_asked_about(
    merchant: Persona, now: datetime
) -> None:
    VersionFactory(merchant=merchant.shop)
    ahead = (now + timedelta(days=30)).isoformat()
    with tenancy.platform():
        late = deciding.decide(
            asked=question("L-1", buyer="b", units=2, placed_at=ahead), actor=CLOCK, at=now, source="LATE"
        )

    assert late.placed_at == now
    assert decide("O-1", buyer="b", at=now + timedelta(hours=1)).verdict == "REJECT"
    assert decide("O-2", buyer="b", at=now + timedelta(hours=25)).verdict == "ALLOW"


def test_what_is_asked_first_is_short_enough_to_be_remembered_by_the_driver() -> None:
    assert len(queries.FIRST_LOOK) <= 4096
