"""One bad day of a shop, told over HTTP to the real programs: each disaster on a product of its own."""

import csv
import io
import secrets
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.utils import timezone

from benchmarks.simulator import catalogue, orders, shelves
from benchmarks.simulator.things import Listing, Order
from merchant_protection.config.celery import app
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import PlatformAction
from merchant_protection.marketplace.queries import doubts
from pricing_guard.models import AffectedOrder, Incident
from pricing_guard.outside import packing
from pricing_guard.queries import incidents
from tests.factories.marketplace import InboundSourceFactory
from tests.faults.senders import free_port
from tests.fixtures import servers
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs, until
from tests.pricing_guard.repricing import Marketplace, counted, guarded, learned, leases_end, settled

pytestmark = [pytest.mark.soak, pytest.mark.usefixtures("transactional_db"), pytest.mark.timeout(900)]
THRESHOLDS = {
    "decimal_shift": True, "digit_slips": True, "coupon_sense": True, "stack_below_floor": True,
    "units_per_order": "20", "units_per_buyer": "30",
}  # fmt: skip
WINDOW = timedelta(seconds=40)
NOT_DOUBTED = ("blank", "versions")


class Day:
    """A shop at the marketplace, its products not yet used up, and the shop's own program at the portal."""

    def __init__(self, place: Marketplace, merchant: Persona, *, port: int) -> None:
        self.place = place
        self.merchant = merchant
        self.skus: dict[str, str] = {}
        self.sent: set[str] = set()
        keys = merchant.key("price_guard:read", "price_guard:write")["headers"] | {"Accept-Language": "en"}
        self.portal = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=keys, timeout=30)
        goods = [one for one in place.shop.listings.values() if not catalogue.is_extra_charge(one)]
        self.goods = iter([one for one in goods if one.price >= 40])

    def ask(self, where: str, body: dict[str, Any]) -> Any:
        """Post as the shop's own program."""
        answer = self.portal.post(where, json=body, headers={"Idempotency-Key": secrets.token_hex(8)})
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def change(self, listing: Listing, price: Decimal, *, buyers: int = 0, quantity: int = 1) -> list[Order]:
        """Set a price, and let so many people order before anybody can do anything about it."""
        live = self.place.live
        with live.lock:
            assert shelves.set_price(live.market, listing, price.quantize(Decimal("0.01")), by="feed")
            listing.stock += buyers * quantity
            regulars = iter(live.market.regulars())
            placed = [
                orders.place(
                    live.market, self.place.shop, next(regulars), [(listing.sku, quantity)], pays=True, story="bad_day"
                )
                for _ in range(buyers)
            ]
        live.wake()
        return [one for one in placed if one]

    def ship(self, order: Order) -> Order:
        """Let the buyer pay and the warehouse send what it may."""
        ref, market = f"{order.merchant}/{order.number}", self.place.live.market
        orders.pay(market, ref)
        orders.ship(market, ref)
        return order

    def settle(self) -> None:
        settled(self.place, seconds=120)

    def incident(self, sku: str) -> Incident:
        """The one incident of a product."""
        with tenancy.platform():
            return Incident.objects.select_related("listing").get(listing__sku=sku)

    def checks(self, sku: str) -> set[str]:
        return {one["check"] for one in self.incident(sku).findings}

    def has_incident(self, sku: str) -> bool:
        return counted(Incident.objects.filter(listing__sku=sku).all) > 0

    def held(self, skus: set[str]) -> set[str]:
        with tenancy.platform():
            return set(doubts.held_among(self.merchant.shop.pk, sorted(skus)))


@pytest.fixture
def day(opened: Callable[..., Marketplace], merchant: Persona, program: Programs) -> Iterator[Day]:
    InboundSourceFactory()
    place = opened(listings=60, port=(port := free_port()))
    guarded(place, **THRESHOLDS)
    program.web(port=port)
    drain = program.drain()
    program.worker()
    learned(place, seconds=120)
    drain.kill()  # without warning; two others take over what it held
    leases_end()
    program.drain()
    program.drain()
    found = Day(place, merchant, port=port)
    yield found
    found.portal.close()


def test_a_bad_day_over_http(day: Day) -> None:
    checks = [
        play(day) for play in (
            _coupons, _points, _washing_machines, _snack, _blank_floor, _bad_last_price, _clearance, _versions,
        )
    ]  # fmt: skip
    for check in checks:
        eventually(check)
    day.settle()
    for untouched in NOT_DOUBTED:
        assert not day.has_incident(day.skus[untouched])
    _nothing_wrong_is_shipped(day)
    _evidence(day)


