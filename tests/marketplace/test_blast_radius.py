"""One wrong rule must not delist a shop: budgets, shadow, selectors, outages and kill switches, in the large."""

import socket
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchant_protection.audit.models import Entry
from merchant_protection.foundation.errors import Conflict, Invalid
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import ActionTarget, Budget, BudgetUse, PlatformAction, RulePause
from merchant_protection.marketplace.queries import actions as queries
from merchant_protection.marketplace.rules.gate import Answer
from merchant_protection.marketplace.rules.wishes import VERBS, Mode, Wish
from merchant_protection.marketplace.services import actions, switches
from merchant_protection.notices.models import Notice
from tests.factories.marketplace import ListingFactory
from tests.fixtures.programs import until
from tests.marketplace.conftest import CLOCK

DRAIN = (sys.executable, "manage.py", "drain", "--only", "marketplace.act")
NOTHING = ["", " ", "\t", "*", "**", "%", "all", "ALL", "any", "null", "NULL", "none", None]


@pytest.fixture(autouse=True)
def _committed(transactional_db, platform_scope, platform):
    """Everything here commits."""


def statuses():
    return Counter(PlatformAction.objects.values_list("status", flat=True))


@transaction
def guard(merchant, sku, at):
    """A toy price guard: close the listing, and where it may not, hold new orders on it."""
    wish = Wish(merchant.shop.pk, verb="delist", ref=sku, feature="toy", rule="floor", cause="feed:1", is_latched=True)
    action = actions.ask(wish, mode=Mode.AUTO, actor=CLOCK, at=at)
    if action.review_reason in ("BUDGET_RULE", "PAUSE"):
        actions.hold_new_orders(wish, skus=[sku], mode=Mode.AUTO, actor=CLOCK, at=at)


def run_away(merchant, operator, drain, market, now, *, size):
    skus = [listing.sku for listing in ListingFactory.create_batch(size, merchant=merchant.shop)]
    started = time.monotonic()
    paused_after = None
    for sku in skus:
        guard(merchant, sku, now)
        if paused_after is None and RulePause.objects.exists():
            paused_after = time.monotonic() - started
    drain()

    delisted = [effect for effect in market.effects if effect["value"] == "DELISTED"]
    assert len(delisted) == size // 20
    assert paused_after is not None
    assert paused_after <= 5
    assert [notice.kind for notice in Notice.objects.all()] == ["rule.paused"]
    held = set(market.state("SHOP", "shop-a", "new_orders")["held_skus"])
    assert held == set(skus) - {effect["target"]["ref"] for effect in delisted}
    pause = RulePause.objects.get()
    switches.resume_rule(pause_id=pause.pk, actor=merchant.actor, at=now)
    with pytest.raises(Conflict):
        switches.resume_rule(pause_id=pause.pk, actor=merchant.actor, at=now)
    assert switches.resume_rule(pause_id=pause.pk, actor=operator.actor, at=now).resumed_at == now


def test_a_rule_that_matches_everything_closes_one_listing_in_twenty(merchant, operator, drain, market, now):
    run_away(merchant, operator, drain, market, now, size=100)


@pytest.mark.soak
@pytest.mark.case("T22")
@pytest.mark.timeout(900)
def test_a_rule_that_matches_a_thousand_of_a_thousand_closes_fifty(merchant, operator, drain, market, now):
    run_away(merchant, operator, drain, market, now, size=1000)


@pytest.mark.case("T23")
def test_an_empty_set_acts_on_nothing(merchant, ask, drain, market, now):
    @settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        verb=st.sampled_from([*sorted(VERBS), "delete", "DELIST", "", "delist_all"]),
        ref=st.one_of(st.sampled_from(NOTHING), st.lists(st.text(), max_size=2), st.integers()),
        mode=st.sampled_from(["AUTO", "APPROVE", "SHADOW", "OFF", "", None, "auto"]),
    )
    def nothing_happens(verb, ref, mode):
        with pytest.raises(Invalid):
            ask(verb, ref, mode=mode, value=None)

    nothing_happens()
    assert (PlatformAction.objects.count(), ActionTarget.objects.count(), BudgetUse.objects.count()) == (0, 0, 0)
    for size in range(4):  # a tiny catalogue may lose three listings an hour, and never more
        ListingFactory.create_batch(1 if size else 0, merchant=merchant.shop)
        hour = now + timedelta(hours=size)
        made = [ask("delist", f"S-{size}-{number}", at=hour, rule=f"r{size}") for number in range(5)]
        assert [each.status for each in made].count("AUTHORISED") == 3


