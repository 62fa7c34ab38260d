"""What the benchmarks of order decisions share: a shop with policies, and clients that ask about orders."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from benchmarks import measure
from benchmarks.web_server import PORTAL, Server, cpu_of
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import ApiKey, Merchant
from merchant_protection.foundation import crypto, tenancy
from scalper_policies.models import Policy, PolicyVersion, Reach
from scalper_policies.rules import terms
from scalper_policies.rules.policy import Band, Dimension, Limit, Scope, Verdict
from scalper_policies.rules.policy import Policy as Terms

WHERE = "/api/v1/order-decisions"
SHOP = "shop-bench"
HOT = "SKU-HOT"
CLOCK = Actor.clock("benchmark")
NUMBERS = itertools.count()
LIMITS = tuple(
    Limit(dimension.value.lower(), dimension, 1_000_000, timedelta(hours=24))
    for dimension in (Dimension.ACCOUNT, Dimension.PHONE, Dimension.DEVICE, Dimension.ADDRESS_CLUSTER)
)


def shop(*, policies: int, applying: int = 3, code: str = SHOP) -> dict[str, str]:
    """Make a shop with so many policies, of which `applying` are about the hot listing; return a key's headers."""
    now = timezone.now()
    with tenancy.platform():
        merchant, _new = Merchant.objects.get_or_create(code=code, defaults={"name": "Bench"})
        for index in range(Policy.objects.filter(merchant=merchant).count(), policies):
            sku = HOT if index < applying else f"SKU-{index}"
            policy = Terms(scope=Scope(skus=frozenset({sku})), limits=LIMITS, bands=(Band(1, Verdict.HOLD, hours=24),))
            made = Policy.objects.create(
                merchant=merchant, name=f"P{index}", created_at=now, changed_at=now, created_by="bench"
            )
            version = PolicyVersion.objects.create(
                merchant=merchant,
                policy=made,
                number=1,
                status="ENFORCING",
                terms=terms.to_plain(policy),
                when_we_fail="HOLD",
                harshest="HOLD",
                author="bench",
                created_at=now,
                changed_at=now,
                approved_at=now,
            )
            Reach.objects.create(merchant=merchant, version=version, sku=sku)
        presented = f"mp_live_{crypto.new_secret(6)[:8].replace('_', 'a').replace('-', 'b')}_{crypto.new_secret()}"
        ApiKey.objects.create(
            merchant=None,
            name="bench",
            prefix=presented.split("_")[2],
            digest=crypto.digest(presented),
            scopes=["orders:decide", "price_guard:read"],
            created_at=now,
            expires_at=now + timedelta(days=1),
        )
    return {"Authorization": f"Bearer {presented}", "Content-Type": "application/json"}


def question(code: str = SHOP) -> bytes:
    """One order of the hot listing, of a buyer of its own."""
    number = next(NUMBERS)
    body: dict[str, Any] = {
        "merchant": code,
        "number": f"O-{number}",
        "buyer": f"buyer-{number % 5_000}",
        "lines": [{"sku": HOT, "quantity": 1}],
        "recipient": {
            "name": "张三",
            "phone": f"138{number % 10_000:08}",
            "address": f"上海市浦东新区世纪大道{number % 900}号3号楼502室",
        },
        "device": f"device-{number % 4_000}",
        "ip": f"198.18.{number % 250}.{number % 200}",
        "payment": f"card-{number % 4_000}",
    }
    return json.dumps(body, ensure_ascii=False).encode()


class Client:
    """One connection that asks about orders."""

    def __init__(self, port: int, headers: dict[str, str], *, path: str = WHERE) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = headers
        self.path = path

    def ask(self, body: bytes) -> float:
        """Ask once and return how long it took; an answer that is none is an error."""
        start = time.perf_counter()
        self.connection.request("POST", self.path, body, self.headers)
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status not in (200, 201, 204):
            raise RuntimeError(f"{self.path} answered {answer.status}: {said[:200]!r}")
        return time.perf_counter() - start


def cpu_each(server: Server, headers: dict[str, str], times: int, *, path: str = WHERE, code: str = SHOP) -> float:
    """Return the seconds of CPU that the server spent on one of so many questions."""
    client = Client(server.port, headers, path=path)
    before = cpu_of(server.process)
    for _ in range(times):
        client.ask(question(code))
    return (cpu_of(server.process) - before) / times


def at_once(
    port: int,
    headers: dict[str, str],
    *,
    clients: int,
    each: int,
    pause: float = 0.0,
    path: str = WHERE,
    ask: Callable[[], bytes] = question,
) -> tuple[float, list[float]]:
    """Let so many clients ask at the same time; return requests a second, and how long each took, sorted."""
    took: list[list[float]] = [[] for _ in range(clients)]

    def run(mine: list[float]) -> None:
        client = Client(port, headers, path=path)
        for _ in range(each):
            mine.append(client.ask(ask()))
            if pause:
                time.sleep(pause)

    start = time.perf_counter()
    threads = [threading.Thread(target=run, args=(mine,)) for mine in took]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return clients * each / (time.perf_counter() - start), sorted(itertools.chain(*took))


def percentiles(waits: list[float]) -> str:
    """Say p50, p95 and p99 in milliseconds."""
    found = [waits[min(len(waits) - 1, int(len(waits) * share))] * 1000 for share in (0.5, 0.95, 0.99)]
    return "p50 {:.1f}, p95 {:.1f}, p99 {:.1f} ms".format(*found)


def one_question() -> list[measure.Row]:
    """One order decision against an authenticated empty view that inserts one row, on the same server: CPU and p99."""
    headers = shop(policies=10)
    portal, one_row = Server(PORTAL), Server("benchmarks.one_row_server:application")
    try:
        cpu = measure.pair(
            "B2",
            sizes="order decision, CPU of a request",
            unit="ms",
            goal=measure.at_most(2),
            ours=lambda: cpu_each(portal, headers, 200) * 1000,
            yardstick=lambda: cpu_each(one_row, headers, 200, path="/api/v1/one-row") * 1000,
            pairs=5,
        )
        _rate, waits = at_once(portal.port, headers, clients=1, each=300, pause=0.01)
        _rate, plain = at_once(one_row.port, headers, clients=1, each=300, pause=0.01, path="/api/v1/one-row")
        ours, theirs = (found[int(len(found) * 0.99)] * 1000 for found in (waits, plain))
        p99 = measure.Row(
            "B2", "order decision, p99 at half load", "ms", ours, theirs, ours / theirs, measure.at_most(4), 1,
            f"{percentiles(waits)}; empty view: {percentiles(plain)}",
        )  # fmt: skip
        return [cpu, p99]
    finally:
        portal.stop()
        one_row.stop()