def eventually(check: Callable[[], None], *, seconds: float = 120) -> None:
    """Hold the shop to something that comes true once everything told was posted, decided, judged and carried out."""
    end = time.monotonic() + seconds
    while True:
        try:
            return check()
        except (AssertionError, Incident.DoesNotExist):
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def _coupons(day: Day) -> Callable[[], None]:
    """PG-07: swapped figures and three coupons that stack are caught before they start."""
    told = [
        day.place.live.tell("stack_mistake", merchant="shop-a", more={"kind": kind})
        for kind in ("swapped_threshold", "three_coupons")
    ]
    used = {sku for one in told for sku in one["skus"]}
    day.goods = iter([one for one in day.goods if one.sku not in used])
    starts = min(one.starts_at for one in day.place.shop.promotions.values())

    wrong = [sku for one in told for sku in one["skus"] if _costs_money(day, sku, one)]
    assert {one["kind"] for one in told for sku in one["skus"] if sku in wrong} == {one["kind"] for one in told}

    def check() -> None:
        objected = {"COUPON_ABOVE_THRESHOLD", "STACK_BELOW_COST", "STACK_AT_ZERO"}
        for sku in wrong:
            assert day.checks(sku) & objected, sku
            assert day.incident(sku).opened_at < starts

    return check


def _costs_money(day: Day, sku: str, told: dict[str, Any]) -> bool:
    """Figures that were swapped are wrong on whatever they stand; coupons where together they go below cost."""
    listing, off = (
        day.place.shop.listings[sku],
        sum(day.place.shop.promotions[code].value for code in told["promotions"]),
    )
    return told["kind"] == "swapped_threshold" or listing.price - off < listing.cost


def _points(day: Day) -> Callable[[], None]:
    """PG-06: a point moved either way, told in words."""
    small, large = next(day.goods), next(day.goods)
    day.change(small, small.price / 10)
    day.change(large, large.price * 10)

    def check() -> None:
        for listing in (small, large):
            assert "DECIMAL_SHIFT" in day.checks(listing.sku)
            said = day.portal.get("/price-incidents", params={"sku": listing.sku}).json()["results"]
            assert any("point moved by 1" in each["words"] for one in said for each in one["reasons"])

    return check


def _washing_machines(day: Day) -> Callable[[], None]:
    """PG-01: below cost, ordered by many at once, and one sent at once: stopped on the price itself."""
    machine = next(day.goods)
    day.skus["machine"] = machine.sku
    with day.place.live.lock:
        bought = day.change(machine, machine.cost * Decimal("0.45"), buyers=33)
        day.sent = {day.ship(bought[0]).number}

    def check() -> None:
        incident = day.incident(machine.sku)
        assert (incident.status, incident.tripped_at) == ("TRIPPED", incident.opened_at)
        assert "BELOW_COST" in day.checks(machine.sku)
        assert len(bought) == 33
        assert all(one.held for one in bought if one.number not in day.sent)
        assert day.held({machine.sku}) == {machine.sku}

    return check


def _snack(day: Day) -> Callable[[], None]:
    """PG-02: at one yuan, by the hundred: held one by one, and the listing stopped."""
    snack = next(day.goods)
    day.skus["snack"] = snack.sku
    bought = day.change(snack, Decimal(1), buyers=5, quantity=200)

    def check() -> None:
        assert day.incident(snack.sku).status == "TRIPPED"
        assert bought
        assert all(one.held for one in bought)

    return check


def _blank_floor(day: Day) -> Callable[[], None]:
    """PG-05: a blank floor is no floor."""
    listing = next(day.goods)
    day.skus["blank"] = listing.sku
    day.ask("/floor-prices", {"rows": [{"sku": listing.sku, "floor_price": ""}]})
    day.change(listing, listing.price * Decimal("0.93"))

    def check() -> None:
        assert not day.has_incident(listing.sku)

    return check


