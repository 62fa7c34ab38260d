"""Warnings: raised once, renewed, answered by who may, ended by the clock with a word."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, NotAllowed, NotFound
from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices.models import Notice
from merchant_protection.risk import queries
from merchant_protection.risk.models import Warning, WarningMove
from merchant_protection.risk.services import warnings
from merchant_protection.risk.services.warnings import Sighting
from tests.factories.risk import WarningFactory
from tests.fixtures.people import Persona

CLOCK = Actor.clock("test")


@pytest.fixture
def sighting(merchant: Persona, now: datetime) -> Sighting:
    return Sighting(
        merchant_id=merchant.shop.pk,
        kind="hoarding",
        level="MEDIUM",
        source="scalper_policies",
        dedupe_key="order-1",
        facts={"unpaid": 12},
        expires_at=now + timedelta(hours=24),
    )


@transaction
def warn(sighting: Sighting, *, at: datetime, actor: Actor = CLOCK) -> Warning:
    return warnings.warn(sighting, actor=actor, at=at)


@pytest.mark.django_db
def test_the_same_thing_seen_again_renews_the_open_warning_and_never_lowers_it(
    platform_scope: None, sighting: Sighting, now: datetime
) -> None:
    first = warn(replace(sighting, level="HIGH"), at=now)

    again = warn(replace(sighting, level="LOW", facts={"unpaid": 15}), at=now)

    assert again.pk == first.pk
    assert (again.level, again.facts) == ("HIGH", {"unpaid": 15})
    assert [move.move for move in queries.history_of(first)] == ["raise"]


@pytest.mark.django_db
def test_only_the_highest_level_is_told_at_once(platform_scope: None, sighting: Sighting, now: datetime) -> None:
    warn(sighting, at=now)
    assert not Notice.objects.exists()

    warn(replace(sighting, dedupe_key="order-2", level="HIGH"), at=now)
    assert Notice.objects.get().kind == "warning.raised"


@pytest.mark.django_db
def test_an_answered_thing_seen_again_is_a_new_warning(
    platform_scope: None, merchant: Persona, sighting: Sighting, now: datetime
) -> None:
    first = warn(sighting, at=now)
    warnings.mark_normal(actor=merchant.actor, warning_id=first.pk, at=now, note="a school orders like this")

    assert warn(sighting, at=now).pk != first.pk


@pytest.mark.django_db
def test_people_cannot_raise_warnings(
    platform_scope: None, merchant: Persona, sighting: Sighting, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        warn(sighting, at=now, actor=merchant.actor)

    assert not Warning.objects.exists()


@pytest.mark.django_db
def test_an_answer_is_dated_and_written_down(merchant: Persona, now: datetime) -> None:
    warning = WarningFactory(merchant=merchant.shop)

    with tenancy.merchant(merchant.shop.pk):
        warnings.report(actor=merchant.actor, warning_id=warning.pk, at=now, note="claim filed")
        warning.refresh_from_db()

        assert (warning.status, warning.answered_at, warning.answered_by) == ("REPORTED", now, "Ann Owner")
        assert [(each.move, each.note) for each in queries.history_of(warning)] == [("report", "claim filed")]


@pytest.mark.django_db
def test_an_acknowledgement_can_be_taken_back(merchant: Persona, now: datetime) -> None:
    warning = WarningFactory(merchant=merchant.shop)

    with tenancy.merchant(merchant.shop.pk):
        warnings.acknowledge(actor=merchant.actor, warning_id=warning.pk, at=now)
        assert warnings.reopen(actor=merchant.actor, warning_id=warning.pk, at=now).status == "OPEN"


@pytest.mark.django_db
def test_who_only_looks_answers_nothing_and_nothing_changes(onlooker: Persona, now: datetime) -> None:
    warning = WarningFactory(merchant=onlooker.shop)

    with tenancy.merchant(onlooker.shop.pk):
        with pytest.raises(NotAllowed):
            warnings.mark_normal(actor=onlooker.actor, warning_id=warning.pk, at=now)

        warning.refresh_from_db()
        assert (warning.status, WarningMove.objects.count()) == ("OPEN", 0)


@pytest.mark.django_db
def test_a_rival_finds_no_warning_to_answer(merchant: Persona, rival: Persona, now: datetime) -> None:
    warning = WarningFactory(merchant=merchant.shop)

    with tenancy.merchant(rival.shop.pk), pytest.raises(NotFound):
        warnings.mark_normal(actor=rival.actor, warning_id=warning.pk, at=now)


@pytest.mark.django_db
def test_the_second_answer_is_refused(merchant: Persona, now: datetime) -> None:
    warning = WarningFactory(merchant=merchant.shop)

    with tenancy.merchant(merchant.shop.pk):
        warnings.report(actor=merchant.actor, warning_id=warning.pk, at=now)
        with pytest.raises(Conflict):
            warnings.mark_normal(actor=merchant.actor, warning_id=warning.pk, at=now)


@pytest.mark.django_db
def test_history_is_never_changed(platform_scope: None, sighting: Sighting, now: datetime) -> None:
    warn(sighting, at=now)

    with pytest.raises(DatabaseError):
        WarningMove.objects.update(note="otherwise")


@pytest.mark.django_db
def test_the_sweep_ends_only_what_is_due_and_tells_once_of_each_kind(
    platform_scope: None, merchant: Persona, now: datetime
) -> None:
    due = [WarningFactory(merchant=merchant.shop, overdue=True) for _ in range(3)]
    running = WarningFactory(merchant=merchant.shop)

    assert warnings.expire_due(now=now) == 3
    assert warnings.expire_due(now=now) == 0

    assert set(Warning.objects.filter(status="EXPIRED").values_list("pk", flat=True)) == {each.pk for each in due}
    assert Notice.objects.filter(kind="warning.expired").count() == 1
    running.refresh_from_db()
    assert running.status == "OPEN"


@pytest.mark.django_db
def test_one_that_cannot_be_ended_holds_up_no_other(
    platform_scope: None, merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (WarningFactory(merchant=merchant.shop, overdue=True) for _ in range(2))
    lock: Callable[[int], Warning] = queries.lock

    def broken(warning_id: int) -> Warning:
        if warning_id == bad.pk:
            raise RuntimeError("no")
        return lock(warning_id)

    monkeypatch.setattr(queries, "lock", broken)

    assert warnings.expire_due(now=now) == 1
    good.refresh_from_db()
    assert good.status == "EXPIRED"
