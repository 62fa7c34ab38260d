"""What people said of a version's hits: it earns its place by them, and its rules are seen to fare well or badly."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict
from scalper_policies.models import DecisionNote, OrderDecision, PolicyVersion
from scalper_policies.queries import figures
from scalper_policies.services import versions
from tests.factories.scalper_policies import VersionFactory, about, per_account
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db
REASON = {"rule": "account", "dimension": "ACCOUNT", "observed": 2, "limit": 1, "would_pass_if": {"code": "LATER"}}


def answered(version: PolicyVersion, many: int, *, said: str = "", verdict: str = "HOLD", start: int = 0) -> None:
    """So many orders that a version answered so, and what a person said of each."""
    now = timezone.now()
    own = {"policy": version.policy_id, "version": version.number, "version_id": version.pk, "mode": version.status}
    own |= {"verdict": verdict, "score": 0, "exempt": False, "reasons": [REASON] if verdict != "ALLOW" else []}
    common: dict[str, Any] = {"placed_at": now, "decided_at": now, "expires_at": now, "facts": {}, "verdict": "ALLOW"}
    common |= {"answers": [own], "policies": [version.policy_id], "merchant_id": version.merchant_id}
    with tenancy.platform():
        made = OrderDecision.objects.bulk_create(
            OrderDecision(number=f"{said}-{verdict}-{start + index}", digest="0" * 64, **common)
            for index in range(many)
        )
        if said:
            DecisionNote.objects.bulk_create(
                DecisionNote(merchant_id=version.merchant_id, decision=each, said=said, at=now, actor_kind="USER")
                for each in made
            )


def in_shadow(merchant: Persona) -> PolicyVersion:
    return VersionFactory(merchant=merchant.shop, status="SHADOW", acts_since=None, watched_since=timezone.now())


@pytest.mark.parametrize(
    ("right", "wrong", "may"), [(190, 10, True), (189, 11, False), (199, 0, False), (200, 0, True), (0, 0, False)]
)
def test_two_hundred_reviewed_hits_stand_for_the_days_in_shadow(
    merchant: Persona, right: int, wrong: int, may: bool
) -> None:
    version = in_shadow(merchant)
    answered(version, right, said="RIGHT")
    answered(version, wrong, said="WRONG")
    answered(version, 300)  # nobody looked at these

    told = {"actor": merchant.actor, "version_id": version.pk, "at": timezone.now(), "acknowledged": True}

    with tenancy.platform():
        if may:
            assert versions.enforce(**told).status == "ENFORCING"
            return
        with pytest.raises(Conflict, match=rf"\b{right + wrong}\b"):
            versions.enforce(**told)


def test_what_another_version_hit_and_what_passed_prove_nothing(merchant: Persona) -> None:
    version = in_shadow(merchant)
    other = VersionFactory(merchant=merchant.shop, policy=version.policy, number=2, status="RETIRED")
    answered(other, 200, said="RIGHT")
    answered(version, 200, said="RIGHT", verdict="ALLOW")

    with tenancy.platform():
        assert figures.reviewed_hits(merchant.shop.pk, version.policy_id, version_id=version.pk).judged == 0


def test_the_last_word_of_a_person_counts(merchant: Persona) -> None:
    version = in_shadow(merchant)
    answered(version, 1, said="RIGHT")
    with tenancy.platform():
        decision = OrderDecision.objects.get()
        DecisionNote.objects.create(
            merchant=merchant.shop, decision=decision, said="WRONG", at=timezone.now(), actor_kind="USER"
        )

    with tenancy.platform():
        found = figures.reviewed_hits(merchant.shop.pk, version.policy_id, version_id=version.pk)

    assert (found.right, found.judged) == (0, 1)


def test_a_rule_that_never_fires_and_one_that_always_does_are_told(merchant: Persona, now: datetime) -> None:
    limits = (per_account(1), per_account(99, hours=None))
    plain: Any = about("SKU-HOT", limits=limits)
    plain["limits"][1]["id"] = "launch"
    version = VersionFactory(merchant=merchant.shop, terms=plain)
    answered(version, 19, said="WRONG")
    answered(version, 1, said="RIGHT")

    since = timezone.now() - timedelta(days=1)
    with tenancy.platform():
        found = figures.rule_health(
            merchant.shop.pk, version.policy_id, version_id=version.pk, rules=["account", "launch"], since=since
        )
    page = merchant.client.get(f"/m/scalper-policies/{version.policy_id}/").content.decode()

    assert [(each.rule, each.state, each.wrong_percent) for each in found] == [
        ("account", "ALWAYS", 95),
        ("launch", "NEVER", None),
    ]
    assert "20 / 20" in page
    assert "95% (19 / 20)" in page


def test_a_few_orders_say_nothing_of_a_rule(merchant: Persona) -> None:
    version = VersionFactory(merchant=merchant.shop)
    answered(version, 19)
    answered(version, 30, verdict="ALLOW", start=100)

    since = timezone.now() - timedelta(days=1)
    with tenancy.platform():
        found = figures.rule_health(
            merchant.shop.pk, version.policy_id, version_id=version.pk, rules=["account"], since=since
        )

    assert [(each.fired, each.seen, each.state) for each in found] == [(19, 49, "SOMETIMES")]
