"""Four clocks of the portal tick at once over the same missed targets."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from claims.models import Claim, Clock, Escalation
from claims.services import breaching
from tests.claims.at_once import at_once
from tests.factories import claims as make
from tests.fixtures.people import Persona

MANY = 4
MORNING = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LATE = MORNING + timedelta(days=9)


def sweep() -> tuple[int, int]:
    return breaching.breach_overdue(now=LATE), breaching.fire_escalations(now=LATE)


@pytest.fixture
def overdue(merchant: Persona, reviewer: Persona) -> Claim:
    make.on_the_desk(reviewer.user)
    return make.taken(merchant.shop, reviewer.actor, at=MORNING)


@pytest.mark.case("SLA-05")
def test_a_missed_target_escalates_once_under_four_sweeps(
    transactional_db: None, platform_scope: None, overdue: Claim
) -> None:
    found = at_once([sweep] * MANY)

    assert all(isinstance(each, tuple) for each in found), found
    assert sum(each[0] for each in found) == Clock.objects.count() == 2  # type: ignore[index]
    assert sum(each[1] for each in found) == Escalation.objects.count() == 12  # type: ignore[index]
    assert not Escalation.objects.filter(fired_at=None).exists()


@pytest.mark.case("SLA-05")
def test_control_without_the_lock_one_target_is_answered_for_several_times(
    transactional_db: None, platform_scope: None, overdue: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(MANY)
    clock = Clock.objects.get(target="RESOLUTION")
    monkeypatch.setattr(breaching.claims, "lock", lambda claim_id: Claim.objects.get(pk=claim_id))
    allowance: Callable[..., object] = breaching._allowance

    def slowly(*args: object, **more: object) -> object:
        together.wait(timeout=20)
        return allowance(*args, **more)

    monkeypatch.setattr(breaching, "_allowance", slowly)

    found = at_once([partial(breaching._breach, clock_id=clock.pk, claim_id=overdue.pk, now=LATE)] * MANY)

    assert found.count(True) > 1
