"""Eight reviewers reach for the next case at the same moment."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from claims.models import Claim, ReviewLease
from claims.queries import claims as queries
from claims.queries import desk
from claims.services import handing, taking
from tests.claims.at_once import at_once
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.fixtures.people import Persona

MANY = 8
SOME = 6  # beside the one who has the most urgent case: a process has eight connections
# Without the lock, and so slow that whoever reaches for a case meanwhile still finds it free.
UNLOCKED = f"""
SELECT * FROM ({desk.FIRST.replace("FOR UPDATE SKIP LOCKED", "")}) AS found WHERE pg_sleep(0.3)::text = ''
"""


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

    assert len(_keys(found)) == MANY, found
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


# Where the only case of the most urgent queue is being taken by somebody else, the next queues are looked through.


@pytest.fixture
def head(transactional_db: None, merchant: Persona, now: datetime) -> Claim:
    """The only case of the most urgent queue; six others lie in another."""
    first = make.submitted(merchant.shop, at=now - timedelta(days=7), amount="900")
    for _ in range(SOME):
        make.submitted(merchant.shop, at=now, kind="ABNORMAL_ORDER")
    return first


@pytest.fixture
def people(head: Claim, now: datetime) -> list[Callable[[], object]]:
    found = [Persona(UserFactory(reviewer=True)) for _ in range(SOME)]
    for person in found:
        make.on_the_desk(person.user)
    return [partial(taking.take_next, actor=person.actor, at=now) for person in found]


@pytest.fixture
def _all_choose_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody write down a case of the next queues before everybody has chosen one."""
    gate, give = threading.Barrier(SOME, timeout=60), taking.give

    def give_then(*args: Any, **given: Any) -> ReviewLease:
        gate.wait()
        return give(*args, **given)

    monkeypatch.setattr(taking, "give", give_then)


@pytest.mark.usefixtures("platform_scope", "_all_choose_first")
def test_past_a_case_in_other_hands_six_reviewers_get_six_different_ones(
    head: Claim, people: list[Callable[[], object]]
) -> None:
    with transaction.atomic():
        queries.lock(head.pk)
        found = at_once(people)

    assert len(_keys(found) - {head.pk}) == SOME, found
    assert ReviewLease.objects.filter(released_at=None).count() == SOME
    assert Claim.objects.get(pk=head.pk).reviewer_id is None


@pytest.mark.usefixtures("platform_scope", "_all_choose_first")
def test_control_past_it_without_the_lock_they_reach_for_the_same(
    people: list[Callable[[], object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "hand_next", lambda *_, **__: None)  # as when the most urgent one is being taken
    monkeypatch.setattr(desk, "FIRST", UNLOCKED)

    found = at_once(people)

    assert len({each.pk for each in found if isinstance(each, Claim)}) == 1, found


@pytest.mark.usefixtures("platform_scope")
def test_control_without_the_next_queues_they_get_nothing_while_cases_wait(
    head: Claim, people: list[Callable[[], object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "next_for", lambda **_: None)

    with transaction.atomic():
        queries.lock(head.pk)
        found = at_once(people)

    assert found == [None] * SOME


def _keys(found: list[object]) -> set[int]:
    """The cases that were given out; what went wrong instead is none."""
    return {each.pk for each in found if isinstance(each, Claim)}
