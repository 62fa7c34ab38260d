"""B2, the price half: one price check as a whole request, against a view that checks a key and inserts one row."""

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from benchmarks import measure, order_decisions, people
from benchmarks.order_decisions import CLOCK, SHOP, Client
from benchmarks.web_server import PORTAL, Server, cpu_of
from merchant_protection.accounts import loading
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.home.demo import price_guard
from merchant_protection.marketplace.models import Platform
from merchant_protection.marketplace.queries import inbox
from merchant_protection.marketplace.rules import event_reading
from merchant_protection.marketplace.services import deciding, ingest, sources
from pricing_guard import drains

WHERE, ONE_ROW = "/api/v1/price-checks", "/api/v1/one-row"
LISTINGS, DAYS, REQUESTS = 50, 90, 200
NUMBERS = itertools.count()


def one_question() -> list[measure.Row]:
    """CPU of a check in turns with the yardstick's, and p99 of both at half load."""
    headers = order_decisions.shop(policies=1)
    _history()
    portal, one_row = Server(PORTAL), Server("benchmarks.one_row_server:application")
    try:
        cpu = measure.pair(
            "B2",
            sizes="price check, CPU of a request",
            unit="ms",
            goal=measure.at_most(2),
            ours=lambda: _cpu_each(portal, headers, WHERE) * 1000,
            yardstick=lambda: _cpu_each(one_row, headers, ONE_ROW) * 1000,
            pairs=5,
        )
        pace = {"clients": 1, "each": 300, "pause": 0.01, "ask": question}
        _rate, waits = order_decisions.at_once(portal.port, headers, path=WHERE, **pace)
        _rate, plain = order_decisions.at_once(one_row.port, headers, path=ONE_ROW, **pace)
    finally:
        portal.stop()
        one_row.stop()
    ours, theirs = (found[int(len(found) * 0.99)] * 1000 for found in (waits, plain))
    note = f"{order_decisions.percentiles(waits)}; empty view: {order_decisions.percentiles(plain)}"
    p99 = ("B2", "price check, p99 at half load", "ms", ours, theirs, ours / theirs, measure.at_most(4), 1, note)
    return [cpu, measure.Row(*p99)]


def question() -> bytes:
    """A price of one of the listings: mostly its usual one, now and then a tenth of it."""
    number = next(NUMBERS)
    price = 12.9 if number % 50 == 0 else 129 + number % 7
    return json.dumps({"merchant": SHOP, "sku": f"SKU-{number % LISTINGS}", "price": str(price)}).encode()


def _cpu_each(server: Server, headers: dict[str, str], path: str) -> float:
    client = Client(server.port, headers, path=path)
    before = cpu_of(server.process)
    for _ in range(REQUESTS):
        client.ask(question())
    return (cpu_of(server.process) - before) / REQUESTS


def _history() -> None:
    """A season of prices, told as the selling platform tells them, under the policy the demo's shop has."""
    now = timezone.now()
    with tenancy.platform():
        shop = Merchant.objects.get(code=SHOP)
        platform = Platform.objects.create(code="bench", name="Bench")
        made, _secret = sources.create(actor=CLOCK, platform_id=platform.pk, merchant_id=None, name="Bench", at=now)
        source = inbox.source(made.public_id)
        assert source
        told = [_event(sku, day, now - timedelta(days=DAYS - day)) for day in range(DAYS) for sku in range(LISTINGS)]
        items, _single = event_reading.split(json.dumps(told).encode(), is_lines=False)
        ingest.accept(source=source, items=event_reading.read(items), at=now)
        _until_done(lambda: deciding.decide_due(now=now))
        _until_done(lambda: drains.judge(timezone.now))
        owner = loading.of_user(people.owner_of(shop))
        price_guard.seed(actor=owner, merchant_id=shop.pk, mode="APPROVE", at=now)


def _until_done(work: Callable[[], Any]) -> None:
    while work():
        pass


def _event(sku: int, day: int, at: Any) -> dict[str, object]:
    return {
        "id": f"evt-{sku}-{day}",
        "type": "price.changed",
        "schema": 1,
        "merchant": SHOP,
        "occurred_at": at.isoformat(),
        "version": day + 1,
        "data": {"sku": f"SKU-{sku}", "price": str(129 + (sku + day) % 7), "currency": "CNY", "by": "bench"},
    }
