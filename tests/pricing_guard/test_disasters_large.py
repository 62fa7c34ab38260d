"""The disasters that need numbers: an order storm, and ten thousand decisions in shadow."""

import socket
from datetime import timedelta
from decimal import Decimal
from itertools import batched
from typing import Any

import pytest

from merchant_protection.foundation.errors import Conflict
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Listing, PlatformAction
from merchant_protection.marketplace.queries import doubts
from merchant_protection.notices.models import Notice
from pricing_guard.models import GuardHit, Incident
from pricing_guard.queries import incidents as queries
from pricing_guard.services import policies
from pricing_guard.services.watching import prices
from tests.factories.marketplace import ListingFactory
from tests.pricing_guard.conftest import act, guarded, listing, price
from tests.pricing_guard.test_disasters import order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _scope(platform_scope: None) -> None:
    """The test looks at rows as the drains do."""


def test_washing_machines_below_cost(tell, merchant, market, now):
    """33 orders a second, as in twenty minutes of the real one: tripped on the price, and without it on the orders."""
    second = timedelta(seconds=1)
    guarded(merchant.shop, merchant, at=now, never_below_cost=True)
    tell(listing("A", cost="900"), price("1299.00", 1, sku="A", at=now - timedelta(days=2)))
    tell(price("405.00", 2, sku="A", at=now), *(order(f"A-{n}", at=now, each="405", sku="A") for n in range(33)))
    while act(now):
        pass

    first = Incident.objects.get()
    assert (first.status, first.check_name, first.tripped_at) == ("TRIPPED", "BELOW_COST", first.opened_at)
    assert {"A"} <= doubts.held_among(merchant.shop.pk, ["A"])
    assert {one["verb"] for one in market.effects} >= {"hold_new_orders", "delist"}
    parcels = {one["target"]["ref"] for one in market.effects if one["verb"] == "hold_shipment"}
    assert parcels == {f"A-{n}" for n in range(33)}

    policies.retire(policy_id=policies.GuardPolicy.objects.get().pk, actor=merchant.actor, at=now)
    cap = Decimal(50_000)
    limits = {"exposure_cap": str(cap), "orders_per_minute": "600"}
    draft = policies.Draft(name="Orders only", scope="SHOP", thresholds=limits)
    saved = policies.save_version(merchant_id=merchant.shop.pk, draft=draft, actor=merchant.actor, at=now)
    policies.publish(policy_id=saved.policy_id, number=1, actor=merchant.actor, at=now)
    policies.set_mode(
        policy_id=saved.policy_id, mode="AUTO", actor=merchant.actor, at=now, is_acknowledged=True, proved_again=True
    )
    tell(listing("B", cost="900"), price("1299.00", 1, sku="B", at=now - timedelta(days=2)))
    tell(price("405.00", 2, sku="B", at=now))
    assert not Incident.objects.filter(listing__sku="B").exists()
    placed = 0
    for turn in range(60):
        tell(*(order(f"B-{turn}-{n}", at=now + turn * second, each="405", sku="B") for n in range(33)))
        placed += 33
        if Incident.objects.filter(listing__sku="B", status="TRIPPED").exists():
            break
    incident = Incident.objects.get(listing__sku="B")
    orders, _units, exposed = queries.exposure_of(incident)
    in_flight = 33 * Decimal(894)
    assert incident.status == "TRIPPED"
    assert turn < 60
    assert orders == placed
    assert exposed <= cap + in_flight


@pytest.mark.case("T26")
def test_shadow_calls_nobody_and_promotion_needs_what_it_has_to_show(merchant, platform, now, monkeypatch):
    guarded(merchant.shop, merchant, at=now, mode="SHADOW", floor_price="900000")
    rows = ListingFactory.build_batch(10_000, merchant=merchant.shop)
    Listing.objects.bulk_create(rows, batch_size=1_000)
    ids = list(Listing.objects.order_by("pk").values_list("pk", flat=True))

    def refused(*_: Any) -> None:
        raise AssertionError("a decision in shadow called somebody")

    monkeypatch.setattr(socket.socket, "connect", refused)
    for some in batched(ids, 500):
        transaction(prices.judge)(merchant.shop.pk, some, at=now)

    assert GuardHit.objects.count() == 10_000
    assert not PlatformAction.objects.exists()
    assert not Incident.objects.exists()
    assert not Notice.objects.exists()

    draft = policies.Draft(name="Learned", scope="SHOP", thresholds={"max_drop_last": "30"})
    saved = policies.save_version(merchant_id=merchant.shop.pk, draft=draft, actor=merchant.actor, at=now)
    policies.publish(policy_id=saved.policy_id, number=1, actor=merchant.actor, at=now)
    with pytest.raises(Conflict):
        policies.set_mode(
            policy_id=saved.policy_id,
            mode="AUTO",
            actor=merchant.actor,
            at=now,
            is_acknowledged=True,
            proved_again=True,
        )
