"""Live and backtest agree: any stream of orders gets the same answers from the database as from the replay."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_protection.foundation import tenancy
from scalper_policies.models import OrderDecision, Reservation
from scalper_policies.rules import asked, backtest, terms
from scalper_policies.rules.orders import OrderFacts
from scalper_policies.rules.policy import (
    AddressRule,
    Band,
    Dimension,
    Ending,
    Limit,
    Measure,
    Policy,
    SaleMode,
    Scope,
    Verdict,
)
from scalper_policies.rules.windows import Reading
from scalper_policies.services import answering, deciding
from tests.factories.scalper_policies import VersionFactory
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import CLOCK, buyer_key

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 24, 8, tzinfo=UTC)
RUNS = itertools.count()
DIMENSIONS = [Dimension.ACCOUNT, Dimension.DEVICE, Dimension.PAYMENT, Dimension.IP]
LIMITS = st.lists(
    st.builds(
        Limit,
        id=st.uuids().map(str),
        dimension=st.sampled_from(DIMENSIONS),
        most=st.integers(1, 5),
        window=st.sampled_from([None, timedelta(minutes=5), timedelta(hours=1)]),
        measure=st.sampled_from(Measure),
        per_listing=st.booleans(),
        gives_back=st.frozensets(st.sampled_from(Ending)),
        score=st.sampled_from([20, 50, 100]),
    ),
    min_size=1,
    max_size=3,
)
POLICIES = st.builds(
    Policy,
    scope=st.sampled_from([Scope(all_listings=True), Scope(skus=frozenset({"A"}), ends_at=START + timedelta(hours=2))]),
    limits=LIMITS.map(tuple),
    mode=st.sampled_from([SaleMode.FIRST_COME, SaleMode.QUEUE]),
    queue_per_minute=st.sampled_from([1, 7]),
    addresses=st.sampled_from([(), (AddressRule("tag", "PARCEL_LOCKER", 50),)]),
    bands=st.just((Band(1, Verdict.VERIFY), Band(40, Verdict.HOLD, hours=2), Band(80, Verdict.REJECT))),
)
ORDERS = st.lists(
    st.tuples(
        st.integers(0, 90),
        st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 3)), min_size=1, max_size=2),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["", "d1", "d2"]),
        st.sampled_from(["", "c1"]),
        st.sampled_from(["", "198.18.0.1"]),
        st.sampled_from(["", "杭州市西湖区文三路1号菜鸟驿站"]),
    ),
    max_size=14,
)


def questions(drawn: Iterable[tuple[Any, ...]], run: int) -> list[tuple[asked.Asked, datetime]]:
    at, found = START, []
    for index, (minutes, lines, buyer, device, payment, ip, address) in enumerate(drawn):
        at += timedelta(minutes=minutes)
        body = {
            "merchant": "shop-a",
            "number": f"R{run}-{index}",
            "lines": [{"sku": sku, "quantity": units} for sku, units in lines],
            "buyer": buyer,
            "device": device,
            "payment": payment,
            "ip": ip,
            "recipient": {"address": address},
        }
        found.append((asked.read(msgspec.json.encode(body)), at))
    return found


@given(policy=POLICIES, drawn=ORDERS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_live_answer_is_the_backtests_answer_for_any_stream_of_orders(
    merchant: Persona, policy: Policy, drawn: list[tuple[Any, ...]]
) -> None:
    run = next(RUNS)
    version = VersionFactory(merchant=merchant.shop, terms=terms.to_plain(policy))
    stream = questions(drawn, run)

    with tenancy.platform():
        live = [deciding.decide(asked=each, actor=CLOCK, at=at) for each, at in stream]
        # What the database kept of each order is what the replay is fed with.
        facts: list[OrderFacts] = [asked.from_plain(each.facts) for each in live]
        replayed = list(backtest.replay(replace(policy, version=1), facts, Reading.ENFORCED))

        assert [each.verdict for each in live] == [one.decision.verdict for one in replayed]
        assert [each.score for each in live] == [one.decision.score for one in replayed]
        assert [each.reasons for each in live] == [answering.plain_reasons(one.decision.reasons) for one in replayed]
        assert {each.account for each in facts} <= {"", buyer_key("a"), buyer_key("b")}
        type(version).objects.filter(pk=version.pk).update(status="RETIRED")
        kept = Reservation.objects.filter(policy=version.policy)
        admitted = {each.number for each in OrderDecision.objects.exclude(verdict="REJECT")}
        assert {row.number for row in kept} <= admitted
