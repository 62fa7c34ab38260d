"""The guard as real programs on a marketplace over HTTP: a repricing feed sets a whole shop to a penny."""

import pytest

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import RulePause
from merchant_protection.marketplace.queries import doubts
from merchant_protection.notices.models import Notice
from pricing_guard.models import AffectedOrder, Incident, IncidentStep
from tests.factories.accounts import MerchantFactory
from tests.factories.marketplace import InboundSourceFactory
from tests.faults.senders import free_port
from tests.fixtures.own_servers import let_go, named
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs, until
from tests.pricing_guard.repricing import Marketplace, counted, guarded, learned, leases_end, settled

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.timeout(1800)]
LATE = 20


def stopped(place: Marketplace, *, seconds: float) -> None:
    """Wait until every product is stopped, here and on the marketplace, and nothing is on its way."""
    skus = set(place.shop.listings)
    until(lambda: counted(Incident.objects.filter(status="TRIPPED").all) == len(skus), seconds=seconds)
    until(lambda: set(place.shop.held_skus) == skus, seconds=60, otherwise=lambda: str(len(place.shop.held_skus)))
    settled(place, seconds=seconds)


def assert_nothing_leaves(place: Marketplace, shop: Merchant) -> None:
    """Zero orders can be shipped; within the budget off sale, above it held; one cause, one alert."""
    count = len(place.shop.listings)
    place.order_late(LATE)
    settled(place, seconds=60)
    assert place.shippable() == []
    fates = place.try_to_ship()
    assert fates["PAID"] > 0
    assert not fates["SHIPPED"]
    with tenancy.platform():
        assert doubts.held_among(shop.pk, list(place.shop.listings)) == set(place.shop.listings)
        delisted = [one for one in place.shop.listings.values() if one.status == "DELISTED"]
        assert 0 < len(delisted) <= max(3, count // 20)
        assert Incident.objects.count() == count
        assert RulePause.objects.filter(resumed_at=None).count() == 1
        assert Incident.objects.values("cause").distinct().count() == 1
        alerts = Notice.objects.filter(kind__in=("price.incident", "price.incidents"), archived_at=None)
        assert alerts.count() == 1
        assert not AffectedOrder.objects.filter(is_held=False, is_settled=False).exists()
        assert IncidentStep.objects.filter(rung="HOLD_SHIPMENTS", status="ASKED").exists()
    ledger = place.live.ledger.summary()["actions"]
    assert ledger["most_effects_of_one_key"] == 1
    assert not ledger.get("key_reused")


@pytest.mark.soak
@pytest.mark.case("PG-03")
def test_a_repricer_feed_over_thousands_of_items_leaves_no_order_to_ship(
    opened, merchant: Persona, program: Programs
) -> None:
    InboundSourceFactory()
    place = opened(listings=2_000, port=(port := free_port()))
    shop = guarded(place)
    program.web(port=port)
    program.drain()
    learned(place, seconds=900)
    place.slip(hunters=150, rush=10)
    stopped(place, seconds=900)
    assert_nothing_leaves(place, shop)


def test_a_repricer_feed_over_a_killed_drain_and_a_killed_database(opened, program: Programs, own_servers) -> None:
    killed(opened, program, own_servers, listings=60, hunters=40, kills=1, seconds=120)


@pytest.mark.soak
def test_a_repricer_feed_over_drains_and_databases_killed_three_times(opened, program: Programs, own_servers) -> None:
    killed(opened, program, own_servers, listings=1_000, hunters=150, kills=3, seconds=900)


def killed(opened, program: Programs, own, *, listings: int, hunters: int, kills: int, seconds: float) -> None:
    """The drain dies without warning while the wave is judged, the database after it: nothing lost, nothing doubled."""
    MerchantFactory(code="shop-a")
    InboundSourceFactory()
    place = opened(listings=listings, port=(port := free_port()))
    shop = guarded(place)
    program.web(port=port, **named(own))
    drain = program.drain(**named(own))
    learned(place, seconds=seconds)
    place.slip(hunters=hunters, rush=2)
    for turn in range(kills):
        until(lambda some=turn * listings // kills: counted(Incident.objects.all) > some, seconds=seconds)
        drain.kill()
        own.postgres.stop(mode="immediate")
        let_go()
        own.revive()
        leases_end()
        drain = program.drain(**named(own))
    stopped(place, seconds=seconds)
    assert_nothing_leaves(place, shop)
    let_go()
