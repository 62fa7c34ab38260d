"""The disasters the guard must survive, one by one."""

import csv
import io
import threading
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import (
    ActionTarget,
    DoubtedListing,
    Listing,
    PlatformAction,
    PricePoint,
    RulePause,
)
from merchant_protection.notices.models import Notice
from merchant_protection.risk.models import Outcome
from pricing_guard.models import AffectedOrder, Incident, ListingGuard
from pricing_guard.outside import packing
from pricing_guard.queries import incidents as queries
from pricing_guard.queries import listings as listing_queries
from pricing_guard.services import windows
from pricing_guard.services.incidents import answering, choosing, evidence, opening
from pricing_guard.services.watching import ahead, loading, prices, rechecking
from tests.factories.marketplace import ListingFactory
from tests.fixtures.people import Persona
from tests.marketplace import posting
from tests.pricing_guard.conftest import act, guarded, judge, listing, price

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _scope(platform_scope: None) -> None:
    """The test looks at rows as the drains do."""


def order(number: str, *, at: datetime, quantity: int = 1, each: str = "1.00", sku: str = "WM-1", **more):
    line = {
        "sku": sku, "title": "洗衣机", "quantity": quantity, "unit_price": each, "discount": "0",
        "paid": str(Decimal(each) * quantity),
    }  # fmt: skip
    buyer = more.pop("buyer", f"b-{number}")
    return posting.event(
        "order.changed", number=number, placed_at=at.isoformat(), lines=[line], buyer=buyer,
        total=line["paid"], **{"version": 1} | more,
    )  # fmt: skip


@pytest.mark.case("PG-02")
def test_a_snack_at_one_yuan_by_the_million(tell, merchant, market, now):
    guarded(merchant.shop, merchant, at=now, units_per_order="20", units_per_buyer="30", currency="CNY")
    tell(listing("SNACK"), price("26.90", 1, sku="SNACK", at=now - timedelta(days=3)))
    tell(price("26.90", 2, sku="SNACK", at=now - timedelta(days=2)))
    tell(
        *(order(f"O-{n}", at=now, quantity=8, each="1.00", sku="SNACK", buyer="same") for n in range(4)),
        order("O-BIG", at=now, quantity=60_000, each="1.00", sku="SNACK"),
        order("O-FINE", at=now, quantity=1, each="26.90", sku="SNACK"),
    )
    act(now)

    incident = Incident.objects.get()
    alone, parcels = (
        {one["target"]["ref"] for one in market.effects if one["verb"] == verb}
        for verb in ("hold_order", "hold_shipment")
    )
    assert incident.status == "TRIPPED"
    assert alone == {"O-BIG", "O-3"}  # too many units in one order, too many of one buyer
    assert parcels == {"O-BIG", *(f"O-{n}" for n in range(4))}
    assert any(one["verb"] in ("delist", "hold_new_orders") for one in market.effects)


@pytest.mark.case("PG-04")
@pytest.mark.case("PG-08")
def test_evidence_is_complete_verifies_and_is_handed_to_the_platform(tell, merchant, market, now, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("12.99", 2, at=now), order("O-1", at=now, each="12.99"), order("O-2", at=now, each="12.99"))
    incident = Incident.objects.get()
    actor = merchant.actor
    choosing.choose(incident_id=incident.pk, choice="CANCEL", actor=actor, at=now)

    made = evidence.pack(incident_id=incident.pk, actor=actor, at=now)
    evidence.exempt(incident_id=incident.pk, actor=actor, at=now, pack_id=made.pk)
    act(now)

    packed = evidence.read(made)
    assert packing.faults(packed) == []
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = set(archive.namelist())
        assert names == {
            "facts.json", "timeline.csv", "steps.csv", "prices.csv", "orders.csv", "report.pdf", "manifest.json",
        }  # fmt: skip
        assert b"12.99" in archive.read("prices.csv")
        assert {b"O-1", b"O-2"} <= set(archive.read("orders.csv").replace(b"\r\n", b",").split(b","))
        assert archive.read("report.pdf").startswith(b"%PDF")
    exempted = [one for one in market.effects if one["verb"] == "exempt_order"]
    assert {one["target"]["ref"] for one in exempted} == {"O-1", "O-2"}
    assert {one["value"]["evidence"] for one in exempted} == {made.digest}
    assert evidence.pack(incident_id=incident.pk, actor=actor, at=now).digest != made.digest  # the hand-over is in it

    rows = {name: archive_rows(packed, name) for name in ("timeline.csv", "steps.csv", "prices.csv", "orders.csv")}
    assert rows == {
        "timeline.csv": queries.history_of(incident).count() - 1,  # all but the hand-over itself
        "steps.csv": queries.steps_of(incident).count(),
        "prices.csv": PricePoint.objects.filter(listing=incident.listing).count(),
        "orders.csv": 2,
    }
    for name in names:
        assert packing.faults(_tampered(packed, name)), name


