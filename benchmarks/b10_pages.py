"""B10: merchants' pages under 20 people at once, and what a browser has to fetch for them.

The shop is the real one where the order file is there. Each person asks for a page, reads for a second, asks for the
next; the yardstick is the same server's page with nothing on it (help), asked by the same people in the same way.
"""

import http.client
import random
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Browser, sync_playwright

from benchmarks import features, lessons, measure, page_weight, people, real_shop
from benchmarks.web_server import PORTAL, Server
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Listing, Order

PEOPLE = 20
READING_SECONDS = 1.0
EACH_ASKS = 5
EMPTY = "help"
LONGEST_WAIT = 150.0  # milliseconds, 95 of 100
COLD_KB, COLD_WITH_CHART_KB, LATER_KB = 120.0, 290.0, 30.0


@dataclass(frozen=True)
class Page:
    """A page of the portal, and whether it draws a chart."""

    name: str
    path: str
    has_chart: bool = False


def run(*, large: bool) -> list[measure.Row]:
    """Measure waiting times page by page, then weights in a real browser."""
    shop, headers = people.signed_in_owner(currency="GBP")
    real_shop.load(shop)
    call_command("static")
    pages = _pages(shop)
    server = Server(PORTAL, workers=2)
    try:
        waits = [_waits(server.port, headers, page) for page in pages]
        with sync_playwright() as playwright:
            browser = page_weight.chromium(playwright)
            weights = [row for page in pages for row in _weights(browser, server.port, headers, page)]
            browser.close()
        return waits + weights
    finally:
        server.stop()


def _pages(shop: Merchant) -> list[Page]:
    with tenancy.platform():
        order = Order.objects.filter(merchant=shop).order_by("-total").values_list("pk", flat=True)[0]
        listing = Listing.objects.filter(merchant=shop).order_by("sku").values_list("pk", flat=True)[0]
    return [
        Page("overview", reverse("overview"), has_chart=True),
        Page("orders", reverse("orders")),
        Page("order", reverse("order", args=[order])),
        Page("listings", reverse("listings")),
        Page("listing", reverse("listing", args=[listing]), has_chart=True),
        Page("inbox", reverse("inbox")),
        *(Page(name, path) for name, path in features.pages(shop)),
        *(Page(name, path) for name, path in lessons.pages(shop)),
    ]


def _waits(port: int, headers: dict[str, str], page: Page) -> measure.Row:
    """The 95th of 100 waiting times in milliseconds, theirs and that of the empty page, in turns."""
    ours: list[float] = []
    theirs: list[float] = []
    for path in (page.path, reverse(EMPTY)):
        _ask_together(port, headers, path)  # does not count: processes that never showed the page
    for found, path in ((ours, page.path), (theirs, reverse(EMPTY)), (theirs, reverse(EMPTY)), (ours, page.path)):
        found += _ask_together(port, headers, path)
    mine, bare = _p95(ours), _p95(theirs)
    note = f"p50 {statistics.median(ours):.0f} ms, empty page {statistics.median(theirs):.0f} ms"
    note += f"; at most {LONGEST_WAIT:.0f} ms: {'kept' if mine <= LONGEST_WAIT else 'NOT kept'}"
    sizes = f"{page.name}, {PEOPLE} people, p95"
    return measure.Row("B10", sizes, "ms", mine, bare, mine / bare, measure.TOLD, 2, note)


def _weights(browser: Browser, port: int, headers: dict[str, str], page: Page) -> list[measure.Row]:
    """The first visit's and a later visit's weight against what they may weigh."""
    name, value = headers["Cookie"].split("=", 1)
    first, later = page_weight.visits(browser, f"http://127.0.0.1:{port}{page.path}", cookie=(name, value))
    cold = COLD_WITH_CHART_KB if page.has_chart else COLD_KB
    rows = []
    for visit, weight, most in (("first", first, cold), ("later", later, LATER_KB)):
        size = weight.size / 1024
        note = f"{weight.requests} requests, {weight.elsewhere} to other hosts"
        sizes = f"{page.name}, {visit} visit"
        rows.append(measure.Row("B10", sizes, "KB", size, most, size / most, measure.at_most(1), 1, note))
    return rows


def _ask_together(port: int, headers: dict[str, str], path: str) -> list[float]:
    chance = random.Random(10)
    starts = [chance.uniform(0, READING_SECONDS) for _ in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE) as pool:
        return [wait for waits in pool.map(lambda start: _ask(port, headers, path, start), starts) for wait in waits]


def _ask(port: int, headers: dict[str, str], path: str, start: float) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    found = []
    time.sleep(start)
    for _ in range(EACH_ASKS):
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers | {"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        found.append((time.perf_counter() - begun) * 1000)
        time.sleep(READING_SECONDS)
    connection.close()
    return found


def _p95(waits: Sequence[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.95)]
