"""A scope never stays behind: five hundred requests of two shops over two connections, with errors and timeouts."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from merchant_protection.accounts.services import idempotency
from merchant_protection.foundation import slots, tenancy
from merchant_protection.marketplace.models import Order
from merchant_protection.marketplace.queries import orders
from tests.factories.marketplace import OrderFactory
from tests.fixtures.people import Persona
from tests.isolation import walks

THREADS = 6
ROUNDS = {"short": 60, "full": 500}


@contextmanager
def two_connections() -> Iterator[None]:
    """Let the pool lend two connections only, so that the shops take turns on them."""
    connection.close_pool()
    options = connection.settings_dict["OPTIONS"]
    before = options["pool"]
    options["pool"] = {**before, "min_size": 1, "max_size": 2, "timeout": 30}
    try:
        yield
    finally:
        connection.close()
        connection.close_pool()
        options["pool"] = before


class Mischief:
    """Every seventh look at an order's lines fails in the database, every eleventh takes too long."""

    def __init__(self) -> None:
        self.count = 0
        self.lock = threading.Lock()
        self.real = orders.lines_of

    def __call__(self, order: Order) -> Any:
        with self.lock:
            self.count += 1
            number = self.count
        if number % 7 == 0:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        if number % 11 == 0:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '5ms'")
                cursor.execute("SELECT pg_sleep(1)")
        return self.real(order)


def scope_of_the_connection() -> str:
    """What the connection that the pool lends next believes, before anybody tells it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('portal.scope', true), '')")
        return str(cursor.fetchone()[0])


def interleaved(merchant: Persona, rival: Persona, *, rounds: int) -> dict[int, int]:
    found = {}
    for person in (merchant, rival):
        order = OrderFactory(merchant=person.shop, number=f"CANARY-{person.shop.code}", lines=1)
        found[person.shop.code] = (order.pk, person.client.cookies["sessionid"].value)
    codes, statuses, faults = sorted(found), [], []

    def one(number: int) -> None:
        own, other = codes[number % 2], codes[1 - number % 2]
        client = walks.stranger(raise_request_exception=False)
        client.cookies["sessionid"] = found[own][1]
        try:
            for path in (f"/m/orders/{found[own][0]}/", f"/m/orders/{found[other][0]}/", "/m/orders/"):
                answer = client.get(path)
                connection.close()  # as a server does when a request is over; the test client leaves it lent
                statuses.append(answer.status_code)
                if f"CANARY-{other}" in answer.content.decode():
                    faults.append((number, path))
            if tenancy.current():
                faults.append((number, "the scope stays in the thread"))
            if scope_of_the_connection():
                faults.append((number, "the scope stays in the connection"))
            if number % 10 == 0:
                slots.run(sweep, clock=timezone.now)
                call_command("verify_audit")
        finally:
            connection.close()

    def sweep(*, now: Any) -> int:
        return Order.objects.count() + idempotency.forget_expired(now=now)

    with two_connections(), mock.patch.object(orders, "lines_of", Mischief()), ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(rounds)))
    assert faults == []
    return {status: statuses.count(status) for status in sorted(set(statuses))}


@pytest.mark.case("T05")
def test_five_hundred_requests_of_two_shops_over_two_connections(
    transactional_db: None, merchant: Persona, rival: Persona, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = interleaved(merchant, rival, rounds=170)  # of three requests each

    assert sum(answers.values()) >= 500
    assert set(answers) == {200, 404, 500}
    assert answers[404] == 170
    assert answers[500] >= 20, "errors and timeouts were among them"


@pytest.mark.case("T05")
def test_a_scope_that_stayed_would_be_noticed(transactional_db: None, merchant: Persona) -> None:
    """The control: what is looked at is what the connection itself believes."""
    connection.ensure_connection()
    connection.connection.execute("SELECT set_config('portal.scope', 'platform', false)")

    assert scope_of_the_connection() == "platform"
    connection.close()
    assert scope_of_the_connection() == ""


@pytest.mark.case("T05")
def test_threads_tasks_and_commands_begin_without_a_scope(transactional_db: None, merchant: Persona) -> None:
    def begin() -> tuple[str, str]:
        try:
            return tenancy.current(), scope_of_the_connection()
        finally:
            connection.close()

    with tenancy.merchant(merchant.shop.pk), ThreadPoolExecutor(1) as pool:
        assert pool.submit(begin).result() == ("", "")
    with pytest.raises(RuntimeError, match="broken"):
        slots.run(broken)
    assert (tenancy.current(), scope_of_the_connection()) == ("", "")


def broken(*, now: Any) -> int:
    raise RuntimeError("broken")
