"""A price event to an incident, to what is asked of the platform, to what a person answers."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from merchant_protection.marketplace.models import DoubtedListing, PlatformAction
from merchant_protection.notices.models import Notice
from pricing_guard.models import GuardHit, Incident, ListingGuard, Suspension
from pricing_guard.services import policies
from pricing_guard.services.incidents import answering
from tests.fixtures.people import Persona
from tests.pricing_guard.conftest import act, guarded, listing, price

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _scope(platform_scope: None) -> None:
    """The test looks at rows as the drains do."""


def test_an_accepted_price_teaches_and_a_wrong_one_does_not(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))
    tell(price("1199.00", 2, at=now - timedelta(hours=2)))
    tell(price("119.90", 3, at=now - timedelta(hours=1)))

    guard = ListingGuard.objects.get()
    assert [Decimal(each[0]) for each in guard.memory["r"]] == [Decimal(1299), Decimal(1199)]
    assert guard.price == Decimal("119.90")
    assert guard.low > Decimal("119.90")
    assert Incident.objects.get().status == "TRIPPED"
    assert GuardHit.objects.get().incident_id == Incident.objects.get().pk


def test_a_critical_price_is_stopped_and_the_platform_hears_of_it(tell, merchant, market, now):
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))
    tell(price("12.99", 2, at=now))
    act(now)

    incident = Incident.objects.get()
    assert incident.status == "TRIPPED"
    assert {(one["verb"], one["target"]["ref"]) for one in market.effects} == {
        ("hold_new_orders", "shop-a"),
        ("delist", "WM-1"),
    }
    assert DoubtedListing.objects.get().sku == "WM-1"
    assert Notice.objects.filter(kind="price.incident").count() == 1


def test_the_baseline_alerts_every_shop_and_asks_nothing(tell, merchant, now):
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))
    tell(price("129.90", 2, at=now))

    incident = Incident.objects.get()
    assert (incident.status, incident.mode, incident.check_name) == ("SUSPECTED", "AUTO", "DECIMAL_SHIFT")
    assert not PlatformAction.objects.exists()
    assert Notice.objects.filter(kind="price.incident").count() == 1


def test_a_corrected_price_ends_a_suspicion(tell, merchant, now):
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))
    tell(price("129.90", 2, at=now))
    tell(price("1298.00", 3, at=now))

    assert Incident.objects.get().status == "CORRECTED"
    assert not DoubtedListing.objects.exists()
    assert not _asked()


def test_the_alert_of_a_cause_stays_in_the_inbox_as_long_as_one_of_its_prices_is_in_doubt(tell, merchant, now):
    tell(*(each for sku in "AB" for each in (listing(sku), price("1299.00", 1, sku=sku, at=now - timedelta(hours=3)))))
    tell(*(price("129.90", 2, sku=sku, at=now) for sku in "AB"))
    assert _asked() == ["price.incidents"]

    tell(price("1298.00", 3, sku="A", at=now))
    assert _asked() == ["price.incidents"]
    tell(price("1298.00", 3, sku="B", at=now))
    assert not _asked()
    assert Notice.objects.filter(kind="price.incidents").exclude(archived_at=None).count() == 1


def _asked() -> list[str]:
    return sorted(Notice.objects.filter(archived_at=None).values_list("kind", flat=True))


def test_shadow_keeps_the_hit_and_nothing_else(tell, merchant, now):
    policy = guarded(merchant.shop, merchant, at=now, mode="SHADOW")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))
    tell(price("799.00", 2, at=now))

    hit = GuardHit.objects.get()
    assert (hit.mode, hit.policy_id, hit.incident_id) == ("SHADOW", policy.pk, None)
    assert hit.would_do
    assert not Incident.objects.exists()
    assert not Notice.objects.exists()
    assert ListingGuard.objects.get().memory["r"][-1][0] == "799.00"  # nobody who acts doubted it


def test_a_policy_in_shadow_silences_neither_the_baseline_nor_the_policies_that_act(tell, merchant, now):
    """Nor do its numbers act through another's mode."""
    guarded(merchant.shop, merchant, at=now, mode="SHADOW", scope="SHOP", floor_price="90000", decimal_shift=False)
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))
    tell(price("129.90", 2, at=now))
    baseline = Incident.objects.get()
    assert (baseline.check_name, baseline.policy_id, baseline.status) == ("DECIMAL_SHIFT", None, "SUSPECTED")

    tell(listing("B"), price("1299.00", 1, sku="B", at=now - timedelta(hours=3)))
    acting = guarded(merchant.shop, merchant, at=now, mode="AUTO", max_drop_last="50")
    tell(price("1298.00", 2, sku="B", at=now))
    assert not Incident.objects.filter(listing__sku="B").exists()
    tell(price("400.00", 3, sku="B", at=now))

    stopped = Incident.objects.get(listing__sku="B")
    assert (stopped.check_name, stopped.policy_id, stopped.status) == ("DROP_FROM_LAST", acting.pk, "TRIPPED")
    watched = GuardHit.objects.filter(listing__sku="B", mode="SHADOW").order_by("pk")
    assert {hit.check_name for hit in watched} == {"BELOW_FLOOR"}
    assert {hit.price for hit in watched} == {Decimal("1299"), Decimal("1298"), Decimal("400")}


