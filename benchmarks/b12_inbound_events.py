"""B12: inbound events per second, one by one and a thousand at a time, from the signed body to the decided order;
then a hundred a second through the web server beside people who look at pages."""

import itertools
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from benchmarks import measure, people, steady_load
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace import drains
from merchant_protection.marketplace.models import Platform
from merchant_protection.marketplace.services import sources

ONE_BY_ONE, BATCH, BATCHES = 300, 1_000, 3
AT = "2026-11-20T10:00:00+08:00"
_numbers = itertools.count()


def run(*, large: bool) -> list[measure.Row]:
    """Measure taking in and deciding, in batches of 1 and of 1,000, each also alone."""
    settings.ALLOWED_HOSTS = ["*"]
    _shop, headers = people.signed_in_owner()
    with tenancy.platform():
        platform = Platform.objects.create(code="bench", name="Bench")
        clock = Actor.clock("bench")
        source, secret = sources.create(
            actor=clock, platform_id=platform.pk, merchant_id=None, name="Bench", at=timezone.now()
        )
    sign = _signer(source.public_id, secret)
    post = _poster(sign)
    rows = []
    for size, times in ((1, ONE_BY_ONE), (BATCH, BATCHES * (10 if large else 1))):
        _accept(post, size=size, times=1)
        _decide()
        taken = _accept(post, size=size, times=times)
        decided = _decide()
        count = size * times
        rates = f"taking in {count / taken:,.0f}/s, deciding {count / decided:,.0f}/s"
        note = f"{rates}; {taken / times * 1000:.0f} ms a batch"
        rows.append(
            measure.told(
                "B12", sizes=f"batches of {size:,}", unit="events/s", ours=count / (taken + decided), note=note
            )
        )
    call_command("static")

    def signed() -> tuple[bytes, dict[str, str]]:
        body = _order()
        return body, sign(body)

    return rows + steady_load.run(signed, headers=headers, seconds=600 if large else 20)


def _accept(post: Any, *, size: int, times: int) -> float:
    bodies = [b"\n".join(_order() for _ in range(size)) for _ in range(times)]
    start = time.perf_counter()
    for body in bodies:
        post(body)
    return time.perf_counter() - start


def _decide() -> float:
    start = time.perf_counter()
    while drains.decide(timezone.now):
        pass
    connection.close()
    return time.perf_counter() - start


def _signer(source: str, secret: str) -> Callable[[bytes], dict[str, str]]:
    webhook = Webhook(secret)

    def sign(body: bytes) -> dict[str, str]:
        now = datetime.now(UTC)
        id = f"msg-{next(_numbers)}"
        return {
            "portal-source": source,
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(msg_id=id, timestamp=now, data=body.decode()),
        }

    return sign


def _poster(sign: Callable[[bytes], dict[str, str]]) -> Any:
    client = Client()

    def post(body: bytes) -> None:
        headers = sign(body)
        answer = client.post("/api/v1/events", body, content_type="application/x-ndjson", headers=headers)
        if answer.status_code != 202 or answer.json()["invalid"]:
            raise RuntimeError(answer.content[:500])

    return post


def _order() -> bytes:
    n = next(_numbers)
    line = {"title": "洗衣机", "quantity": 1, "unit_price": "1199.00", "discount": "0.00", "paid": "1199.00"}
    data = {
        "number": f"O-{n}",
        "buyer": f"buyer-{n % 5_000}",
        "status": "PAID",
        "placed_at": AT,
        "channel": "app",
        "currency": "CNY",
        "total": "2398.00",
        "lines": [line | {"sku": f"SKU-{n % 500}"}, line | {"sku": f"SKU-{n % 499}"}],
        "recipient": {"name": "张三", "phone": f"138{n:08}", "address": f"浙江省杭州市西湖区文三路{n % 900}号3栋1202"},
        "device": f"device-{n}",
        "ip": "203.0.113.77",
        "payment": f"card-{n}",
    }
    envelope = {"id": f"evt-{n}", "type": "order.changed", "schema": 1, "merchant": "bench", "occurred_at": AT}
    return json.dumps({**envelope, "version": 1, "data": data}, ensure_ascii=False).encode()
