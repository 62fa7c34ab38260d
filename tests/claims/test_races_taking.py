"""Eight reviewers reach for the next case at the same moment."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest

from claims.models import Claim, ReviewLease
from claims.queries import desk
from claims.services import taking
from tests.claims.at_once import at_once
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.fixtures.people import Persona

MANY = 8
UNLOCKED = desk.FIRST.replace("FOR UPDATE SKIP LOCKED", "")


@pytest.fixture
def takers(merchant: Persona, now: datetime) -> list[Callable[[], object]]:
    for _ in range(MANY):
        make.submitted(merchant.shop, at=now)
    people = [Persona(UserFactory(reviewer=True)) for _ in range(MANY)]
    for person in people:
        make.on_the_desk(person.user)
    return [partial(taking.take_next, actor=person.actor, at=now) for person in people]


@pytest.mark.case("CL-08")
def test_eight_reviewers_get_eight_different_cases(
    transactional_db: None, platform_scope: None, takers: list[Callable[[], object]]
) -> None:
    found = at_once(takers)

    assert all(isinstance(each, Claim) for each in found), found
    assert len({each.pk for each in found}) == MANY  # type: ignore[attr-defined]
    assert ReviewLease.objects.filter(released_at=None).count() == MANY


@pytest.mark.case("CL-08")
def test_control_without_the_lock_they_reach_for_the_same(
    transactional_db: None,
    platform_scope: None,
    takers: list[Callable[[], object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert UNLOCKED != desk.FIRST
    monkeypatch.setattr(desk, "FIRST", UNLOCKED)

    found = at_once(takers)

    assert len({each.pk for each in found if isinstance(each, Claim)}) < MANY
