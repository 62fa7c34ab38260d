"""A shop of the simulator whose repricing program goes wrong, and how the portal is told of it and watched."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from benchmarks.simulator import live as running
from benchmarks.simulator import market, orders, server, settings
from benchmarks.simulator.things import Order
from merchant_protection.accounts.actor import Actor
from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.marketplace.models import Change, InboxEvent, Platform, PlatformAction
from pricing_guard.models import Incident, ListingGuard
from pricing_guard.services import policies
from tests.fixtures.programs import until
from tests.marketplace import posting

PENNY = Decimal("0.01")
PENDING = (
    InboxEvent.objects.filter(status="PENDING").all,
    Change.objects.filter(consumer="pricing_guard").exclude(due_at=None).all,
    PlatformAction.objects.exclude(due_at=None).all,
)
CLOCK = Actor.clock("tests")


class Marketplace:
    """The simulator with one shop of so many products, posting to a portal over HTTP, with days of past if wanted."""

    def __init__(self, *, listings: int, port: int, days: int = 0) -> None:
        shop = settings.Merchant("shop-a", "A 店", "household", orders_per_day=2, listings=listings)
        chosen = settings.Settings(
            portal=f"http://127.0.0.1:{port}", port=0, source="src_tests", secret=posting.SECRET, merchants=(shop,),
            buyers=80, rate=0, story_every=0, batch=500, lanes=1, stories=dict.fromkeys(settings.STORIES, 0.0),
        )  # fmt: skip
        now = datetime.now(UTC)
        self.live = running.Live(chosen, market.Market(chosen, start=now - timedelta(days=days)))
        self.live.market.tag = "shop-a"  # what happens follows from it, so it is the same each time
        self.server = server.Platform(self.live, host="127.0.0.1", port=0)
        self.server.start()
        if days:
            for batch in running.batches(running.past(self.live.market, until=now), chosen):
                self.live.postman.post(batch, patience=60)
        else:
            self.live.market.announce()
        self.live.start()

    @property
    def shop(self) -> market.Shop:
        return self.live.market.shops["shop-a"]

    def slip(self, *, hunters: int, rush: float) -> None:
        """Set every product to a penny; bargain hunters come within so many seconds."""
        self.live.tell("repricer_feed", merchant="shop-a", more={"hunters": hunters, "rush": rush})

    def order_late(self, count: int) -> None:
        """Let others order at what the shop asks just now, as buyers do who heard of it late."""
        with self.live.lock:
            for listing in list(self.shop.listings.values())[:count]:
                buyer = next(iter(self.live.market.regulars()))
                orders.place(self.live.market, self.shop, buyer, [(listing.sku, 1)], story="late", pays=True)
        self.live.wake()

    def shippable(self) -> list[str]:
        """The orders at a penny that nobody holds."""
        with self.live.lock:
            return [one.number for one in self._cheap() if one.status in ("PLACED", "PAID") and not one.held]

    def try_to_ship(self) -> Counter[str]:
        """Let every buyer pay and the warehouse send what it may; return what became of the orders at a penny."""
        with self.live.lock:
            for one in self._cheap():
                ref = f"{one.merchant}/{one.number}"
                orders.pay(self.live.market, ref)
                orders.ship(self.live.market, ref)
            return Counter(one.status for one in self._cheap())

    def _cheap(self) -> Iterator[Order]:
        return (one for one in self.live.market.orders.values() if any(each.paid <= PENNY * 10 for each in one.lines))

    @property
    def is_quiet(self) -> bool:
        """Whether everything that was told was taken."""
        coming = [one for one in self.live.market.urgent if one.step == "bargain"]
        return not (coming or self.live.lanes.waiting or self.live.market.outbox)

    def stop(self) -> None:
        self.live.stop()
        self.server.stop()


def counted(rows: Callable[[], Any]) -> int:
    """How many of these there are now, over all shops."""
    with tenancy.platform():
        return int(rows().count())


def learned(place: Marketplace, *, seconds: float) -> None:
    """Wait until the guard knows the price of every product."""
    until(lambda: counted(ListingGuard.objects.exclude(price=None).all) == len(place.shop.listings), seconds=seconds)
    assert counted(Incident.objects.all) == 0


def settled(place: Marketplace, *, seconds: float) -> None:
    """Wait until everything told was taken, decided and judged, and everything asked was answered."""
    until(lambda: place.is_quiet and not any(map(counted, PENDING)), seconds=seconds)


def guarded(place: Marketplace, **thresholds: object) -> Merchant:
    """Let shop A be on this marketplace, with a policy that acts by itself and has been watched for a week."""
    shop = known_at(place)
    _acting(shop, policies.Draft(name="All goods", scope="SHOP", thresholds={"never_below_cost": True} | thresholds))
    return shop


def known_at(place: Marketplace) -> Merchant:
    """Let shop A be on this marketplace; only the platform's baseline looks at its prices."""
    with tenancy.platform():
        Platform.objects.update(
            base_url=place.server.address, secret_sealed=crypto.seal(place.live.settings.secret_of_actions)
        )
        return Merchant.objects.get(code="shop-a")


def narrow(shop: Merchant, sku: str, **thresholds: object) -> None:
    """Give one product of a shop a policy of its own that acts by itself and has been watched for a week."""
    _acting(shop, policies.Draft(name=f"Only {sku}", scope="LISTINGS", skus=[sku], thresholds=thresholds))


def _acting(shop: Merchant, draft: policies.Draft) -> None:
    at = timezone.now()
    week_ago = at - timedelta(days=8)
    with tenancy.platform():
        saved = policies.save_version(merchant_id=shop.pk, draft=draft, actor=CLOCK, at=week_ago)
        policies.publish(policy_id=saved.policy_id, number=1, actor=CLOCK, at=week_ago, is_acknowledged=True)
        policies.set_mode(policy_id=saved.policy_id, mode="AUTO", actor=CLOCK, at=at, is_acknowledged=True)


def leases_end() -> None:
    """Let the leases of a killed process end, as a minute's wait would."""
    with tenancy.platform():
        InboxEvent.objects.filter(status="PENDING").update(due_at=timezone.now())
        Change.objects.exclude(due_at=None).update(due_at=timezone.now())
        PlatformAction.objects.exclude(due_at=None).update(due_at=timezone.now())
