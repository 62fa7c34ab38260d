"""B1: price events through the guard, beside one bare statement doing the same update, history and comparison."""

import itertools
import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook

from benchmarks import measure, people, stage
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import collecting, tenancy
from merchant_protection.marketplace import drains as marketplace
from merchant_protection.marketplace.models import Platform
from merchant_protection.marketplace.services import sources
from pricing_guard import drains
from pricing_guard.models import Incident
from pricing_guard.services import policies

LISTINGS, BATCH, SLIPS = 2_000, 1_000, 0.01
BARE = """
CREATE TABLE bare_listing (sku text PRIMARY KEY, price numeric(14,4), low numeric, high numeric, version bigint);
CREATE TABLE bare_history (sku text, version bigint, price numeric(14,4), at timestamptz);
CREATE TABLE bare_found (sku text, price numeric(14,4), at timestamptz);
INSERT INTO bare_listing SELECT 'SKU-' || n, 100, 50, 500, 0 FROM generate_series(0, {count} - 1) n;
"""
ONE = """
WITH given AS (SELECT * FROM jsonb_to_recordset(%s::jsonb) AS g(sku text, price numeric, version bigint)),
changed AS (UPDATE bare_listing own SET price = given.price, version = given.version FROM given
            WHERE own.sku = given.sku AND own.version < given.version RETURNING own.*),
kept AS (INSERT INTO bare_history SELECT sku, version, price, now() FROM changed)
INSERT INTO bare_found SELECT sku, price, now() FROM changed WHERE price < low OR price > high
"""
_versions = itertools.count(1)


def run(*, large: bool) -> list[measure.Row]:
    """Take turns: a batch of price events by HTTP, decided and judged; the bare statement on as many rows."""
    settings.ALLOWED_HOSTS = ["*"]
    collecting.rarely()  # as the drain does
    shop, _headers = people.signed_in_owner()
    post = _poster()
    with tenancy.platform():
        _policy(shop)
    with stage.superuser() as server:
        server.execute(BARE.format(count=LISTINGS))  # type: ignore[arg-type]

    def ours() -> float:
        events = _events(shop.code)
        start = time.perf_counter()
        post(events)
        while marketplace.decide(timezone.now):
            pass
        while drains.judge(timezone.now):
            pass
        return BATCH / (time.perf_counter() - start)

    def bare() -> float:
        rows = json.dumps([{"sku": one["data"]["sku"], "price": one["data"]["price"], "version": one["version"]}
                           for one in _events(shop.code)])  # fmt: skip
        start = time.perf_counter()
        with stage.superuser() as server:
            server.execute(ONE, [rows])
        return BATCH / (time.perf_counter() - start)

    row = measure.pair(
        "B1", sizes=f"batches of {BATCH:,}, 1 % slips", unit="rows/s", goal=measure.at_least(0.5), ours=ours,
        yardstick=bare, pairs=3 if not large else 7, note="HTTP, signature, JSON, decisions and incidents included",
    )  # fmt: skip
    with tenancy.platform():
        found = Incident.objects.count()
    connection.close()
    return [row, measure.told("B1", sizes="incidents written meanwhile", unit="", ours=float(found))]


def _events(code: str) -> list[dict[str, Any]]:
    version = next(_versions)
    at = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    return [
        {
            "id": f"evt-{version}-{n}",
            "type": "price.changed",
            "schema": 1,
            "merchant": code,
            "occurred_at": at,
            "version": version,
            "data": {"sku": f"SKU-{n}", "price": str(_price(n, version)), "currency": "CNY", "by": "bench"},
        }
        for n in range(BATCH)
    ]


def _price(n: int, version: int) -> Decimal:
    is_slip = version > 2 and (n * 7 + version) % 100 < SLIPS * 100
    usual = Decimal(100 + n % 37) + Decimal(version % 3)
    return usual / 10 if is_slip else usual


def _policy(shop: Any) -> None:
    actor = Actor.clock("bench")
    at = timezone.now() - timedelta(days=8)
    draft = policies.Draft(name="Bench", scope="SHOP", thresholds={"max_drop_last": "40", "decimal_shift": True})
    saved = policies.save_version(merchant_id=shop.pk, draft=draft, actor=actor, at=at)
    policies.publish(policy_id=saved.policy_id, number=1, actor=actor, at=at)
    policies.set_mode(policy_id=saved.policy_id, mode="AUTO", actor=actor, at=timezone.now(), is_acknowledged=True)


def _poster() -> Any:
    with tenancy.platform():
        platform = Platform.objects.create(code="bench", name="Bench")
        source, secret = sources.create(
            actor=Actor.clock("bench"), platform_id=platform.pk, merchant_id=None, name="Bench", at=timezone.now()
        )
    webhook, client = Webhook(secret), Client()

    def post(events: list[dict[str, Any]]) -> None:
        body = "\n".join(json.dumps(each) for each in events).encode()
        now = datetime.now(UTC)
        id = f"msg-{next(_versions)}"
        headers = {
            "portal-source": source.public_id,
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(msg_id=id, timestamp=now, data=body.decode()),
        }
        answer = client.post("/api/v1/events", body, content_type="application/x-ndjson", headers=headers)
        if answer.status_code != 202 or answer.json()["invalid"]:
            raise RuntimeError(answer.content[:500])

    return post
