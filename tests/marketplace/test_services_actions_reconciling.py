"""What we want is compared with what the platform shows; a difference is a new decision."""

from datetime import timedelta

import pytest

from merchant_protection.marketplace import drains
from merchant_protection.marketplace.models import ActionTarget, Breaker, Budget, Change, PlatformAction
from merchant_protection.marketplace.services import actions


@pytest.fixture(autouse=True)
def _generous(transactional_db, platform_scope, platform):
    Budget.objects.update(cap=100_000, catalogue_share=None)


@pytest.fixture
def reconcile(now):
    return lambda minutes: drains.reconcile(lambda: now + timedelta(minutes=minutes))


def drifted(market):
    market.states["shop-a", "LISTING", "SKU-1", "availability"] = ("LISTED", 1)


def test_what_agrees_is_looked_at_for_a_day_and_then_left(ask, drain, market, reconcile):
    ask("delist", "SKU-1")
    drain()

    assert reconcile(4) == 0
    assert market.looks == []
    assert reconcile(6) == 0
    assert market.looks == ["SKU-1"]
    assert reconcile(60 * 25) == 0
    assert ActionTarget.objects.get().reconcile_at is None


def test_drift_waits_for_a_person_and_is_never_blindly_repeated(ask, drain, market, reconcile, merchant, now):
    ask("delist", "SKU-1")
    drain()
    drifted(market)

    assert reconcile(6) == 1
    assert reconcile(12) == 0

    action = PlatformAction.objects.get(status="NEEDS_REVIEW")
    assert (action.review_reason, action.value, action.undo) == ("DRIFT", "DELISTED", "LISTED")
    assert (drain(later=800), len(market.effects)) == (0, 1)
    actions.approve(action_id=action.pk, actor=merchant.actor, at=now + timedelta(minutes=13))
    drain(later=800)
    assert market.state("LISTING", "SKU-1", "availability") == "DELISTED"


def test_declining_drift_makes_the_platforms_state_the_wanted_one(ask, drain, market, reconcile, merchant, now):
    ask("delist", "SKU-1", is_latched=True)
    drain()
    drifted(market)
    reconcile(6)

    actions.decline(action_id=PlatformAction.objects.get(status="NEEDS_REVIEW").pk, actor=merchant.actor, at=now)

    target = ActionTarget.objects.get()
    assert (target.desired, target.is_latched, reconcile(12)) == ("LISTED", False, 0)


def test_a_feature_that_wants_to_know_decides_itself(ask, drain, market, reconcile, settings):
    settings.CHANGE_CONSUMERS = {"toy": ["action.drifted"]}
    ask("delist", "SKU-1")
    drain()
    drifted(market)

    assert [reconcile(6), reconcile(12)] == [1, 0]
    assert Change.objects.get().subject_id == ActionTarget.objects.get().pk
    assert PlatformAction.objects.count() == 1


def test_a_platform_in_trouble_is_not_asked(ask, drain, market, reconcile, now):
    ask("delist", "SKU-1")
    drain()
    market.is_down = True

    for minutes in (6, 12, 18, 24, 30, 36):
        reconcile(minutes)

    assert Breaker.objects.get().failures == 5
    assert ActionTarget.objects.get().actual == "DELISTED"


def test_what_is_on_its_way_is_left_alone(ask, drain, market, reconcile, now):
    ask("delist", "SKU-1")
    drain()
    ask("relist", "SKU-1")
    drifted(market)

    assert reconcile(6) == 0
    assert not PlatformAction.objects.filter(status="NEEDS_REVIEW").exists()
