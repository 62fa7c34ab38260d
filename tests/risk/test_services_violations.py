"""Violations: told by the marketplace alone, once for each reference; their points come off once and within a limit."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from merchant_protection.accounts.actor import Actor
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from merchant_protection.foundation.transactions import transaction
from merchant_protection.notices.models import Notice
from merchant_protection.risk import queries
from merchant_protection.risk.models import Relief, Violation
from merchant_protection.risk.services import violations
from tests.factories.accounts import ApiKeyFactory
from tests.factories.risk import ViolationFactory
from tests.fixtures.people import Persona

MANY, FEW = 8, 4  # each of the few holds a connection of the pool while it waits for the others
PATIENCE = 60
DAY = timedelta(days=1)


def told(shop: Any, at: datetime, **more: Any) -> dict[str, Any]:
    facts = {"reference": "V-1", "kind": "MISLEADING_PRICE", "reason": "Never asked.", "points": 3}
    return {"merchant_id": shop.pk, "happened_at": at - DAY, "at": at, **facts, **more}


def terms(at: datetime, **more: Any) -> violations.Terms:
    return violations.Terms(**{"policy": "training:1", "points": 1, "most": 2, "since": at - 30 * DAY, **more})


def relieve(shop: Any, at: datetime, *, subject: str = "a", **more: Any) -> int:
    @transaction
    def run() -> int:
        return violations.relieve(merchant_id=shop.pk, terms=terms(at, **more), subject=subject, params={}, at=at)

    return run()


@pytest.fixture
def shop(merchant: Persona, platform_scope: None) -> Any:
    return merchant.shop


def test_a_violation_is_recorded_once_and_the_shop_is_told(shop: Any, staff: Persona, now: datetime) -> None:
    first = violations.record(actor=staff.actor, **told(shop, now))
    again = violations.record(actor=staff.actor, **told(shop, now))

    assert first == again
    assert queries.points_of(shop.pk, at=now) == 3
    assert Notice.objects.get(kind="violation.recorded").params["points"] == 3
    assert Entry.objects.get(action="violation.recorded").merchant_id == shop.pk
    with pytest.raises(Conflict):
        violations.record(actor=staff.actor, **told(shop, now, points=9))


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": 0},
        {"points": 101},
        {"kind": "RUDENESS"},
        {"reason": " "},
        {"reference": ""},
        {"merchant_id": 999_999_999},
        {"happened_at": datetime(2999, 1, 1, tzinfo=UTC)},
        {"ends_at": datetime(1999, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_what_cannot_be_right_is_refused_and_nothing_changes(
    shop: Any, staff: Persona, now: datetime, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        violations.record(actor=staff.actor, **told(shop, now, **wrong))

    assert not Violation.objects.exists()
    assert not Notice.objects.exists()


def test_only_the_marketplace_records_and_withdraws(
    shop: Any, merchant: Persona, trainer: Persona, reviewer: Persona, now: datetime
) -> None:
    known = ViolationFactory(merchant=shop)

    for person in (merchant, trainer, reviewer):
        with pytest.raises(NotAllowed):
            violations.record(actor=person.actor, **told(shop, now))
        with pytest.raises(NotAllowed):
            violations.withdraw(actor=person.actor, violation_id=known.pk, reason="no", at=now)

    assert Violation.objects.get().withdrawn_at is None


def test_a_withdrawn_or_ended_violation_counts_no_more(shop: Any, staff: Persona, now: datetime) -> None:
    wrong, _old = ViolationFactory(merchant=shop), ViolationFactory(merchant=shop, ends_at=now - DAY)

    with pytest.raises(Invalid):
        violations.withdraw(actor=staff.actor, violation_id=wrong.pk, reason=" ", at=now)
    assert queries.points_of(shop.pk, at=now) == 3
    violations.withdraw(actor=staff.actor, violation_id=wrong.pk, reason="The wrong shop.", at=now)

    assert queries.points_of(shop.pk, at=now) == 0
    assert relieve(shop, now) == 0
    with pytest.raises(Conflict):
        violations.withdraw(actor=staff.actor, violation_id=wrong.pk, reason="Again.", at=now)
    with pytest.raises(NotFound):
        violations.withdraw(actor=staff.actor, violation_id=0, reason="Nothing.", at=now)


def test_points_come_off_the_oldest_first_once_for_a_subject_and_within_the_limit(shop: Any, now: datetime) -> None:
    new = ViolationFactory(merchant=shop, points=5, happened_at=now - DAY)
    old = ViolationFactory(merchant=shop, points=1, happened_at=now - 9 * DAY)
    other = ViolationFactory(merchant=shop, points=5, kind="LATE_DISPATCH", happened_at=now - 20 * DAY)

    taken = [
        relieve(shop, now, subject=subject, points=2, most=3, kind="MISLEADING_PRICE")
        for subject in ("a", "a", "b", "c")
    ]
    later = relieve(shop, now + 31 * DAY, subject="d", points=2, most=3, since=now + DAY, kind="MISLEADING_PRICE")

    assert taken == [2, 0, 1, 0]
    assert later == 2
    for each, relieved in ((old, 1), (new, 4), (other, 0)):
        each.refresh_from_db()
        assert each.relieved == relieved
    assert sorted(Relief.objects.values_list("subject", "points")) == [("a", 1), ("a", 1), ("b", 1), ("d", 2)]


def at_once(work: Callable[[int], object], *, count: int = MANY) -> None:
    gate = threading.Barrier(count, timeout=PATIENCE)

    def run(place: int) -> None:
        with tenancy.platform():
            try:
                gate.wait()
                work(place)
            finally:
                connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_eight_completions_at_once_take_off_no_more_than_the_limit(
    transactional_db: None, shop: Any, now: datetime
) -> None:
    violation = ViolationFactory(merchant=shop, points=12)

    at_once(lambda place: relieve(shop, now, subject=f"person {place}"))
    at_once(lambda _place: relieve(shop, now, subject="one completion told eight times", policy="training:2"))

    violation.refresh_from_db()
    assert violation.relieved == 3
    assert sorted(Relief.objects.values_list("policy", "points")) == [("training:1", 1)] * 2 + [("training:2", 1)]


def test_control_without_the_lock_more_comes_off_than_the_limit(
    transactional_db: None, shop: Any, now: datetime
) -> None:
    ViolationFactory(merchant=shop, points=12)
    all_have_read = threading.Barrier(FEW, timeout=PATIENCE)
    counted = queries.points_relieved_by

    def unlocked(merchant_id: int, *, kind: str, at: datetime) -> list[Violation]:
        return list(Violation.objects.filter(merchant_id=merchant_id))

    def count(*args: Any, **kwargs: Any) -> int:
        found = counted(*args, **kwargs)
        all_have_read.wait()
        return found

    with mock.patch.object(queries, "lock_points", unlocked), mock.patch.object(queries, "points_relieved_by", count):
        at_once(lambda place: relieve(shop, now, subject=f"person {place}"), count=FEW)

    assert Relief.objects.count() == FEW


@contextmanager
def _as_program(key: Any) -> Iterator[Callable[..., Any]]:
    def post(path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {key.presented}", "Idempotency-Key": uuid4().hex}
        return Client().post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    yield post


@pytest.mark.django_db
def test_the_marketplaces_program_records_what_a_shops_program_reads(merchant: Persona, now: datetime) -> None:
    scopes = ["warnings:read", "warnings:write"]
    own, platform = ApiKeyFactory(merchant=merchant.shop, scopes=scopes), ApiKeyFactory(merchant=None, scopes=scopes)
    assert merchant.shop
    facts = told(merchant.shop, now)
    body = {"merchant": facts.pop("merchant_id"), **facts, "happened_at": facts["happened_at"].isoformat()}
    del body["at"]

    with _as_program(own) as post:
        assert post("violations", body).status_code == 403
    with _as_program(platform) as post:
        made = post("violations", body)
        assert made.status_code == 201
        assert post("violations", body).json()["id"] == made.json()["id"]
        assert post("violations", body | {"merchant": 999_999}).status_code == 422
    with _as_program(own) as post:
        assert post(f"violations/{made.json()['id']}/withdraw", {"reason": "no"}).status_code == 403
    read = Client().get("/api/v1/violations", headers={"Authorization": f"Bearer {own.presented}"}).json()["results"]
    assert [(each["reference"], each["left"], each["reliefs"]) for each in read] == [("V-1", 3, [])]
    with _as_program(platform) as post:
        assert post(f"violations/{made.json()['id']}/withdraw", {"reason": "Wrong shop."}).json()["withdrawn_at"]


def test_operations_record_and_withdraw_in_the_admin(
    shop: Any, staff: Persona, reviewer: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    form = {"shop": shop.code, "reference": "V-7", "kind": "OTHER", "reason": "Rude replies.", "points": 2, "days": 30}
    form["_form_submitted"] = "True"

    assert reviewer.client.post(reverse("admin:risk_violation_record"), form).status_code == 403
    staff.client.post(reverse("admin:risk_violation_record"), form)
    made = Violation.objects.get()
    assert (made.points, made.recorded_by, (made.ends_at - made.happened_at).days) == (2, "Opal Operations", 30)
    page = reviewer.client.get(reverse("admin:risk_violation_change", args=[made.pk]))
    assert "Rude replies." in page.content.decode()
    staff.client.post(
        reverse("admin:risk_violation_withdraw", args=[made.pk]), {"_form_submitted": "True", "reason": "A mistake."}
    )
    made.refresh_from_db()
    assert made.withdrawn_note == "A mistake."


def test_the_clock_may_record_for_the_demo(shop: Any, now: datetime) -> None:
    assert violations.record(actor=Actor.clock("demo"), **told(shop, now)).recorded_by == "demo"
