"""B13: from the moment of a wrong price to the action that stops it, with prices coming at a steady 100 a second."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_bytes
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook

from benchmarks import measure, people, stage
from benchmarks.web_server import PORTAL, Server
from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.marketplace import drains as marketplace
from merchant_protection.marketplace.models import Platform
from merchant_protection.marketplace.services import sources
from pricing_guard import drains
from pricing_guard.services import policies

RATE, SENDERS, LISTINGS = 100, 8, 2_000
EVERY = 100  # one price in so many is wrong
PROMISED = 1.0  # seconds, 95 of 100
PATIENCE = 30.0
CLOCK = Actor.clock("bench")


@dataclass
class Seen:
    """When each wrong price was due to be told, and when the first action that names its listing arrived."""

    told: dict[str, float] = field(default_factory=dict)
    stopped: dict[str, float] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)


def run(*, large: bool) -> list[measure.Row]:
    """Tell prices at a steady rate to a real web program with a drain; say how long the wrong ones stood."""
    seconds = 120 if large else 20
    shop, _headers = people.signed_in_owner()
    seen = Seen()
    market = _Market(seen)
    with tenancy.platform():
        sign = _source(market.address)
        _policy(shop.pk)
    call_command("static")
    _known(shop.code, sign)
    server = Server(PORTAL, workers=1)
    log = stage.STATE / "b13-drain.log"
    with log.open("w") as out:
        command = (sys.executable, "manage.py", "drain")
        drain = subprocess.Popen(
            command, cwd=stage.ROOT, start_new_session=True, stdout=out, stderr=out,
            env=os.environ | {"LOG_LEVEL": "INFO"},
        )  # fmt: skip
    try:
        while "listening" not in log.read_text() and drain.poll() is None:
            time.sleep(0.1)
        _send(server.port, shop.code, sign, seen, count=RATE * seconds)
        deadline = time.monotonic() + PATIENCE
        while set(seen.told) - set(seen.stopped) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        drain.terminate()
        drain.wait(20)
        server.stop()
        market.shutdown()
    connection.close()
    return [_row(seen, seconds=seconds)]


class _Market(ThreadingHTTPServer):
    """A selling platform that does whatever it is asked, and notes when."""

    daemon_threads = True

    def __init__(self, seen: Seen) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.seen = seen
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Market

    def do_POST(self) -> None:
        now = time.perf_counter()
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        value = asked["value"]
        named = value["held_skus"] if isinstance(value, dict) and "held_skus" in value else [asked["target"]["ref"]]
        for sku in named:
            self.server.seen.stopped.setdefault(sku, now)
        body = json.dumps({"status": "done", "state": value}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _send(port: int, code: str, sign: Any, seen: Seen, *, count: int) -> None:
    start = time.perf_counter() + 0.5

    def send(lane: int) -> None:
        web = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for number in range(lane, count, SENDERS):
            due = start + number / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            is_wrong = number % EVERY == 0
            sku = f"SKU-{number // EVERY}" if is_wrong else f"SKU-{1_000 + number % 1_000}"
            if is_wrong:
                seen.told[sku] = due
            price = Decimal(10) if is_wrong else Decimal(100 + number % 3)
            body = json.dumps(_event(code, sku, price, version=2 + number)).encode()
            web.request("POST", "/api/v1/events", body, sign(body) | {"Content-Type": "application/json"})
            answer = web.getresponse()
            answer.read()
            seen.answers.append(answer.status)
        web.close()

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, range(SENDERS)))


def _event(code: str, sku: str, price: Decimal, *, version: int) -> dict[str, Any]:
    return {
        "id": f"evt-{sku}-{version}",
        "type": "price.changed",
        "schema": 1,
        "merchant": code,
        "occurred_at": datetime.now(UTC).isoformat(),
        "version": version,
        "data": {"sku": sku, "price": str(price), "currency": "CNY", "by": "bench"},
    }


def _known(code: str, sign: Any) -> None:
    """Let the guard know the price of every listing first."""
    server = Server(PORTAL, workers=1)
    web = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    events = (_event(code, f"SKU-{n}", Decimal(100), version=1) for n in range(LISTINGS))
    body = b"\n".join(json.dumps(each).encode() for each in events)
    web.request("POST", "/api/v1/events", body, sign(body) | {"Content-Type": "application/x-ndjson"})
    answer = web.getresponse()
    if answer.status != 202:
        raise RuntimeError(answer.read()[:500])
    web.close()
    server.stop()
    while marketplace.decide(timezone.now):
        pass
    while drains.judge(timezone.now):
        pass


def _policy(merchant_id: int) -> None:
    at = timezone.now() - timedelta(days=8)
    draft = policies.Draft(name="Bench", scope="SHOP", thresholds={"max_drop_last": "40", "decimal_shift": True})
    saved = policies.save_version(merchant_id=merchant_id, draft=draft, actor=CLOCK, at=at)
    policies.publish(policy_id=saved.policy_id, number=1, actor=CLOCK, at=at)
    policies.set_mode(policy_id=saved.policy_id, mode="AUTO", actor=CLOCK, at=timezone.now(), is_acknowledged=True)


def _source(address: str) -> Any:
    of_actions = f"whsec_{b64encode(token_bytes(24)).decode()}"
    platform = Platform.objects.create(
        code="bench", name="Bench", base_url=address, secret_sealed=crypto.seal(of_actions)
    )
    source, secret = sources.create(
        actor=CLOCK, platform_id=platform.pk, merchant_id=None, name="Bench", at=timezone.now()
    )
    webhook = Webhook(secret)

    def sign(body: bytes) -> dict[str, str]:
        now = datetime.now(UTC)
        id = f"msg-{time.perf_counter_ns()}"
        return {
            "portal-source": source.public_id,
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(msg_id=id, timestamp=now, data=body.decode()),
        }

    return sign


def _row(seen: Seen, *, seconds: int) -> measure.Row:
    waits = sorted(seen.stopped[sku] - told for sku, told in seen.told.items() if sku in seen.stopped)
    refused = sum(1 for answer in seen.answers if answer != 202)
    sizes = f"{RATE}/s for {seconds} s, p95 of {len(seen.told)} wrong prices"
    missing = len(seen.told) - len(waits)
    if missing or refused or not waits:
        note = f"FAILED: {missing} never stopped, {refused} answers not 202"
        return measure.Row("B13", sizes, "s", None, PROMISED, None, measure.at_most(1), 0, note)
    p50, p95, p99 = (waits[min(int(len(waits) * part), len(waits) - 1)] for part in (0.5, 0.95, 0.99))
    note = f"from its moment to the action's arrival: p50 {p50:.2f} s, p95 {p95:.2f} s, p99 {p99:.2f} s"
    return measure.Row("B13", sizes, "s", p95, PROMISED, p95 / PROMISED, measure.at_most(1), 1, note)
