"""Corners of an incident's life: who honours, who returns, what was not sent yet, and who waits for whom."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import ActionTarget, Order, PlatformAction
from merchant_protection.marketplace.services import actions, switches
from pricing_guard.models import AffectedOrder, Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.queries import listings
from pricing_guard.services.incidents import answering, choosing, clocks
from pricing_guard.services.watching import orders
from tests.pricing_guard.conftest import act, guarded, listing, price
from tests.pricing_guard.test_disasters import order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_scope")]


@pytest.fixture
def stopped(tell, merchant, now):
    """A listing stopped at a hundredth of its price, with one order held."""
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("12.99", 2, at=now), order("O-1", at=now, each="12.99"))
    return Incident.objects.get(status="TRIPPED")


def wanted(ref: str, aspect: str) -> object:
    return ActionTarget.objects.get(ref=ref, aspect=aspect).desired


def test_an_order_that_is_honoured_is_not_held_again_when_a_later_one_comes(stopped, tell, merchant, now):
    assert wanted("O-1", "shipment") == "HELD"
    choosing.choose(incident_id=stopped.pk, choice="HONOUR", actor=merchant.actor, at=now)

    tell(order("O-2", at=now, each="12.99"))

    assert wanted("O-1", "shipment") != "HELD"
    assert wanted("O-2", "shipment") == "HELD"
    assert AffectedOrder.objects.get(order__number="O-1").is_held is False


@pytest.mark.parametrize("is_off", [False, True])
def test_an_order_to_be_called_off_is_not_sent_meanwhile_although_the_stop_held_no_parcel(tell, merchant, now, is_off):
    """A price below the floor goes back by itself and holds no parcels; a kill switch leaves them to the shop."""
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("700.00", 2, at=now), order("O-1", at=now, each="700.00"))
    incident = Incident.objects.get(status="TRIPPED")
    assert not ActionTarget.objects.filter(aspect="shipment").exists()
    if is_off:
        switches.stop(scope="MERCHANT", merchant_id=merchant.shop.pk, actor=merchant.actor, at=now, reason="a fair")

    report = choosing.choose(incident_id=incident.pk, choice="CANCEL", actor=merchant.actor, at=now)

    called_off = AffectedOrder.objects.get()
    assert (len(report.done), called_off.choice, bool(called_off.draft)) == (1, "CANCEL", True)
    assert called_off.is_held is not is_off
    assert ActionTarget.objects.filter(aspect="shipment", ref="O-1", desired="HELD").exists() is not is_off
    if not is_off:
        choosing.choose(
            incident_id=incident.pk, choice="HONOUR", actor=merchant.actor, at=now, order_ids=[called_off.pk]
        )
        assert wanted("O-1", "shipment") == "OPEN"


def test_what_is_held_against_one_price_is_answered_together(tell, merchant, now):
    """A large order at a doubted price adds to the doubt, and "it is meant" quiets all of it."""
    guarded(merchant.shop, merchant, at=now, mode="APPROVE", floor_price="800", max_drop_last="40", units_per_order="4")
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("700.00", 2, at=now))
    tell(order("O-1", at=now, each="700.00", quantity=5))
    incident = Incident.objects.get()
    assert [one["check"] for one in incident.findings] == ["UNITS_PER_ORDER", "BELOW_FLOOR", "DROP_FROM_LAST"]

    until = now + timedelta(days=3)
    answering.mean(incident_id=incident.pk, actor=merchant.actor, at=now, reason="CLEARANCE", until=until)
    tell(price("700.00", 3, at=now))
    tell(order("O-2", at=now, each="700.00", quantity=5))

    assert Incident.objects.get().status == "INTENDED"


def test_another_price_is_another_doubt(tell, merchant, now):
    limits = {"floor_price": "800", "ceiling_price": "2000"}
    guarded(merchant.shop, merchant, at=now, mode="APPROVE", **limits)
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("790.00", 2, at=now))
    below = {one["check"] for one in Incident.objects.get().findings}

    tell(price("2100.00", 3, at=now))

    assert "BELOW_FLOOR" in below
    assert {one["check"] for one in Incident.objects.get().findings} == below  # the higher price is no worse
    assert Incident.objects.get().history.filter(move="price_wrong").count() == 1


def test_the_parcel_of_an_order_held_by_itself_is_held_too(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, floor_price="800", units_per_order="4")
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(order("O-BIG", at=now, each="12.99", quantity=9))
    tell(price("12.99", 2, at=now))

    assert wanted("O-BIG", "fulfilment") == "HELD"  # for a day at the longest
    assert wanted("O-BIG", "shipment") == "HELD"


def test_what_was_sent_and_comes_back_is_recovered(stopped, tell, now):
    each = stopped.reference_price - stopped.price
    for version, status in enumerate(("SHIPPED", "REFUNDED"), 2):
        tell(order("O-1", at=now, each="12.99", version=version, status=status))
        AffectedOrder.objects.update(is_held=False)
        clocks.write_ledgers(now=now + timedelta(days=1))
        found = queries.totals(queries.ledger_of(stopped))
        assert (found["lost"], found["recovered"]) == ((each, 0) if status == "SHIPPED" else (0, each))


def test_a_stop_by_itself_is_on_the_ledger_without_another_order(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(order("O-1", at=now, each="12.99"))
    tell(price("12.99", 2, at=now - timedelta(minutes=1)))
    incident = Incident.objects.get(status="TRIPPED")

    clocks.write_ledgers(now=now + timedelta(days=1))

    assert queries.totals(queries.ledger_of(incident))["prevented"] == queries.costs_of(incident)["exposed"] > 0


def test_the_good_price_that_was_asked_for_at_the_stop_still_leaves_when_the_shop_wants_to_sell_again(
    tell, merchant, market, now
):
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("700.00", 2, at=now), order("O-1", at=now, each="700.00"))
    incident = Incident.objects.get(status="TRIPPED")
    assert incident.revert_price

    answering.restore(incident_id=incident.pk, actor=merchant.actor, at=now)
    act(now)

    assert [one["value"]["amount"] for one in market.effects if one["verb"] == "set_price"] == ["1299.00"]


def test_a_price_the_shop_put_right_itself_stays_when_it_sells_again(tell, merchant, market, now):
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    tell(price("12.99", 2, at=now))
    tell(price("1250.00", 3, at=now))

    answering.restore(incident_id=Incident.objects.get().pk, actor=merchant.actor, at=now)
    act(now)

    assert "set_price" not in {one["verb"] for one in market.effects}
    assert "relist" in {one["verb"] for one in market.effects}


def test_what_a_person_approved_of_later_is_opened_too(tell, merchant, operator, now):
    """The stop was held back by a switch; somebody approves of it by hand, then the price turns out to be meant."""
    guarded(merchant.shop, merchant, at=now, floor_price="800")
    tell(listing(), price("1299.00", 1, at=now - timedelta(days=2)))
    switch = {"scope": "MERCHANT", "merchant_id": merchant.shop.pk, "actor": merchant.actor, "at": now}
    switches.stop(**switch, reason="a fair")
    tell(price("12.99", 2, at=now))
    switches.resume(**switch, reason="over", proved_again=True)
    delist = PlatformAction.objects.get(verb="delist")
    assert delist.status == "NEEDS_REVIEW"
    actions.approve(action_id=delist.pk, actor=operator.actor, at=now, note="stop it")
    assert wanted("WM-1", "availability") == "DELISTED"

    answering.mean(incident_id=Incident.objects.get().pk, actor=merchant.actor, at=now, reason="CLEARANCE")

    assert wanted("WM-1", "availability") != "DELISTED"


def test_it_is_meant_waits_for_who_judges_and_neither_for_the_other(stopped, merchant, now):
    given = {"incident_id": stopped.pk, "actor": merchant.actor, "at": now, "reason": "CLEARANCE"}

    while_another_waits(
        lambda: listings.lock_guards(merchant.shop.pk, [stopped.listing_id]),
        lambda: answering.mean(**given),
        lambda: queries.open_on(merchant.shop.pk, [stopped.listing_id]),
    )

    assert Incident.objects.get().status == "RESTORED"


def test_deciding_orders_and_their_parcels_leaving_do_not_wait_for_each_other(stopped, merchant, now):
    Order.objects.update(status="SHIPPED")
    ids = list(Order.objects.values_list("pk", flat=True))

    while_another_waits(
        lambda: queries.lock(stopped.pk),
        lambda: transaction(orders.judge)(merchant.shop.pk, ids, at=now),
        lambda: queries.lock_orders(stopped),
    )

    assert AffectedOrder.objects.get().is_settled


def while_another_waits(first: Callable[[], object], other: Callable[[], object], second: Callable[[], object]) -> None:
    """Lock first, let another run until it waits for that, lock second: the database refuses a circle."""
    pids: list[int] = []
    faults: list[Exception] = []

    def run() -> None:
        try:
            with tenancy.platform():
                pids.append(_ask("SELECT pg_backend_pid()"))
                other()
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction():
        first()
        thread.start()
        while thread.is_alive() and not _ask("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = ANY(%s)", pids):
            time.sleep(0.02)
        assert thread.is_alive(), "it did not have to wait"
        second()
    thread.join(timeout=60)
    assert not faults, faults


def _ask(statement: str, *params: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("mode", ["APPROVE", "AUTO"])
def test_an_older_order_that_is_sent_while_a_price_is_wrong_is_none_of_its_orders(tell, merchant, now, mode):
    """It paid what was asked when it was placed; the price has risen since, and slipped today."""
    guarded(merchant.shop, merchant, at=now, mode=mode, units_per_order=5, decimal_shift=True)
    bought = {"at": now - timedelta(days=20), "each": "1099.00", "quantity": 8}
    tell(listing(), price("1099.00", 1, at=now - timedelta(days=40)))
    tell(price("1299.00", 2, at=now - timedelta(days=9)), price("1299.00", 3, at=now - timedelta(days=2)))
    tell(price("129.90", 4, at=now), order("O-NEW", at=now, each="129.90"))
    tell(order("O-OLD", version=2, status="SHIPPED", **bought), order("O-NOW", at=now, each="1250.00"))

    incident = Incident.objects.get()
    assert set(AffectedOrder.objects.filter(incident=incident).values_list("order__number", flat=True)) == {
        "O-NEW",
        "O-NOW",
    }
    assert not AffectedOrder.objects.filter(order__number="O-OLD").exists()
