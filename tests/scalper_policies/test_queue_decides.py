"""Under a policy that sells by a queue orders go on one after the other, and every answer says when."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from merchant_protection.foundation import tenancy
from merchant_protection.notices.models import Message
from scalper_policies import wording
from scalper_policies.api.serializers import answer
from scalper_policies.models import OrderDecision, PolicyVersion, Queue
from scalper_policies.queries import decisions, figures
from scalper_policies.rules.policy import TURN_STANDS, Band, SaleMode, Verdict
from scalper_policies.services import deciding, explaining
from tests.factories.notices import EndpointFactory
from tests.factories.scalper_policies import ListEntryFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import CLOCK, buyer_key, decide, question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]
MINUTE = timedelta(minutes=1)


def queued(*, per_minute: int = 1, **more: Any) -> Any:
    return about("SKU-HOT", limits=(per_account(1),), mode=SaleMode.QUEUE, queue_per_minute=per_minute, **more)


@pytest.fixture
def version(merchant: Persona) -> Any:
    return VersionFactory(merchant=merchant.shop, terms=queued())


def due(decision: OrderDecision) -> datetime | None:
    place = answer(decision)["queue"]
    return datetime.fromisoformat(place["due_at"]) if place else None


def test_orders_go_on_at_the_pace_and_only_those_that_may_take_a_place(
    merchant: Persona, version: PolicyVersion, now: datetime
) -> None:
    ListEntryFactory(merchant=merchant.shop, kind="EXEMPT", key=buyer_key("vip"))

    first, second = decide("O-1", buyer="a", at=now), decide("O-2", buyer="b", at=now)
    rejected, exempt = decide("O-3", buyer="a", at=now), decide("O-4", buyer="vip", at=now)
    third, later = decide("O-5", buyer="c", at=now), decide("O-6", buyer="d", at=now + 30 * MINUTE)

    told = [answer(each) for each in (first, second, rejected, exempt, third, later)]
    assert [each["verdict"] for each in told] == ["allow", "hold", "reject", "allow", "hold", "allow"]
    assert [each["queue"] and each["queue"]["place"] for each in told] == [1, 2, None, None, 3, 4]
    assert [due(each) for each in (first, second, third, later)] == [
        now, now + MINUTE, now + 2 * MINUTE, now + 30 * MINUTE,
    ]  # fmt: skip
    assert second.expires_at == now + MINUTE + TURN_STANDS
    assert second.rules == ["QUEUE"]
    assert told[1]["reasons"][0]["would_pass_if"] == {"code": "ITS_TURN", "at": (now + MINUTE).isoformat()}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert "2" in wording.reason(second.reasons[0])
            assert wording.remedy(second.reasons[0])
    assert told[1]["buyer_text"] != {"en": "", "zh_hans": ""}
    assert told[1]["buyer_text"] != wording.for_buyer("HOLD", [])
    for each in (first, second, rejected, exempt, third, later):  # and every answer comes out again
        assert all(said.is_same for said in explaining.again(each))


def test_the_same_order_again_keeps_its_place_and_another_takes_the_next(version: PolicyVersion, now: datetime) -> None:
    decide("O-1", buyer="a", at=now)
    before = decide("O-2", buyer="b", at=now)

    again = decide("O-2", buyer="b", at=now + 10 * MINUTE)

    assert answer(again) == answer(before)
    assert Queue.objects.get().last_place == 2


def test_waiting_is_no_hit_and_no_news(merchant: Persona, version: PolicyVersion, now: datetime) -> None:
    EndpointFactory(merchant=merchant.shop, kinds=["decision.held", "decision.rejected"])

    for index in range(3):
        decide(f"O-{index}", buyer=f"b{index}", at=now)
    decide("O-again", buyer="b0", at=now)

    assert [each.number for each in decisions.hits(OrderDecision.objects.order_by("pk"))] == ["O-again"]
    found = figures.hits_by_policy(merchant.shop.pk, [version.policy_id], since=now - MINUTE)
    assert found[version.policy_id].number == 1
    assert list(Message.objects.values_list("kind", flat=True)) == ["decision.rejected"]


def test_what_was_placed_already_waits_for_no_turn(version: PolicyVersion, now: datetime) -> None:
    decide("O-1", buyer="a", at=now)
    late = deciding.decide(asked=question("O-2", buyer="b"), actor=CLOCK, at=now, source=OrderDecision.Source.LATE)

    assert (late.verdict, answer(late)["queue"], Queue.objects.get().last_place) == ("ALLOW", None, 1)


def test_a_version_that_watches_shares_the_queue_and_the_acting_ones_pace(merchant: Persona, now: datetime) -> None:
    acting = VersionFactory(merchant=merchant.shop, terms=queued(per_minute=2))
    VersionFactory(merchant=merchant.shop, policy=acting.policy, number=2, status="SHADOW", terms=queued())

    answers = [decide(f"O-{index}", buyer=f"b{index}", at=now).answers for index in range(2)]

    assert [each["queue"]["place"] for both in answers for each in both] == [1, 1, 2, 2]
    assert {each["queue"]["due_at"] for each in answers[1]} == {(now + MINUTE / 2).isoformat()}
    assert Queue.objects.get().last_place == 2


def test_only_watching_a_queue_holds_nobody(merchant: Persona, now: datetime) -> None:
    VersionFactory(merchant=merchant.shop, status="SHADOW", terms=queued())

    found = [decide(f"O-{index}", buyer=f"b{index}", at=now) for index in range(2)]

    assert [(each.verdict, answer(each)["queue"]) for each in found] == [("ALLOW", None), ("ALLOW", None)]
    assert [each.answers[0]["verdict"] for each in found] == ["ALLOW", "HOLD"]


def test_what_another_policy_rejects_takes_no_place(merchant: Persona, version: PolicyVersion, now: datetime) -> None:
    denies = about("SKU-HOT", limits=(per_account(1),), bands=(Band(1, Verdict.REJECT),))
    VersionFactory(merchant=merchant.shop, terms=denies)

    rejected = decide("O-1", buyer="a", units=2, at=now)

    assert (rejected.verdict, Queue.objects.count()) == ("REJECT", 0)


def test_the_next_launch_counts_from_one_again(merchant: Persona, version: PolicyVersion, now: datetime) -> None:
    decide("O-1", buyer="a", at=now)
    decide("O-2", buyer="b", at=now)
    version.status = "RETIRED"
    version.save(update_fields=["status"])
    begins = now + 5 * 60 * MINUTE
    VersionFactory(merchant=merchant.shop, policy=version.policy, number=2, terms=queued(scope={"starts_at": begins}))

    found = [answer(decide(f"O-{buyer}", buyer=buyer, at=begins))["queue"] for buyer in ("c", "d")]

    assert [each["place"] for each in found] == [1, 2]
    assert [each["due_at"] for each in found] == [begins.isoformat(), (begins + MINUTE).isoformat()]


def test_a_strangers_queue_is_another(merchant: Persona, rival: Persona, version: PolicyVersion, now: datetime) -> None:
    decide("O-1", buyer="a", at=now)

    with tenancy.merchant(rival.shop.pk):
        assert not Queue.objects.exists()