def test_a_policy_that_is_off_holds_for_nothing_and_keeps_nobody_else_from_acting(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, mode="AUTO")
    draft = policies.Draft(name="Narrow", scope="LISTINGS", skus=["WM-1"], thresholds={"ceiling_price": "99999"})
    narrow = policies.save_version(merchant_id=merchant.shop.pk, draft=draft, actor=merchant.actor, at=now)
    given = {"policy_id": narrow.policy_id, "actor": merchant.actor, "at": now}
    policies.publish(**given, number=1)
    policies.set_mode(**given, mode="OFF")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))

    tell(price("12.99", 2, at=now))

    assert Incident.objects.get().status == "TRIPPED"
    assert not GuardHit.objects.filter(policy_id=narrow.policy_id).exists()


def test_it_is_meant_quiets_these_checks_and_sells_again(tell, merchant: Persona, market, now: datetime):
    guarded(merchant.shop, merchant, at=now)
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))
    tell(price("129.90", 2, at=now))
    act(now)

    answering.mean(incident_id=Incident.objects.get().pk, actor=merchant.actor, at=now, reason="CLEARANCE")
    act(now)

    incident = Incident.objects.get()
    assert incident.status == "RESTORED"
    assert {"BELOW_FLOOR", "DECIMAL_SHIFT"} <= set(Suspension.objects.get().checks)
    assert Decimal(ListingGuard.objects.get().memory["r"][-1][0]) == Decimal("129.90")
    assert [one["verb"] for one in market.effects][-2:] == ["open_new_orders", "relist"] or {
        one["verb"] for one in market.effects
    } >= {"open_new_orders", "relist"}
    tell(price("129.90", 3, at=now))
    assert Incident.objects.count() == 1


def test_a_person_stops_what_the_guard_only_asked_about(tell, merchant, market, now):
    guarded(merchant.shop, merchant, at=now, mode="APPROVE")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))
    tell(price("12.99", 2, at=now))
    assert Incident.objects.get().status == "SUSPECTED"
    assert not PlatformAction.objects.exists()

    answering.stop(incident_id=Incident.objects.get().pk, actor=merchant.actor, at=now)
    act(now)

    assert Incident.objects.get().status == "TRIPPED"
    assert {one["verb"] for one in market.effects} == {"hold_new_orders", "delist"}


def test_the_same_price_is_objected_to_once_whatever_else_changes_on_its_listing(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, mode="AUTO")
    guarded(merchant.shop, merchant, at=now, mode="SHADOW", ceiling_price="100")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=3)))
    tell(price("12.99", 2, at=now))
    before = GuardHit.objects.count()

    tell(listing(version=2, stock=7), listing(version=3, status="DELISTED"))

    assert GuardHit.objects.count() == before
    assert [line.move for line in Incident.objects.get().history.order_by("pk")] == ["open", "trip"]
    tell(price("1.29", 3, at=now))
    assert Incident.objects.get().history.order_by("pk").last().move == "price_wrong"


def test_prices_told_together_teach_as_if_each_had_come_alone(tell, merchant, now):
    guarded(merchant.shop, merchant, at=now)
    told = [("1299.00", 9), ("1259.00", 7), ("1199.00", 5), ("119.90", 4), ("1199.00", 3), ("1259.00", 1)]
    alone, together = (
        [
            price(value, number, sku=sku, at=now - timedelta(days=days))
            for number, (value, days) in enumerate(told, start=1)
        ]
        for sku in ("ALONE", "TOGETHER")
    )
    tell(listing("ALONE"), listing("TOGETHER"))
    for each in alone:
        tell(each)
    tell(*together)

    first, second = ListingGuard.objects.order_by("listing__sku")
    assert second.memory == first.memory
    assert "119.90" not in [each[0] for each in second.memory["r"]]
    assert Incident.objects.get().listing.sku == "ALONE"  # of those told together no wrong one stands any more