def _bad_last_price(day: Day) -> Callable[[], None]:
    """PG-09: the last good price is itself under the floor, so nobody goes back to it."""
    listing = next(day.goods)
    day.ask("/floor-prices", {"rows": [{"sku": listing.sku, "floor_price": str(listing.price + 30)}]})
    day.change(listing, listing.price * Decimal("0.95"))

    def check() -> None:
        incident = day.incident(listing.sku)
        assert (incident.revert_price, incident.plan["revert"]["code"]) == (None, "GOOD_PRICE_FAILS")
        asked = PlatformAction.objects.filter(verb="set_price", target__ref=listing.sku).all
        assert counted(asked) == 0

    return check


def _clearance(day: Day) -> Callable[[], None]:
    """PG-10: a clearance below the floor passes while its window is open, and ends by itself."""
    listing = next(day.goods)
    day.ask("/floor-prices", {"rows": [{"sku": listing.sku, "floor_price": str(listing.price - 1)}]})
    opened = timezone.now()
    window = {
        "reason": "CLEARANCE", "skus": [listing.sku], "lowest_price": str((listing.price / 2).quantize(Decimal(1))),
        "starts_at": (opened - timedelta(minutes=1)).isoformat(), "ends_at": (opened + WINDOW).isoformat(),
    }  # fmt: skip
    day.ask("/price-windows", window)
    day.change(listing, listing.price * Decimal("0.8"))

    def check() -> None:
        if timezone.now() < opened + WINDOW:
            assert not day.has_incident(listing.sku)
        time.sleep(max((opened + WINDOW - timezone.now()).total_seconds(), 0) + 0.1)
        url = servers.addresses().redis_url.replace("unix:", "redis+socket:", 1)
        with app.connection_for_write(url=url) as broker:
            app.send_task("pricing_guard.tasks.recheck", connection=broker)  # as beat does every five minutes
        until(lambda: day.has_incident(listing.sku), seconds=60)
        assert "BELOW_FLOOR" in day.checks(listing.sku)

    return check


def _versions(day: Day) -> Callable[[], None]:
    """PG-11: a wrong price that was already put right arrives after the right one."""
    listing, live = next(day.goods), day.place.live
    good, day.skus["versions"] = listing.price, listing.sku
    with live.lock:
        live.flush()
        shelves.set_price(live.market, listing, Decimal("0.01"), by="feed")
        shelves.set_price(live.market, listing, good, by="feed")
        live.market.outbox.reverse()
        live.flush()

    def check() -> None:
        assert not day.has_incident(listing.sku)
        with tenancy.platform():
            assert listing.price == good

    return check


def _nothing_wrong_is_shipped(day: Day) -> None:
    """What was bought at the wrong prices stays where it is, whoever pays and sends; only what had left is gone."""
    cheap = {day.skus["machine"], day.skus["snack"]}
    with day.place.live.lock:
        market = day.place.live.market
        bought = [one for one in market.orders.values() if any(line.sku in cheap for line in one.lines)]
        for one in bought:
            day.ship(one)
        gone = {one.number for one in bought if one.status == "SHIPPED"}
        assert len(bought) == 33 + 5
        assert gone == day.sent
    assert day.place.live.ledger.summary()["actions"]["most_effects_of_one_key"] == 1
    day.place.live.wake()
    day.settle()


def _evidence(day: Day) -> None:
    """PG-04 and PG-08: the evidence verifies and tells what had left from what is held; the platform is handed it."""
    machine = day.incident(day.skus["machine"])
    base = f"/price-incidents/{machine.pk}"
    with tenancy.platform():
        lost = AffectedOrder.objects.get(incident=machine, order__number__in=day.sent)
        assert (lost.is_settled, incidents.costs_of(machine)["lost"]) == (True, lost.reference - lost.unit_paid)
    chosen = day.ask(f"{base}/choose", {"choice": "CANCEL"})
    assert (len(chosen["done"]), [one["order"] for one in chosen["left"]]) == (32, [lost.pk])
    pack = day.ask(f"{base}/pack", {})
    file = day.portal.get(f"/price-evidence/{pack['id']}/file")
    day.ask(f"{base}/exempt", {"pack": pack["id"]})
    day.settle()

    assert packing.faults(file.content) == []
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.read("report.pdf").startswith(b"%PDF")
        told = list(csv.DictReader(io.StringIO(archive.read("orders.csv").decode("utf-8-sig"))))
    assert {one["order"] for one in told if one["status"] == "SHIPPED"} == day.sent
    assert len([one for one in told if one["held"] == "1" and one["decision"] == "CANCEL"]) == 32
    exempted = PlatformAction.objects.filter(verb="exempt_order", status="CONFIRMED").all
    assert counted(exempted) == 32
