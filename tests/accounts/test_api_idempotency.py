"""A program's request takes effect once under its Idempotency-Key, whatever is lost on the way."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone, translation

from merchant_protection.accounts.actor import Actor, Kind
from merchant_protection.accounts.models import KeptAnswer, Merchant
from merchant_protection.accounts.services import idempotency, merchants
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, Invalid
from merchant_protection.foundation.transactions import before_commit
from tests.factories.accounts import ApiKeyFactory
from tests.fixtures.people import Persona

SHOP = {"code": "QH-9", "name": "九号店"}
CALLER = Actor(kind=Kind.PLATFORM, id=1)


@pytest.fixture
def key(db: None) -> str:
    return ApiKeyFactory(merchant=None, scopes=["merchants:write"]).presented


def ask(key: str, name: str | None = "k-1", body: dict[str, Any] = SHOP) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"} | (
        {"Idempotency-Key": name} if name is not None else {}
    )
    return Client(raise_request_exception=False).post(
        "/api/v1/merchants", body, content_type="application/json", headers=headers
    )


def shops() -> int:
    with tenancy.platform():
        return Merchant.objects.filter(code__startswith="QH-").count()


def opened() -> int:
    with tenancy.platform():
        return Entry.objects.filter(action="shop.opened").count()


def kept() -> list[KeptAnswer]:
    with tenancy.platform():
        return list(KeptAnswer.objects.all())


def test_a_program_must_send_a_key(key: str) -> None:
    answer = ask(key, None)

    assert (answer.status_code, shops()) == (400, 0)
    assert "Idempotency-Key" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 201, "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused(key: str, name: str) -> None:
    assert (ask(key, name).status_code, shops()) == (400, 0)


def test_the_same_request_again_is_told_the_same(key: str) -> None:
    first, again = ask(key), ask(key)

    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()
    assert (first.headers.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert (shops(), opened()) == (1, 1)


def test_another_request_under_the_same_key_is_refused(key: str) -> None:
    ask(key)

    answer = ask(key, body={"code": "QH-10", "name": "十号店"})

    assert (answer.status_code, shops()) == (422, 1)


def test_a_refused_request_may_come_again_under_its_key(key: str) -> None:
    assert ask(key, body={"code": "QH-9", "name": " "}).status_code == 422
    assert kept() == []
    assert ask(key).status_code == 201


def test_keys_of_different_programs_never_meet(key: str) -> None:
    other = ApiKeyFactory(merchant=None, scopes=["merchants:write"]).presented
    ask(key)

    assert ask(other, body={"code": "QH-10", "name": "十号店"}).status_code == 201


def test_without_the_scope_nothing_is_kept(db: None) -> None:
    key = ApiKeyFactory(merchant=None, scopes=["orders:read"]).presented

    answer = ask(key)

    assert (answer.status_code, kept()) == (403, [])
    assert "merchants:write" in answer.json()["detail"]


def test_a_person_may_leave_the_key_out_and_may_send_one(staff: Persona) -> None:
    for _ in range(2):
        answer = staff.client.post(
            "/api/v1/merchants", SHOP, content_type="application/json", headers={"Idempotency-Key": "p-1"}
        )
        assert answer.status_code == 201
    assert answer["Idempotency-Replayed"] == "true"
    assert staff.client.post("/api/v1/merchants", SHOP, content_type="application/json").status_code == 201


def test_an_error_of_ours_before_the_commit_leaves_the_way_free(key: str) -> None:
    with mock.patch.object(merchants.audit, "record", side_effect=OperationalError("gone")):
        assert ask(key).status_code == 500
    assert (shops(), kept()) == (0, [])

    assert ask(key).status_code == 201


def test_an_error_after_the_commit_never_lets_it_happen_twice(key: str) -> None:
    with mock.patch("merchant_protection.accounts.api.shops.ShopOut", side_effect=RuntimeError("no words")):
        assert ask(key).status_code == 500

    assert (ask(key).status_code, shops(), opened()) == (409, 1, 1)
    later = timezone.now() + idempotency.LEASE + timedelta(seconds=1)
    with mock.patch("merchant_protection.accounts.api.programs.timezone.now", return_value=later):
        answer = ask(key)
    assert answer.status_code == 409
    assert "took effect" in answer.json()["detail"]
    assert (shops(), opened()) == (1, 1)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def _take(at: datetime, digest: str = "d") -> idempotency.Held | KeptAnswer:
    return idempotency.take(actor=CALLER, key="k", digest=digest, at=at)


def test_a_request_that_was_cut_off_is_taken_up_after_its_lease(platform_scope: None, now: datetime) -> None:
    first = _take(now)
    with pytest.raises(Conflict, match="still running"):
        _take(now + idempotency.LEASE - timedelta(seconds=1))

    second = _take(now + idempotency.LEASE)

    assert isinstance(first, idempotency.Held)
    assert isinstance(second, idempotency.Held)
    assert (second.pk, second.generation) == (first.pk, 2)


def test_the_one_who_was_cut_off_and_wakes_changes_nothing(
    transactional_db: None, platform_scope: None, now: datetime
) -> None:
    slow, quick = _take(now), _take(now + idempotency.LEASE)
    assert isinstance(slow, idempotency.Held)
    assert isinstance(quick, idempotency.Held)

    def open_as(held: idempotency.Held, code: str) -> None:
        with idempotency_of(held, now):
            merchants.open_shop(actor=Actor.clock("test"), code=code, name="x", at=now)

    open_as(quick, "QH-1")
    with pytest.raises(Conflict, match="another process"):
        open_as(slow, "QH-2")
    idempotency.finish(slow, status=201, content_type="application/json", body="late")

    assert shops() == 1
    assert [each.status for each in kept()] == [None]


def idempotency_of(held: idempotency.Held, at: datetime) -> Any:
    return before_commit(lambda: idempotency.mark(held, at=at))


def test_after_seven_days_the_key_is_free_again(platform_scope: None, now: datetime) -> None:
    held = _take(now)
    assert isinstance(held, idempotency.Held)
    idempotency.finish(held, status=201, content_type="application/json", body="{}")

    with pytest.raises(Invalid):
        _take(now + timedelta(days=7) - timedelta(seconds=1), digest="other")
    assert isinstance(_take(now + timedelta(days=7), digest="other"), idempotency.Held)


def test_the_sweep_forgets_what_is_a_week_old_and_nothing_else(platform_scope: None, now: datetime) -> None:
    for number, age in enumerate((0, 6, 7, 8)):
        idempotency.take(actor=CALLER, key=f"k{number}", digest="d", at=now - timedelta(days=age))

    assert idempotency.forget_expired(now=now) == 2
    assert idempotency.forget_expired(now=now) == 0
    assert sorted(each.key for each in kept()) == ["k0", "k1"]


def _eight_at_once(key: str, name: str | None) -> list[int]:
    gate = threading.Barrier(8)

    def one(_: int) -> int:
        gate.wait(30)
        try:
            return int(ask(key, name).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(8)))


def test_eight_at_once_have_one_effect(transactional_db: None, key: str) -> None:
    with mock.patch.object(merchants, "open_shop", side_effect=_open_another):
        answers = _eight_at_once(key, "k-1")

    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert shops() == 1


def test_without_the_key_the_same_eight_have_eight_effects(transactional_db: None, key: str) -> None:
    """The control: what is called eight times does happen eight times."""
    with (
        mock.patch.object(merchants, "open_shop", side_effect=_open_another),
        mock.patch("merchant_protection.accounts.api.programs.ForPrograms._once_only"),
    ):
        _eight_at_once(key, "k-1")

    assert shops() == 8


_count = iter(range(100, 10_000))
_open_shop = merchants.open_shop


def _open_another(*, code: str, **fields: Any) -> Merchant:
    """A command whose repetition hurts: it opens another shop each time."""
    return _open_shop(code=f"{code}-{next(_count)}", **fields)
