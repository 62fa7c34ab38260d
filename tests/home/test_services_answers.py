"""Answers to many warnings: each row by its own command, worked off in the background, resumed after a death."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from claims.models import Claim
from merchant_protection.foundation import leases, tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed
from merchant_protection.home.services import answers, reporting
from merchant_protection.risk import queries
from merchant_protection.risk.models import BulkAnswer, Label, Warning, WarningMove
from tests.factories.marketplace import OrderFactory
from tests.factories.risk import WarningFactory
from tests.fixtures.people import Persona

MANY = 6  # the pool has eight connections, and the test itself needs one


def ask(persona: Persona, ids: list[int], at: datetime, name: str = "acknowledge") -> BulkAnswer:
    return answers.answer_many(name, merchant_id=persona.shop.pk, warning_ids=ids, actor=persona.actor, at=at)


def statuses() -> set[str]:
    return set(Warning.objects.values_list("status", flat=True))


@pytest.mark.django_db
def test_more_than_two_hundred_are_worked_off_by_the_drain(
    platform_scope: None, merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "AT_ONCE", 2)
    monkeypatch.setattr(answers, "CHUNK", 2)
    ids = [WarningFactory(merchant=merchant.shop).pk for _ in range(5)]

    job = ask(merchant, ids, now)
    assert (job.status, job.handled, statuses()) == ("RUNNING", 0, {"OPEN"})

    for _turn in range(3):
        assert answers.work_off(now=now) == 1
    assert answers.work_off(now=now) == 0
    job.refresh_from_db()
    assert (job.status, job.answered, job.refused, statuses()) == ("DONE", 5, 0, {"ACKNOWLEDGED"})


@pytest.mark.django_db
def test_a_job_that_died_goes_on_and_counts_its_own_rows_as_done(
    platform_scope: None, merchant: Persona, now: datetime
) -> None:
    ids = [WarningFactory(merchant=merchant.shop).pk for _ in range(3)]
    job = BulkAnswer.objects.create(
        merchant=merchant.shop, user=merchant.user, answer="acknowledge", warning_ids=ids, created_at=now, due_at=now
    )
    answers.answer("acknowledge", warning_id=ids[0], actor=merchant.actor, at=now)  # then the process was killed

    assert answers.work_off(now=now + leases.LEASE) == 1

    job.refresh_from_db()
    assert (job.status, job.answered, job.refusals) == ("DONE", 3, {})


@pytest.mark.django_db
def test_a_stopped_job_answers_no_more(
    platform_scope: None, merchant: Persona, onlooker: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "AT_ONCE", 1)
    ids = [WarningFactory(merchant=merchant.shop).pk for _ in range(2)]
    job = ask(merchant, ids, now)

    with pytest.raises(NotAllowed):
        answers.cancel(bulk_id=job.pk, actor=onlooker.actor, at=now)
    answers.cancel(bulk_id=job.pk, actor=merchant.actor, at=now)

    assert answers.work_off(now=now + timedelta(minutes=5)) == 0
    assert statuses() == {"OPEN"}
    with pytest.raises(Conflict):
        answers.cancel(bulk_id=job.pk, actor=merchant.actor, at=now)


@pytest.mark.django_db
def test_another_shops_rows_are_refused_one_by_one(
    platform_scope: None, merchant: Persona, rival: Persona, now: datetime
) -> None:
    mine, strange = WarningFactory(merchant=merchant.shop), WarningFactory(merchant=rival.shop)

    job = ask(merchant, [mine.pk, strange.pk, 999_999_999], now)

    assert (job.answered, job.refused) == (1, 2)
    strange.refresh_from_db()
    assert strange.status == "OPEN"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nonsense", ""])
def test_what_is_no_answer_is_refused(platform_scope: None, merchant: Persona, now: datetime, name: str) -> None:
    with pytest.raises(Invalid):
        ask(merchant, [1], now, name)
    with pytest.raises(Invalid):
        ask(merchant, [], now)
    with pytest.raises(Invalid):
        answers.answer(name, warning_id=1, actor=merchant.actor, at=now)
    assert not BulkAnswer.objects.exists()


@pytest.mark.django_db
def test_reporting_begins_a_complaint_once_and_labels_the_order(
    platform_scope: None, merchant: Persona, now: datetime
) -> None:
    order = OrderFactory(merchant=merchant.shop, placed_at=now)
    warning = WarningFactory(merchant=merchant.shop, kind="EXTORTION", order=order, buyer=order.buyer)

    claim = reporting.report(warning_id=warning.pk, actor=merchant.actor, at=now)
    with pytest.raises(Conflict):
        reporting.report(warning_id=warning.pk, actor=merchant.actor, at=now)

    warning.refresh_from_db()
    assert warning.status == "REPORTED"
    assert Claim.objects.get().pk == claim.pk
    assert Label.objects.get().value == "SUSPECT"


@pytest.mark.django_db
def test_who_only_looks_reports_nothing(platform_scope: None, onlooker: Persona, now: datetime) -> None:
    order = OrderFactory(merchant=onlooker.shop)
    warning = WarningFactory(merchant=onlooker.shop, order=order)

    with pytest.raises(NotAllowed):
        reporting.report(warning_id=warning.pk, actor=onlooker.actor, at=now)
    assert not Claim.objects.exists()


def answer_at_once(merchant: Persona, warning: Warning, at: datetime) -> int:
    """Let six people answer one warning at the same moment; return how many moves it made."""
    actor = merchant.actor
    gate = threading.Barrier(MANY)

    def press() -> None:
        with tenancy.platform():
            try:
                gate.wait()
                answers.answer("mark_normal", warning_id=warning.pk, actor=actor, at=at)
            except Conflict:
                return
            finally:
                connection.close()

    threads = [threading.Thread(target=press) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return WarningMove.objects.filter(warning_id=warning.pk).count()


def test_six_answers_at_once_are_one(
    transactional_db: None, platform_scope: None, merchant: Persona, now: datetime
) -> None:
    assert answer_at_once(merchant, WarningFactory(merchant=merchant.shop), now) == 1


def test_control_without_the_lock_there_are_several(
    transactional_db: None, platform_scope: None, merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(MANY)

    def unlocked(warning_id: int) -> Warning:
        found = queries.find(warning_id)
        together.wait(timeout=30)  # all of them have looked before the first one writes
        return found

    monkeypatch.setattr(queries, "lock", unlocked)

    assert answer_at_once(merchant, WarningFactory(merchant=merchant.shop), now) > 1
