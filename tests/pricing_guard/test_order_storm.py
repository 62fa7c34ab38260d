"""Washing machines below half their cost and 40,000 who want one, over HTTP to the real programs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from benchmarks.simulator import catalogue, orders, shelves
from benchmarks.simulator.things import Listing
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.queries import doubts
from pricing_guard.models import Incident
from pricing_guard.queries import incidents as queries
from tests.factories.marketplace import InboundSourceFactory
from tests.faults.senders import free_port
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs
from tests.pricing_guard.repricing import Marketplace, known_at, learned, narrow, settled

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.timeout(600)]
ATTEMPTS = 40_000
MINUTES = 20
PER_SECOND = ATTEMPTS / MINUTES / 60
MOST_PER_MINUTE = 60
ORDERS_AT_STAKE = 45
AT_ONCE = 60.0  # seconds
LATE = 33


@dataclass
class Machine:
    """One washing machine on the shelf, and what the marketplace itself saw of its orders."""

    listing: Listing
    good: Decimal
    asked: int = 0
    stopped_at: float = 0.0
    placed: list[tuple[float, Decimal]] = field(default_factory=list)

    @classmethod
    def of(cls, listing: Listing) -> "Machine":
        return cls(listing, listing.price)

    @property
    def sku(self) -> str:
        return self.listing.sku

    @property
    def lost(self) -> Decimal:
        """What one order at the wrong price costs."""
        return self.good - self.listing.price

    def incident(self) -> Incident | None:
        with tenancy.platform():
            found = Incident.objects.filter(listing__sku=self.sku, status="TRIPPED").first()
        self.stopped_at = self.stopped_at or (time.time() if found else 0.0)
        return found


@pytest.mark.case("PG-01")
def test_washing_machines_below_half_their_cost(opened, merchant: Persona, program: Programs) -> None:
    """Stopped on the price; where nobody checks prices on velocity alone, and on exposure alone, within a minute."""
    InboundSourceFactory()
    place = opened(listings=12, port=(port := free_port()))
    goods = [one for one in place.shop.listings.values() if not catalogue.is_extra_charge(one) and one.price >= 60]
    priced, fast, dear = (Machine.of(listing) for listing in goods[:3])
    cap = ORDERS_AT_STAKE * (dear.good - _wrong(dear.listing))
    shop = known_at(place)
    narrow(shop, priced.sku, never_below_cost=True)
    narrow(shop, fast.sku, orders_per_minute=str(MOST_PER_MINUTE))
    narrow(shop, dear.sku, exposure_cap=str(cap))
    program.web(port=port)
    program.drain()
    learned(place, seconds=120)

    _storm(place, (priced, fast, dear))
    settled(place, seconds=120)

    on_price, on_velocity, on_exposure = (one.incident() for one in (priced, fast, dear))
    assert on_price
    assert (on_price.source, on_price.check_name, on_price.tripped_at) == ("PRICE", "BELOW_COST", on_price.opened_at)
    assert on_velocity
    assert (on_velocity.source, _checks(on_velocity)) == ("ORDERS", {"ORDERS_PER_MINUTE"})
    assert on_exposure
    assert (on_exposure.source, _checks(on_exposure)) == ("ORDERS", {"EXPOSURE_CAP"})
    for machine, incident, allowed in (
        (fast, on_velocity, MOST_PER_MINUTE * fast.lost), (dear, on_exposure, cap),
    ):  # fmt: skip
        assert machine.stopped_at - machine.placed[0][0] <= AT_ONCE
        _assert_little_at_stake(machine, incident, allowed=allowed)
    with tenancy.platform():
        skus = [one.sku for one in (priced, fast, dear)]
        assert doubts.held_among(shop.pk, skus) == set(skus)
    _assert_nothing_leaves(place, priced)


def _wrong(listing: Listing) -> Decimal:
    return (listing.cost * Decimal("0.45")).quantize(Decimal("0.01"))


def _checks(incident: Incident) -> set[str]:
    return {one["check"] for one in incident.findings}


def _storm(place: Marketplace, machines: Sequence[Machine]) -> None:
    """Buyers come 33 a second to each until all are stopped; the rest of the 40,000 find what is left."""
    live = place.live
    with live.lock:
        for machine in machines:
            machine.listing.stock += ATTEMPTS
            assert shelves.set_price(live.market, machine.listing, _wrong(machine.listing), by="feed")
    live.wake()
    began = time.monotonic()
    while not all(machine.incident() for machine in machines):
        seconds = time.monotonic() - began
        assert seconds < AT_ONCE * 2, "nothing was stopped"
        for machine in machines:
            _come(place, machine, min(int(seconds * PER_SECOND), ATTEMPTS) - machine.asked)
        live.wake()
        time.sleep(0.1)
    until_closed = time.monotonic() + AT_ONCE
    while {one.sku for one in machines} - set(place.shop.held_skus):
        assert time.monotonic() < until_closed, "new orders are not held"
        time.sleep(0.1)
    for machine in machines:
        sold = len(machine.placed)
        _come(place, machine, ATTEMPTS - machine.asked if machine.listing.status == "DELISTED" else LATE)
        assert len(machine.placed) == sold  # the rest are held or find an empty shelf
    live.wake()


def _come(place: Marketplace, machine: Machine, buyers: int) -> None:
    """Let so many try to buy one; what the marketplace takes is written down."""
    market = place.live.market
    with place.live.lock:
        regulars = list(market.regulars())
        for _ in range(buyers):
            machine.asked += 1
            buyer = regulars[machine.asked % len(regulars)]
            placed = orders.place(market, place.shop, buyer, [(machine.sku, 1)], pays=True, story="storm")
            if placed and not placed.held:
                machine.placed.append((time.time(), machine.lost))


def _assert_little_at_stake(machine: Machine, incident: Incident, *, allowed: Decimal) -> None:
    """The ledger at the trip says no more than the limit and what the marketplace took since it was passed."""
    with tenancy.platform():
        first = queries.ledger_of(incident)[0]
        orders_at_all, _, _ = queries.exposure_of(incident)
    assert first.at == incident.tripped_at
    sold, passed_at = Decimal(0), 0.0
    for at, lost in machine.placed:
        if sold + lost > allowed:
            passed_at = at
            break
        sold += lost
    assert passed_at
    in_flight = sum((lost for at, lost in machine.placed if passed_at <= at <= machine.stopped_at), Decimal(0))
    assert allowed < first.exposed <= allowed + in_flight
    assert orders_at_all >= len(machine.placed)


def _assert_nothing_leaves(place: Marketplace, machine: Machine) -> None:
    """Whoever pays and whatever the warehouse sends: no order below half the cost goes."""
    market = place.live.market
    with place.live.lock:
        bought = [one for one in market.orders.values() if any(line.sku == machine.sku for line in one.lines)]
        for one in bought:
            orders.pay(market, f"{one.merchant}/{one.number}")
            orders.ship(market, f"{one.merchant}/{one.number}")
        assert bought
        assert not [one.number for one in bought if one.status == "SHIPPED"]
