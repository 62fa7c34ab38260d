"""Order decisions when something of ours is away: the policy's own word, and nothing over the limit."""

import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest
from django.db import connection

from merchant_protection.foundation import tenancy
from scalper_policies.models import DegradedAnswer, OrderDecision, Reservation
from scalper_policies.rules.policy import Verdict
from scalper_policies.services import failing
from tests.factories.accounts import ApiKeyFactory, MerchantFactory
from tests.factories.scalper_policies import VersionFactory, about, per_account
from tests.faults.senders import free_port
from tests.fixtures import servers
from tests.fixtures.own_servers import named
from tests.fixtures.people import Persona
from tests.fixtures.programs import Program, Programs, until

WHERE = "/api/v1/order-decisions"
IN_TIME = {"ORDER_DECISION_SECONDS": "1.2"}


class Asking:
    """A checkout that asks about orders with the platform's key."""

    def __init__(self, port: int, key: str) -> None:
        self.address = f"http://127.0.0.1:{port}{WHERE}"
        self.headers = {"Authorization": f"Bearer {key}"}

    def ask(self, number: str, *, buyer: str = "b", sku: str = "SKU-HOT") -> httpx.Response:
        body = {"merchant": "shop-a", "number": number, "buyer": buyer, "lines": [{"sku": sku, "quantity": 1}]}
        return httpx.post(self.address, json=body, headers=self.headers, timeout=10)


@pytest.fixture(autouse=True)
def _nothing_left_over() -> Any:
    shutil.rmtree(failing.folder(), ignore_errors=True)
    yield
    shutil.rmtree(failing.folder(), ignore_errors=True)


def platform_key() -> str:
    return str(ApiKeyFactory(merchant=None, scopes=["orders:decide"]).presented)


def launch(shop: Any, *, sku: str = "SKU-HOT", when_we_fail: Verdict = Verdict.HOLD, most: int = 3) -> None:
    VersionFactory(merchant=shop, terms=about(sku, limits=(per_account(most),), when_we_fail=when_we_fail))


@pytest.mark.case("SC-12")
@pytest.mark.timeout(400)
def test_postgresql_killed_in_a_launch_lets_nothing_over_the_limit_and_answers_resume(
    program: Programs, own_servers: Any
) -> None:
    with tenancy.platform():
        launch(MerchantFactory(code="shop-a"))
    key, port, another = platform_key(), free_port(), free_port()
    web, fresh = program.together(
        *(partial(program.web, port=each, **named(own_servers), **IN_TIME) for each in (port, another))
    )
    with ThreadPoolExecutor(4) as pool:
        asking = Asking(port, key)
        until(lambda: asking.ask("warm").status_code == 200)
        told: dict[str, list[dict[str, Any]]] = {}

        def ask(index: int) -> None:
            number = f"O-{index}"
            answer = Asking(port, key).ask(number, buyer=f"b{index % 5}")
            assert answer.status_code == 200, (answer.status_code, answer.text, web.said[-2000:])
            told.setdefault(number, []).append(answer.json())

        list(pool.map(ask, range(20)))
        own_servers.postgres.stop(mode="immediate")
        list(pool.map(ask, range(20, 50)))
        assert_only_what_was_verified_is_believed(pool, asking, Asking(another, key), fresh)
        own_servers.revive()
        until(lambda: asking.ask(f"back-{time.monotonic()}", buyer="c").json()["degraded"] is False)
        list(pool.map(ask, range(50, 80)))
    connection.close()
    connection.close_pool()

    while_away = [answers[0] for number, answers in told.items() if 20 <= int(number[2:]) < 50]
    assert any(each["degraded"] for each in while_away)
    assert {each["verdict"] for each in while_away if each["degraded"]} == {"hold"}
    assert not any(each["degraded"] for number, answers in told.items() for each in answers if int(number[2:]) >= 50)
    allowed: dict[str, int] = {}
    for number, answers in told.items():
        if answers[0]["verdict"] == "allow":
            buyer = f"b{int(number[2:]) % 5}"
            allowed[buyer] = allowed.get(buyer, 0) + 1
    assert set(allowed.values()) <= {1, 2, 3}
    until(lambda: reconciled() >= sum(each["degraded"] for each in while_away), otherwise=lambda: web.said[-2000:])
    assert web.is_running


def assert_only_what_was_verified_is_believed(
    pool: ThreadPoolExecutor, asking: Asking, never_asked: Asking, fresh: Program
) -> None:
    """A process that verified nothing in the last minute has no answer, and no other key is believed."""
    stranger = Asking(1, "mp_live_abcdefgh_" + "x" * 30)
    stranger.address = asking.address
    theirs = pool.submit(stranger.ask, "N-2")
    answer = never_asked.ask("N-1")
    assert answer.status_code == 503, fresh.said[-2000:]
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert theirs.result().status_code == 503


def reconciled() -> int:
    with tenancy.platform():
        return DegradedAnswer.objects.count()


@pytest.mark.case("SC-13")
def test_decisions_go_on_with_redis_gone(
    merchant: Persona, program: Programs, broker: Any, web: Callable[[], Any], port: int
) -> None:
    launch(merchant.shop, most=2)
    key = platform_key()
    program.web(port=port, **IN_TIME)
    asking = Asking(port, key)
    assert asking.ask("O-1").json()["verdict"] == "allow"

    broker.stop()
    verdicts = [asking.ask(f"O-{index}").json()["verdict"] for index in range(2, 5)]

    assert verdicts == ["allow", "reject", "reject"]


@pytest.mark.case("SC-14")
def test_our_timeout_answers_as_each_policy_says(merchant: Persona, program: Programs, port: int) -> None:
    words = (Verdict.ALLOW, Verdict.VERIFY, Verdict.HOLD, Verdict.REJECT)
    for word in words:
        launch(merchant.shop, sku=f"SKU-{word}", when_we_fail=word)
    key = platform_key()
    program.web(port=port, ORDER_DECISION_SECONDS="0.5")
    asking = Asking(port, key)
    until(lambda: asking.ask("warm").json().get("degraded") is False)

    with servers.superuser(database=str(connection.settings_dict["NAME"])) as other, other.transaction():
        other.execute("LOCK TABLE scalper_policies_orderdecision IN ACCESS EXCLUSIVE MODE")
        said = {word: asking.ask(f"O-{word}", sku=f"SKU-{word}") for word in words}
        beside = asking.ask("O-2", sku="SKU-OTHER")

    assert {word: answer.status_code for word, answer in said.items()} == dict.fromkeys(words, 200)
    assert {word: answer.json()["verdict"] for word, answer in said.items()} == {w: w.value.lower() for w in words}
    assert all(answer.json()["degraded"] for answer in said.values())
    assert beside.json()["verdict"] == "allow"
    until(lambda: asking.ask(f"back-{time.monotonic()}", buyer="c").json()["degraded"] is False)
    until(lambda: reconciled() == len(words) + 1)
    with tenancy.platform():
        differs = dict(DegradedAnswer.objects.values_list("number", "differs"))
        numbers = [f"O-{word}" for word in words]
        assert OrderDecision.objects.filter(number__in=[*numbers, "O-2"]).count() == len(words) + 1
        # What was let pass is counted; what was rejected is not.
        kept = set(Reservation.objects.filter(number__in=numbers).values_list("number", flat=True))
    assert {word: differs[f"O-{word}"] for word in words} == {word: word is not Verdict.ALLOW for word in words}
    assert kept == {*numbers} - {f"O-{Verdict.REJECT}"}
