"""A version that errs: what stood before it answers, it is counted, and the shop is told."""

from datetime import datetime, timedelta

import pytest

from merchant_protection.foundation import tenancy
from merchant_protection.notices.models import Notice
from scalper_policies.models import OrderDecision, PolicyVersion, VersionFailure
from scalper_policies.rules import evaluate
from scalper_policies.services import explaining, failures
from tests.factories.scalper_policies import PolicyFactory, VersionFactory, about, per_account
from tests.fixtures.people import Persona
from tests.scalper_policies.asking import decide

pytestmark = pytest.mark.django_db
ONE = about("SKU-HOT", limits=(per_account(1),))
# What a later release wrote and this one does not know.
UNKNOWN = ONE | {"limits": [ONE["limits"][0] | {"dimension": "IRIS"}]}


def broken(merchant: Persona, status: str, *, policy: object = None, when_we_fail: str = "ALLOW") -> PolicyVersion:
    return VersionFactory(
        merchant=merchant.shop,
        policy=policy or PolicyFactory(merchant=merchant.shop),
        number=2,
        status=status,
        canary_percent=100 if status == "CANARY" else 0,
        terms=UNKNOWN,
        harshest="REJECT",
        when_we_fail=when_we_fail,
    )


def in_canary(prefix: str = "b") -> list[str]:
    return [f"{prefix}{index}" for index in range(3)]


def test_a_candidate_that_errs_falls_back_to_the_version_in_force_and_is_counted(
    merchant: Persona, now: datetime
) -> None:
    control = VersionFactory(merchant=merchant.shop, terms=ONE)
    candidate = broken(merchant, "CANARY", policy=control.policy)

    answers = [decide(f"O-{buyer}-{turn}", buyer=buyer, at=now).verdict for buyer in in_canary() for turn in (1, 2)]

    assert answers == ["ALLOW", "REJECT"] * 3
    with tenancy.platform():
        made = OrderDecision.objects.order_by("pk")
        assert {tuple(sorted(each["mode"] for each in one.answers)) for one in made} == {("ENFORCING", "FAILED")}
        assert set(VersionFailure.objects.values_list("version_id", flat=True)) == {candidate.pk}
        assert VersionFailure.objects.count() == 6
        assert all(explaining.verdict(one, explaining.again(one)) == one.verdict for one in made)


def test_a_candidate_that_fails_only_while_it_is_evaluated_falls_back_too(
    merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = VersionFactory(merchant=merchant.shop, terms=ONE)
    VersionFactory(
        merchant=merchant.shop, policy=control.policy, number=2, status="CANARY", canary_percent=100, terms=about()
    )
    real = evaluate.decide
    monkeypatch.setattr(
        evaluate, "decide", lambda policy, *rest: 1 // 0 if policy.version == 2 else real(policy, *rest)
    )

    answers = [decide(f"O-{turn}", buyer="b1", at=now) for turn in (1, 2)]

    assert [each.verdict for each in answers] == ["ALLOW", "REJECT"]
    with tenancy.platform():
        assert list(VersionFailure.objects.values_list("error", flat=True)) == ["ZeroDivisionError"] * 2


def test_a_version_in_shadow_that_errs_changes_no_answer(merchant: Persona, now: datetime) -> None:
    control = VersionFactory(merchant=merchant.shop, terms=ONE)
    broken(merchant, "SHADOW", policy=control.policy)

    assert [decide(f"O-{turn}", buyer="b", at=now).verdict for turn in (1, 2)] == ["ALLOW", "REJECT"]


@pytest.mark.parametrize("said", ["ALLOW", "HOLD"])
def test_a_version_in_force_that_errs_answers_what_it_says_for_when_we_fail(
    merchant: Persona, now: datetime, said: str
) -> None:
    broken(merchant, "ENFORCING", when_we_fail=said)

    decision = decide(buyer="b", at=now)

    assert decision.verdict == said
    with tenancy.platform():
        assert explaining.verdict(decision, explaining.again(decision)) == said


def test_the_shop_is_told_once_an_hour_with_the_number_of_orders(merchant: Persona, now: datetime) -> None:
    broken(merchant, "ENFORCING")
    decide("O-1", buyer="b", at=now)
    decide("O-2", buyer="b", at=now)

    with tenancy.platform():
        first = failures.tell_failures(now=now)
    decide("O-3", buyer="b", at=now + timedelta(minutes=5))
    with tenancy.platform():
        again = failures.tell_failures(now=now + timedelta(minutes=6))
        later = failures.tell_failures(now=now + timedelta(minutes=61))
        nothing_new = failures.tell_failures(now=now + timedelta(hours=3))

        assert (first, again, later, nothing_new) == (1, 0, 1, 0)
        told = Notice.objects.filter(kind="policy.failed").order_by("pk")
        assert [each.params["orders"] for each in told] == [2, 1]
