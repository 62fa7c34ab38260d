"""What merchants set: versions never change, loosening shows its backtest, learned checks prove themselves first."""

from datetime import timedelta

import pytest

from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from pricing_guard.models import Backtest, GuardHit, GuardPolicy, GuardShop, PolicyVersion
from pricing_guard.services import policies
from pricing_guard.services.policies import Draft
from tests.factories.marketplace import ListingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]


def draft(**changes):
    return Draft(**{"name": "Floors", "scope": "SHOP", "thresholds": {"floor_price": "100"}} | changes)


@pytest.fixture
def saved(merchant, now):
    return policies.save_version(merchant_id=merchant.shop.pk, draft=draft(), actor=merchant.actor, at=now)


def test_a_draft_holds_for_nothing_until_it_is_published(saved, merchant, now):
    assert (saved.policy.mode, saved.policy.live_number) == ("OFF", None)

    policies.publish(policy_id=saved.policy_id, number=1, actor=merchant.actor, at=now)

    policy = GuardPolicy.objects.get()
    assert (policy.mode, policy.live_number, policy.watched_since) == ("SHADOW", 1, now)
    assert GuardShop.objects.get().stamp == 2


def test_each_save_is_a_further_version_and_none_changes(saved, merchant, now):
    second = draft(thresholds={"floor_price": "120"})
    policies.save_version(
        merchant_id=merchant.shop.pk, policy_id=saved.policy_id, draft=second, actor=merchant.actor, at=now
    )

    assert [one.thresholds["floor_price"] for one in PolicyVersion.objects.order_by("number")] == ["100", "120"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"thresholds": {"floor_price": "-1"}}, "floor_price"),
        ({"thresholds": {"floor_price": "0"}}, "floor_price"),
        ({"thresholds": {"floor_price": "9", "ceiling_price": "8"}}, "floor_price"),
        ({"thresholds": {"floor_price": "9", "currency": "USD"}}, "currency"),
        ({"thresholds": {"floor_price": ""}}, "thresholds"),
        ({"thresholds": {"nonsense": "1"}}, "nonsense"),
        ({"scope": "ALL"}, "scope"),
        ({"scope": "LISTINGS", "skus": []}, "skus"),
        ({"scope": "LISTINGS", "skus": ["*"]}, "skus"),
        ({"scope": "CATEGORY", "categories": [""]}, "categories"),
        ({"scope": "SHOP", "skus": ["A"]}, "scope"),
        ({"ladder": {"SERIOUS": "EXPLODE"}}, "ladder"),
        ({"grace_minutes": 9_999}, "grace_minutes"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field_and_nothing_is_saved(merchant, now, changes, field):
    with pytest.raises(Invalid) as refused:
        policies.save_version(merchant_id=merchant.shop.pk, draft=draft(**changes), actor=merchant.actor, at=now)

    assert field in refused.value.fields
    assert not GuardPolicy.objects.exists()


def test_an_onlooker_and_a_rival_set_nothing(merchant, onlooker, rival, now):
    for person in (onlooker, rival):
        with pytest.raises(NotAllowed):
            policies.save_version(merchant_id=merchant.shop.pk, draft=draft(), actor=person.actor, at=now)


def test_a_colleagues_change_is_not_overwritten(saved, merchant, now):
    with pytest.raises(Conflict):
        policies.save_version(
            merchant_id=merchant.shop.pk,
            policy_id=saved.policy_id,
            draft=draft(),
            actor=merchant.actor,
            at=now,
            version=0,
        )


def test_loosening_shows_its_backtest_first(saved, merchant, now):
    actor, policy_id = merchant.actor, saved.policy_id
    policies.publish(policy_id=policy_id, number=1, actor=actor, at=now)
    looser = draft(thresholds={"floor_price": "50"})
    policies.save_version(merchant_id=merchant.shop.pk, policy_id=policy_id, draft=looser, actor=actor, at=now)
    with pytest.raises(Conflict):
        policies.publish(policy_id=policy_id, number=2, actor=actor, at=now)

    Backtest.objects.create(
        merchant=merchant.shop,
        kind="BACKTEST",
        status="DONE",
        thresholds=PolicyVersion.objects.get(number=2).thresholds,
        asked_at=now,
        asked_by="-",
    )
    policies.publish(policy_id=policy_id, number=2, actor=actor, at=now)

    assert GuardPolicy.objects.get().live_number == 2


def test_tightening_always_may(saved, merchant, now):
    policies.publish(policy_id=saved.policy_id, number=1, actor=merchant.actor, at=now)
    tighter = draft(thresholds={"floor_price": "200"})
    policies.save_version(
        merchant_id=merchant.shop.pk, policy_id=saved.policy_id, draft=tighter, actor=merchant.actor, at=now
    )

    assert policies.publish(policy_id=saved.policy_id, number=2, actor=merchant.actor, at=now).live_number == 2


def learned(merchant, now):
    saved = policies.save_version(
        merchant_id=merchant.shop.pk, draft=draft(thresholds={"max_drop_last": "30"}), actor=merchant.actor, at=now
    )
    return policies.publish(policy_id=saved.policy_id, number=1, actor=merchant.actor, at=now)


def to_auto(policy, merchant, at):
    return policies.set_mode(
        policy_id=policy.pk, mode="AUTO", actor=merchant.actor, at=at, is_acknowledged=True, proved_again=True
    )


def test_learned_checks_do_not_go_to_automatic_without_what_they_have_to_show(merchant, now):
    policy = learned(merchant, now)
    with pytest.raises(Conflict):
        to_auto(policy, merchant, now + timedelta(days=6))

    assert GuardPolicy.objects.get().mode == "SHADOW"
    assert to_auto(policy, merchant, now + timedelta(days=7)).statistics_proven_at


@pytest.mark.parametrize(("right", "wrong", "is_enough"), [(190, 10, True), (189, 11, False), (150, 0, False)])
def test_two_hundred_reviewed_hits_are_enough_when_95_percent_were_right(merchant, now, right, wrong, is_enough):
    policy = learned(merchant, now)
    hit = {
        "merchant": merchant.shop,
        "listing": ListingFactory(merchant=merchant.shop),
        "policy": policy,
        "mode": "SHADOW",
        "severity": 2,
        "check_name": "DROP_FROM_LAST",
        "is_statistical": True,
        "rung": "REVERT_PRICE",
        "price": 1,
        "currency": "CNY",
        "price_version": 1,
        "at": now,
    }
    GuardHit.objects.bulk_create([GuardHit(**hit, review="RIGHT") for _ in range(right)])
    GuardHit.objects.bulk_create([GuardHit(**hit, review="FALSE") for _ in range(wrong)])

    assert policies.is_proven(policy, at=now) is is_enough


def test_limits_a_merchant_states_may_act_at_once(saved, merchant, now):
    policies.publish(policy_id=saved.policy_id, number=1, actor=merchant.actor, at=now)

    policy = to_auto(saved.policy, merchant, now)

    assert (policy.mode, policy.statistics_proven_at) == ("AUTO", None)


def test_a_retired_policy_holds_for_nothing(saved, merchant, now):
    policies.publish(policy_id=saved.policy_id, number=1, actor=merchant.actor, at=now)
    policies.retire(policy_id=saved.policy_id, actor=merchant.actor, at=now)

    assert GuardPolicy.objects.get().is_retired
    assert policies.queries.live_in(merchant.shop.pk) == []