def shadows(ask, count):
    for number in range(count):
        ask("delist", f"SKU-{number % 500}", mode="SHADOW", cause=f"feed:{number}")


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
def test_shadow_calls_nobody(ask, drain, market, monkeypatch, count):
    shadows(ask, count)

    def blocked(*_, **__):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "create_connection", blocked)

    assert drain() == 0
    assert statuses() == {"SHADOW": count}
    assert market.arrived.total() == 0
    assert not ActionTarget.objects.exclude(desired=None).exists()


def day_of_outage(ask, drain, market, now, *, targets):
    """Each target flips three times while the platform is down, which then comes back after a day."""
    Budget.objects.update(cap=100_000, catalogue_share=None)
    market.is_down = True
    asked, sent_at, day = Counter(), [], 24 * 3600

    def gate(seen):
        asked[seen.ref] += seen.is_stale
        return Answer.STILL_WANTED

    gates = {"toy": gate}
    for hour, verb in enumerate(("delist", "relist", "delist")):
        for number in range(targets):
            ask(verb, f"SKU-{number}", at=now + timedelta(hours=hour))
        drain(later=hour * 3600 + 1, gates=gates)
    for hour in range(3, 24):
        drain(later=hour * 3600, gates=gates)

    market.is_down = False
    asked.clear()
    second = 0
    while statuses()["AUTHORISED"] + statuses()["UNKNOWN"]:
        before = market.arrived.total()
        drain(later=day + second, gates=gates)
        sent_at += [second] * (market.arrived.total() - before)
        second += 1
        assert second < 3600
    return asked, sent_at


def assert_one_call_each(market, asked, sent_at, *, targets):
    assert Counter(effect["target"]["ref"] for effect in market.effects) == {f"SKU-{n}": 1 for n in range(targets)}
    assert {effect["value"] for effect in market.effects} == {"DELISTED"}
    assert len(sent_at) == targets
    assert sum(asked.values()) >= targets - 2  # all but what was last tried within the last minutes
    assert max(sum(1 for other in sent_at if at <= other < at + 60) for at in sent_at) <= 60


@pytest.mark.timeout(300)
def test_after_a_day_of_outage_each_target_is_asked_once_for_its_latest_state(ask, drain, market, now):
    asked, sent_at = day_of_outage(ask, drain, market, now, targets=50)

    assert_one_call_each(market, asked, sent_at, targets=50)


@pytest.mark.soak
@pytest.mark.case("T20")
@pytest.mark.timeout(1800)
def test_after_a_day_of_outage_five_hundred_targets_are_asked_once_each(ask, drain, market, now):
    asked, sent_at = day_of_outage(ask, drain, market, now, targets=500)

    assert_one_call_each(market, asked, sent_at, targets=500)


def flip_while_sending(program, ask, market, flip, *, seconds):
    """Ask twenty times a second while a drain sends, flip a switch in the middle, and return when calls arrived."""
    Budget.objects.update(cap=100_000, catalogue_share=None)
    program.start(*DRAIN).wait_for("listening")
    flipped, started, number = 0.0, time.time(), 0
    while not flipped or time.time() < flipped + seconds / 2:
        ask("delist", f"SKU-{number}", at=timezone.now())
        number += 1
        if not flipped and time.time() > started + seconds / 2:
            flip()
            flipped = time.time()
        time.sleep(0.05)
    time.sleep(2)
    return flipped, list(market.arrived_at)


def test_a_flipped_switch_stops_what_is_on_its_way_within_two_seconds(program, ask, market, staff, broker):
    broker.stop()

    def flip():
        switches.stop(scope="PLATFORM", actor=staff.actor, at=timezone.now(), reason="wrong prices")

    flipped, arrived = flip_while_sending(program, ask, market, flip, seconds=4)

    assert sum(1 for moment in arrived if moment < flipped) > 5
    assert [moment for moment in arrived if moment > flipped + 2] == []
    entry = Entry.objects.get(action="switch.stopped")
    assert (entry.actor_id, entry.reason) == (staff.user.pk, "wrong prices")
    until(lambda: statuses()["NEEDS_REVIEW"] > 10)


def test_the_held_listings_are_known_to_whoever_asks(merchant, now):
    guard_all = [guard(merchant, f"SKU-{number}", now) for number in range(6)]

    assert len(guard_all) == 6
    assert queries.held_skus(merchant.shop.pk) == {"SKU-3", "SKU-4", "SKU-5"}
