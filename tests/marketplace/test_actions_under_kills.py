"""Real drains, killed and frozen at random, against a platform that fails: one decision has one effect."""

import random
import sys
import time
from collections import Counter

import pytest
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.drain import POLL
from merchant_protection.marketplace.models import ActionTarget, Breaker, Budget, PlatformAction
from tests.fixtures.programs import until
from tests.marketplace import hasty_drain

DRAIN = (sys.executable, "manage.py", "drain", "--only", "marketplace.act")
HASTY = (sys.executable, "-m", "tests.marketplace.hasty_drain", "--only", "marketplace.act")


@pytest.fixture(autouse=True)
def _generous(transactional_db, platform_scope, platform):
    Budget.objects.update(cap=100_000, catalogue_share=None)


def standing():
    return Counter(PlatformAction.objects.values_list("status", flat=True))


def kill_while_working(program, ask, market, drain, *, actions, kills, drains, hang, seed=7):
    """Ask for many states, kill drains at random while they send, and return how long it took."""
    rng = random.Random(seed)
    market.hang_seconds = hang

    def fault(key, nth):
        drawn = random.Random(f"{seed}-{key}-{nth}").random()
        shares = (("unavailable", 0.15), ("lost", 0.15), ("hang", 0.05))
        for name, share in shares:
            drawn -= share
            if drawn < 0:
                return name
        return ""

    market.fault = fault
    started = time.monotonic()
    for number in range(actions):
        ask("delist", f"SKU-{number}", at=timezone.now())
    running = [program.start(*drain).wait_for("listening") for _drain in range(drains)]
    for _kill in range(kills):
        time.sleep(rng.uniform(0.2, 1.0))
        victim = rng.randrange(drains)
        running[victim].kill()
        running[victim] = program.start(*drain)
    until(lambda: standing()["CONFIRMED"] == actions, seconds=900, otherwise=lambda: f"{standing()}")
    return time.monotonic() - started


def assert_one_effect_each(market, actions):
    keys = Counter(effect["target"]["ref"] for effect in market.effects)
    assert len(market.effects) == actions
    assert set(keys.values()) == {1}
    assert market.reused == []
    assert set(ActionTarget.objects.values_list("actual", flat=True)) == {"DELISTED"}


@pytest.mark.timeout(400)
def test_killed_drains_and_a_failing_platform_bring_each_effect_about_once(program, ask, market):
    kill_while_working(program, ask, market, HASTY, actions=100, kills=5, drains=2, hang=hasty_drain.PATIENCE + 1)

    assert_one_effect_each(market, 100)


@pytest.mark.soak
@pytest.mark.case("T14")
@pytest.mark.timeout(1800)
def test_fifty_kills_over_a_thousand_actions_bring_exactly_a_thousand_effects(program, ask, market):
    kill_while_working(program, ask, market, DRAIN, actions=1000, kills=50, drains=3, hang=11.0)

    assert_one_effect_each(market, 1000)


@pytest.mark.case("T19")
def test_a_frozen_drain_that_thaws_after_its_lease_writes_nothing_and_has_no_second_effect(program, ask, market):
    market.hang_seconds = 1.5
    market.fault = lambda key, nth: "hang" if nth == 1 else ""
    action = ask("hold_order", "O-1", at=timezone.now())  # lent for a short time only
    frozen = program.start(*HASTY).wait_for("listening")
    until(lambda: market.arrived.total() == 1)
    frozen.freeze()

    other = program.start(*HASTY).wait_for("listening")
    until(lambda: PlatformAction.objects.get().status == "CONFIRMED", seconds=40)
    settled = PlatformAction.objects.values().get()
    frozen.thaw()
    time.sleep(2)

    assert PlatformAction.objects.values().get() == settled
    assert settled["generation"] > action.generation + 2  # claimed by each, settled by the other
    assert len(market.effects) == 1
    assert (frozen.is_running, other.is_running) == (True, True)


def test_the_breaker_is_shared_by_all_drains(program, ask, market):
    market.is_down = True
    for number in range(30):
        ask("delist", f"SKU-{number}", at=timezone.now())

    for _drain in range(2):
        program.start(*DRAIN).wait_for("listening")
    until(lambda: Breaker.objects.filter(open_until__isnull=False).exists())
    time.sleep(1)  # for what was on its way
    attempts = sum(PlatformAction.objects.values_list("generation", flat=True))
    time.sleep(POLL + 1)  # each drain has looked again meanwhile

    assert sum(PlatformAction.objects.values_list("generation", flat=True)) == attempts
    with tenancy.platform():
        assert standing()["CONFIRMED"] == 0


def test_what_is_asked_for_leaves_with_the_broker_away(program, ask, market, broker):
    broker.stop()
    program.drain()
    lags = []
    for number in range(20):
        asked_at = time.time()
        ask("delist", f"SKU-{number}", at=timezone.now())
        until(lambda count=number + 1: market.arrived.total() == count)
        lags.append(market.arrived_at[-1] - asked_at)

    until(lambda: standing()["CONFIRMED"] == 20)
    sys.stdout.write(f"asked to arrived, seconds: median {sorted(lags)[10]:.3f}, p95 {sorted(lags)[18]:.3f}\n")