def archive_rows(packed: bytes, name: str) -> int:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return len(list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")))))


def _tampered(packed: bytes, name: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive, zipfile.ZipFile(whole, "w") as copy:
        for each in archive.namelist():
            body = archive.read(each)
            copy.writestr(each, body + b" 1" if each == name else body)
    return whole.getvalue()


@pytest.mark.case("PG-05")
def test_a_blank_floor_is_no_floor(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, floor_price="", max_drop_list="", ceiling_price="5000")
    tell(listing(), price("2.00", 1, at=now - timedelta(hours=2)), price("0.05", 1, sku="OTHER", at=now))

    assert not Incident.objects.exists()
    assert all(guard.floor_price is None for guard in ListingGuard.objects.all())
    tell(price("0.00", 2, at=now))
    assert Incident.objects.get().check_name == "ZERO_PRICE"


@pytest.mark.case("PG-06")
@pytest.mark.parametrize(
    ("wrong", "english", "chinese"), [("12.90", "point moved by 1", "小数点"), ("1290", "point moved by 1", "小数点")]
)
def test_a_moved_point_is_told_in_words(tell, merchant, now, wrong, english, chinese):
    tell(listing(), price("129.00", 1, at=now - timedelta(hours=2)))
    tell(price(wrong, 2, at=now))

    client, where = merchant.client, f"/api/v1/price-incidents/{Incident.objects.get().pk}"
    said = [client.get(where, headers={"Accept-Language": each}).json()["reasons"][0] for each in ("en", "zh-hans")]
    assert said[0]["check"] == "DECIMAL_SHIFT"
    assert english in said[0]["words"]
    assert "¥129.00" in said[0]["words"]
    assert chinese in said[1]["words"]


@pytest.mark.case("PG-07")
def test_swapped_coupons_and_stacks_are_caught_before_they_start(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, coupon_sense=True, floor_price="100", stack_below_floor=True)
    tell(listing("A"), listing("B"), price("199", 1, sku="A", at=now), price("199", 1, sku="B", at=now))
    starts = {"starts_at": (now + timedelta(hours=30)).isoformat(), "ends_at": (now + timedelta(days=3)).isoformat()}
    coupon = {"kind": "COUPON", "status": "PLANNED", **starts}
    tell(posting.event("promotion.changed", code="SWAP", skus=["A"], value="1000", threshold="200", **coupon))
    tell(
        *(
            posting.event("promotion.changed", code=f"S-{n}", skus=["B"], value="40", stack_group=f"g{n}", **coupon)
            for n in range(3)
        )
    )

    found = {incident.listing.sku: incident for incident in Incident.objects.select_related("listing")}
    assert {one["check"] for one in found["A"].findings} >= {"COUPON_ABOVE_THRESHOLD"}
    assert {one["check"] for one in found["B"].findings} >= {"STACK_BELOW_FLOOR", "STACK_BELOW_COST"}
    assert all(incident.opened_at < now + timedelta(hours=30) for incident in found.values())


@pytest.mark.case("PG-09")
def test_a_good_price_below_the_floor_is_not_gone_back_to(tell, merchant, market, now):
    tell(listing(), price("299.00", 1, at=now - timedelta(hours=2)))
    guarded(merchant.shop, merchant, at=now, floor_price="500", max_drop_last="10")
    tell(price("140.00", 2, at=now))
    act(now)

    incident = Incident.objects.get()
    assert incident.status == "TRIPPED"
    assert incident.revert_price is None
    assert incident.plan["revert"]["code"] == "GOOD_PRICE_FAILS"
    assert "set_price" not in {one["verb"] for one in market.effects}
    assert not ActionTarget.objects.filter(aspect="price").exists()


@pytest.mark.case("PG-10")
def test_an_approved_clearance_passes_and_ends_by_itself(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    wanted = windows.Ask(
        "CLEARANCE", now - timedelta(hours=1), now + timedelta(hours=1), skus=["WM-1"], lowest_price=Decimal(500)
    )
    windows.ask(merchant_id=merchant.shop.pk, wanted=wanted, actor=merchant.actor, at=now - timedelta(hours=1))
    tell(price("599.00", 2, at=now))
    assert not Incident.objects.exists()

    rechecking.recheck(now=now + timedelta(minutes=50))
    assert not Incident.objects.exists()
    rechecking.recheck(now=now + timedelta(minutes=65))  # the window ended five minutes ago, and no event told of it

    assert Incident.objects.get().check_name == "BELOW_FLOOR"


@pytest.mark.case("PG-11")
def test_the_version_decides_not_the_arrival(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now)
    events = [
        listing(stock=99, version=2),
        price("1299.00", 5, at=now - timedelta(minutes=1)),
        price("1.00", 4, at=now - timedelta(minutes=2)),
        listing(stock=10, version=1),
    ]
    for each in events:
        tell(each)

    row = Listing.objects.get()
    assert (row.price, row.stock, row.price_version) == (Decimal(1299), 99, 5)
    assert not Incident.objects.exists()
    assert {each[0] for each in ListingGuard.objects.get().memory["r"]} == {"1299.00"}


@pytest.mark.case("PG-13")
def test_a_promotion_that_starts_without_an_event_is_caught_the_day_before(merchant, platform, tell, now):
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    guarded(merchant.shop, merchant, at=now, floor_price="800", stack_below_floor=True)
    starts = now + timedelta(hours=30)
    tell(
        posting.event(
            "promotion.changed", code="MIDNIGHT", skus=["WM-1"], kind="PERCENTAGE", value="20", status="PLANNED",
            starts_at=starts.isoformat(), ends_at=(starts + timedelta(days=1)).isoformat(),
        )
    )  # fmt: skip
    assert not Incident.objects.exists()
    tell(price("900.00", 2, at=now))  # harmless by itself, until the promotion starts
    assert not Incident.objects.exists()

    assert ahead.look_ahead(now=now + timedelta(hours=5)) == 0
    assert ahead.look_ahead(now=now + timedelta(hours=7)) == 1

    incident = Incident.objects.get()
    assert incident.check_name == "STACK_BELOW_FLOOR"
    assert incident.opened_at < starts


@pytest.mark.case("PG-14")
def test_a_policy_that_would_delist_the_whole_shop_is_stopped_by_its_budget(tell, merchant, operator, market, now):
    with tenancy.platform():
        ListingFactory.create_batch(40, merchant=merchant.shop, price=None, told_price=None, price_version=0)
    tell(*(listing(f"W-{n}") for n in range(20)))
    tell(*(price("1299.00", 1, sku=f"W-{n}", at=now - timedelta(hours=2)) for n in range(20)))
    guarded(merchant.shop, merchant, at=now, floor_price="9000")
    tell(*(price("1298.00", 2, sku=f"W-{n}", at=now, by="feed") for n in range(20)))
    act(now)

    stops = [one for one in market.effects if one["verb"] in ("delist", "set_price", "set_stock")]
    assert len(stops) <= 3
    pause = RulePause.objects.get(resumed_at=None)
    held = next(one for one in market.effects if one["verb"] == "hold_new_orders")
    assert len(held["value"]["held_skus"]) == 20
    assert Incident.objects.filter(status="TRIPPED").count() == 20
    alerts = Notice.objects.filter(urgency="CRITICAL").order_by("kind").values_list("kind", flat=True)
    assert list(alerts) == ["price.incidents", "rule.paused"]  # one of the prices, one of the rule

    resume = reverse("rule_resume", args=[pause.pk])
    for person, is_offered, is_resumed in ((merchant, True, False), (merchant, False, False), (operator, True, True)):
        assert (resume in person.client.get(reverse("price_guard")).content.decode()) == is_offered
        person.client.post(resume)
        pause.refresh_from_db()
        assert bool(pause.resumed_at) == is_resumed
    assert pause.resumed_by
    assert resume not in operator.client.get(reverse("price_guard")).content.decode()


@pytest.mark.case("PG-12")
def test_eight_writers_open_one_incident(tell, merchant: Persona, now: datetime):
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    with tenancy.platform():
        Listing.objects.update(price="12.99", price_version=2)

    assert _race(lambda: _judge_as_the_drain(merchant, now)) == []
    assert Incident.objects.count() == 1
    assert Notice.objects.filter(kind="price.incident").count() == 1


def test_without_the_lock_writers_collide(tell, merchant: Persona, now: datetime):
    """The control: the same race with the guard's lock left out runs into the database's own refusal."""
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))
    with tenancy.platform():
        Listing.objects.update(price="12.99", price_version=2)
    barrier = threading.Barrier(3, timeout=30)

    assert _race(lambda: _judge_without_lock(merchant, now, barrier), writers=3)
    assert Incident.objects.count() == 1


def _judge_as_the_drain(merchant: Persona, now: datetime) -> None:
    with tenancy.platform():
        transaction(prices.judge)(merchant.shop.pk, [Listing.objects.get().pk], at=now)


def _judge_without_lock(merchant: Persona, now: datetime, barrier: threading.Barrier) -> None:
    @transaction
    def judged() -> None:
        row = Listing.objects.get()
        held = loading.hold(merchant.shop.pk, [row], listing_queries.guards(merchant.shop.pk, [row.pk]), at=now)
        looked = [prices._judge_one(held, row, [], at=now)]
        barrier.wait()
        opening.settle(held, [one for one in looked if one], source="PRICE", at=now)

    with tenancy.platform():
        judged()


def _race(work, writers: int = 8) -> list[Exception]:
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_what_a_shop_lost_stands_on_its_ledger(tell, merchant, market, now):
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("12.99", 2, at=now), *(order(f"O-{n}", at=now, each="12.99") for n in range(3)))
    incident = Incident.objects.get()
    assert AffectedOrder.objects.filter(is_held=True).count() == 3

    ids = list(AffectedOrder.objects.order_by("order__number").values_list("pk", flat=True))
    choosing.choose(incident_id=incident.pk, choice="HONOUR", actor=merchant.actor, at=now, order_ids=ids[:1])
    choosing.choose(incident_id=incident.pk, choice="CANCEL", actor=merchant.actor, at=now)
    answering.restore(incident_id=incident.pk, actor=merchant.actor, at=now)
    act(now)
    judge(now)
    answering.close(incident_id=incident.pk, actor=merchant.actor, at=now)

    each = Decimal("1299.00") - Decimal("12.99")
    sums = {
        name: sum(getattr(line, name) for line in Outcome.objects.all()) for name in ("exposed", "prevented", "lost")
    }
    assert sums == {"exposed": each * 3, "prevented": each * 2, "lost": each}
    assert Incident.objects.get().status == "CLOSED"
    assert not DoubtedListing.objects.exists()
    assert judge(now) is None
    assert PlatformAction.objects.filter(verb="release_shipment").count() == 1
