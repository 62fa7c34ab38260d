"""POST /api/v1/order-decisions: one question, one stored answer."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from merchant_protection.foundation import tenancy
from scalper_policies.models import OrderDecision, Reservation
from tests.factories.accounts import ApiKeyFactory
from tests.factories.scalper_policies import OrderDecisionFactory, VersionFactory
from tests.fixtures.people import Persona

WHERE = "/api/v1/order-decisions"


@pytest.fixture
def platform(db: None) -> dict[str, Any]:
    key = ApiKeyFactory(merchant=None, scopes=["orders:decide", "policies:read"])
    return {"headers": {"Authorization": f"Bearer {key.presented}"}}


def question(number: str = "O-1", *, units: int = 1, buyer: str = "buyer-1", **more: Any) -> dict[str, Any]:
    return {
        "merchant": "shop-a",
        "number": number,
        "buyer": buyer,
        "lines": [{"sku": "SKU-HOT", "quantity": units}],
        "recipient": {"name": "张三", "phone": "13800001234", "address": "上海市浦东新区世纪大道1号"},
        "device": "device-1",
        "ip": "198.18.0.1",
        "payment": "card-1",
        **more,
    }


def ask(platform: dict[str, Any], **more: Any) -> Any:
    return Client().post(WHERE, question(**more), content_type="application/json", **platform)


@pytest.mark.django_db
def test_an_order_passes_until_the_limit_and_is_told_what_would_pass(
    merchant: Persona, platform: dict[str, Any]
) -> None:
    VersionFactory(merchant=merchant.shop)

    first, second = ask(platform, number="O-1"), ask(platform, number="O-2", units=2)

    assert (first.status_code, first.json()["verdict"], first.json()["reasons"]) == (200, "allow", [])
    told = second.json()
    assert told["verdict"] == "reject"
    assert told["reasons"][0]["observed"] == 3
    assert told["reasons"][0]["limit"] == 2
    assert told["reasons"][0]["would_pass_if"] == {"code": "AT_MOST_UNITS", "units": 1}
    assert told["policy_version"].endswith(".1")


@pytest.mark.django_db
def test_the_same_order_asked_again_gets_the_stored_answer_and_keeps_nothing_more(
    merchant: Persona, platform: dict[str, Any]
) -> None:
    VersionFactory(merchant=merchant.shop)

    first, again = ask(platform, units=2), ask(platform, units=2)

    assert again.json() == first.json()
    with tenancy.platform():
        assert OrderDecision.objects.count() == 1
        assert [each.units for each in Reservation.objects.all()] == [2]


@pytest.mark.django_db
def test_another_body_under_the_same_order_number_is_told(merchant: Persona, platform: dict[str, Any]) -> None:
    VersionFactory(merchant=merchant.shop)
    ask(platform, units=1)

    answer = ask(platform, units=2)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "number"
    with tenancy.platform():
        assert OrderDecision.objects.get().units == 1


@pytest.mark.django_db
def test_nothing_readable_of_the_buyer_is_kept(merchant: Persona, platform: dict[str, Any]) -> None:
    VersionFactory(merchant=merchant.shop)

    ask(platform, buyer="buyer-77001234")

    with tenancy.platform():
        kept = str(OrderDecision.objects.values().get()) + str(list(Reservation.objects.values()))
    assert not [word for word in ("张三", "13800001234", "世纪大道", "card-1", "77001234") if word in kept]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scopes", "shop", "status"),
    [(["orders:decide"], None, 200), ([], None, 403), (["policies:read"], None, 403), (["orders:decide"], "own", 200)],
)
def test_only_a_key_with_the_scope_may_ask(merchant: Persona, scopes: list[str], shop: str | None, status: int) -> None:
    key = ApiKeyFactory(merchant=merchant.shop if shop else None, scopes=scopes)

    answer = ask({"headers": {"Authorization": f"Bearer {key.presented}"}})

    assert answer.status_code == status


@pytest.mark.django_db
def test_a_shop_asks_about_its_own_orders_only(merchant: Persona, rival: Persona) -> None:
    answer = ask(rival.key("orders:decide"))

    assert answer.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 422),
        (b'{"number": "1"}', 422),
        (b'{"merchant": "shop-a", "number": "1", "lines": []}', 422),
        (b'{"merchant": "shop-a", "number": "1", "lines": [{"sku": "A", "quantity": 0}]}', 422),
        (b'{"merchant": "shop-a", "number": "1\\u0000", "lines": [{"sku": "A", "quantity": 1}]}', 422),
        (b'{"merchant": "shop-a", "number": "1", "lines": [{"sku": "A", "quantity": 1}], "placed_at": "soon"}', 422),
        (b'{"number": "1", "lines": [{"sku": "A", "quantity": 1}]}', 422),
        (b'{"merchant": "nowhere", "number": "1", "lines": [{"sku": "A", "quantity": 1}]}', 404),
        (b'{"merchant": "shop-a", "number": "1", "lines": [{"sku": "A", "quantity": 1}]}', 200),
        (b'{"merchant": "shop-a", "number": "\\ud800", "lines": [{"sku": "A", "quantity": 1}]}', 400),
        (b'{"x":' * 50_000, 400),
    ],
    ids=range(13),
)
def test_bad_questions_are_answered_clearly(
    merchant: Persona, platform: dict[str, Any], body: bytes, status: int
) -> None:
    answer = Client().post(WHERE, body, content_type="application/json", **platform)

    assert answer.status_code == status
    assert "verdict" in answer.json() if status == 200 else answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_orders_asked_about_late_are_answered_by_what_was_there_at_their_time(
    merchant: Persona, platform: dict[str, Any]
) -> None:
    VersionFactory(merchant=merchant.shop)
    placed = [f"2026-11-20T{hour:02}:00:00+08:00" for hour in (8, 9, 10)]
    orders: list[Any] = [question(f"L-{index}", placed_at=at) for index, at in enumerate(placed)]
    orders += [{"number": "X"}, question("L-9", merchant="nowhere"), question("L-0", units=2, placed_at=placed[0])]
    orders.append(question("L-8", placed_at="0001-01-01T00:00:00+14:00"))

    answer = Client().post(WHERE + "/batch", {"orders": orders}, content_type="application/json", **platform)

    results = answer.json()["results"]
    assert [each.get("answer", {}).get("verdict") for each in results] == [
        *("allow", "allow", "reject"),
        *(None, None, None, None),
    ]
    assert [bool(each.get("fault")) for each in results] == [False] * 3 + [True] * 4
    assert results[-1]["field"] == "placed_at"


@pytest.mark.django_db
@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"{}", 422), (b'{"orders": []}', 422), (b"[]", 422)])
def test_a_batch_that_is_none_is_refused(platform: dict[str, Any], body: bytes, status: int) -> None:
    answer = Client().post(WHERE + "/batch", body, content_type="application/json", **platform)

    assert answer.status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("odd", [{"HTTP_ACCEPT": "application/json;q=0.9"}, {"QUERY_STRING": "x=1"}])
def test_the_short_way_answers_as_the_endpoint_does_and_each_counts_once(
    merchant: Persona, platform: dict[str, Any], odd: dict[str, str], settings: Any
) -> None:
    VersionFactory(merchant=merchant.shop)
    settings.API_RATES = {"PLATFORM": (2, timedelta(hours=1))}

    short, long = ask(platform), ask({**platform, **odd})
    once_too_often = [ask(platform), ask({**platform, **odd})]

    assert (short.status_code, long.status_code) == (200, 200)
    assert short.json() == long.json()
    assert short["Content-Type"] == long["Content-Type"]
    assert ("Allow" in short, "Allow" in long) == (False, True)  # each really went its own way
    assert [(each.status_code, "Retry-After" in each) for each in once_too_often] == [(429, True)] * 2


@pytest.mark.django_db
def test_what_the_short_way_refuses_is_counted_once(merchant: Persona, platform: dict[str, Any], settings: Any) -> None:
    settings.API_RATES = {"PLATFORM": (2, timedelta(hours=1))}

    answers = [ask(platform, merchant="nowhere").status_code for _ in range(3)]

    assert answers == [404, 404, 429]


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Bearer mp_live_nothing_" + "x" * 30, "Basic abc", ""])
def test_who_is_not_known_learns_so(merchant: Persona, header: str) -> None:
    answer = ask({"headers": {"Authorization": header}} if header else {})

    assert answer.status_code == 401
    with tenancy.platform():
        assert not OrderDecision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_cannot_be_written_is_not_given(merchant: Persona, platform: dict[str, Any]) -> None:
    """What is written goes to the database together with the commit; that it failed is seen all the same."""
    VersionFactory(merchant=merchant.shop)
    with held_open(lambda: OrderDecisionFactory(merchant=merchant.shop, number="O-1")):
        assert ask(platform).status_code == 503  # another answer to the same order is being written for too long

    with tenancy.platform():
        assert (OrderDecision.objects.count(), Reservation.objects.count()) == (0, 0)
    assert ask(platform).status_code == 200


@contextmanager
def held_open(step: Callable[[], Any]) -> Iterator[None]:
    """Do something in a transaction of its own that is taken back at the end of the block."""
    began, over = threading.Event(), threading.Event()

    def work() -> None:
        with tenancy.platform(), transaction.atomic():
            step()
            began.set()
            over.wait(20)
            transaction.set_rollback(True)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        assert began.wait(20), done.result()
        try:
            yield
        finally:
            over.set()
            done.result()
