"""Baseline rules tried on the past of every shop: what was found where, kept shop by shop."""

from datetime import datetime, timedelta

import pytest

from merchant_protection.foundation import leases, tenancy
from scalper_policies.models import BaselineTrial, OrderDecision, Reservation
from scalper_policies.queries import past_orders
from scalper_policies.services import baseline, baseline_trials
from tests.factories.accounts import MerchantFactory
from tests.factories.marketplace import BuyerFactory, OrderFactory
from tests.fixtures.people import Persona
from tests.scalper_policies.baseline_rules import TWO_A_DAY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def trial_of(staff: Persona, now: datetime) -> BaselineTrial:
    with tenancy.platform():
        version = baseline.write(actor=staff.actor, at=now, plain=TWO_A_DAY)
        return baseline_trials.ask(actor=staff.actor, version_id=version.pk, at=now)


def run(now: datetime) -> int:
    with tenancy.platform():
        return baseline_trials.run_due(now=now, clock=lambda: now)


def test_it_counts_in_each_shop_by_itself_and_names_the_shops_hit_most(
    merchant: Persona, rival: Persona, staff: Persona, now: datetime
) -> None:
    for shop, orders in ((merchant.shop, 4), (rival.shop, 2)):
        buyer = BuyerFactory(merchant=shop, key="k" * 64)
        for index in range(orders):
            OrderFactory(merchant=shop, buyer=buyer, units=1, placed_at=now - DAY + timedelta(minutes=index))
    OrderFactory(merchant=merchant.shop, units=9, placed_at=now - timedelta(days=91))
    trial = trial_of(staff, now)

    run(now)

    trial.refresh_from_db()
    assert (trial.status, trial.shops_done, trial.finished_at) == ("DONE", 2, now)
    report = trial.report
    assert (report["orders"], report["hits"], report["stopped"]) == (6, 2, 2)
    assert (report["shops_hit"], report["shops_with_orders"], report["hits_by_rule"]) == (1, 2, {"account": 2})
    assert [each["code"] for each in report["shops"]] == ["shop-a"]
    with tenancy.platform():
        assert not OrderDecision.objects.exists()
        assert not Reservation.objects.exists()


def test_it_goes_on_where_it_was_when_a_worker_went_away(
    merchant: Persona, rival: Persona, staff: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = trial_of(staff, now)
    seen: list[int] = []
    real = past_orders.orders

    def once(past: past_orders.Past) -> object:
        seen.append(past.shop)
        if len(seen) == 2:
            raise ConnectionError("the worker's connection is gone")
        return real(past)

    monkeypatch.setattr(past_orders, "orders", once)
    run(now)
    trial.refresh_from_db()
    assert (trial.status, trial.shops_done, trial.last_error) == ("RUNNING", 1, "ConnectionError")

    run(now + timedelta(minutes=1))

    trial.refresh_from_db()
    assert (trial.status, trial.shops_done) == ("DONE", 2)
    assert seen == [merchant.shop.pk, rival.shop.pk, rival.shop.pk]


def test_many_shops_are_looked_at_in_turns(
    merchant: Persona, staff: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline_trials, "SHOPS_AT_ONCE", 2)
    for _ in range(4):
        MerchantFactory()
    trial = trial_of(staff, now)

    turns = [run(now) for _ in range(4)]

    trial.refresh_from_db()
    assert turns == [1, 1, 1, 0]
    assert (trial.status, trial.shops_done) == ("DONE", 5)


def test_asking_twice_is_asking_once_and_a_changed_draft_ends_the_trial(
    merchant: Persona, staff: Persona, now: datetime
) -> None:
    trial = trial_of(staff, now)
    with tenancy.platform():
        again = baseline_trials.ask(actor=staff.actor, version_id=trial.version_id, at=now)
        baseline.revise(actor=staff.actor, version_id=trial.version_id, change=lambda one: one, at=now)

    run(now)

    trial.refresh_from_db()
    assert again.pk == trial.pk
    assert (trial.status, trial.report) == ("FAILED", {})


def test_one_that_fails_again_and_again_is_given_up(
    merchant: Persona, staff: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = trial_of(staff, now)

    def broken(past: past_orders.Past) -> object:
        raise RuntimeError("unreadable")

    monkeypatch.setattr(past_orders, "orders", broken)
    for turn in range(leases.MAX_ATTEMPTS + 1):
        run(now + turn * timedelta(hours=1))

    trial.refresh_from_db()
    assert (trial.status, trial.last_error, trial.due_at) == ("FAILED", "unreadable", None)
