"""The worker of the periodic checks dies in the middle of a wave, the database after it: nothing missed or doubled."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Count
from django.utils import timezone

from merchant_protection.accounts.models import Merchant, Role
from merchant_protection.config.celery import app
from merchant_protection.embedded import stack
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import Slot
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Listing, PlatformAction
from merchant_protection.marketplace.queries import doubts
from merchant_protection.notices.models import Notice
from pricing_guard.models import Incident, IncidentMove, PromotionLook
from pricing_guard.services.watching import prices
from tests.factories.accounts import MembershipFactory, MerchantFactory
from tests.factories.marketplace import ListingFactory, PromotionFactory, SellingPlatformFactory
from tests.fixtures.own_servers import let_go, named
from tests.fixtures.people import Persona
from tests.fixtures.programs import Program, Programs, until
from tests.pricing_guard.conftest import guarded

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.timeout(600)]
SWEEPS = ("pricing_guard.tasks.look_ahead", "pricing_guard.tasks.catch_missed")
FEW = 5


def test_a_wave_over_a_killed_worker_and_a_killed_database(program: Programs, own_servers) -> None:
    wave(program, own_servers, size=60, kills=1)


@pytest.mark.soak
def test_a_wave_over_workers_and_databases_killed_three_times(program: Programs, own_servers) -> None:
    wave(program, own_servers, size=1_000, kills=3)


def wave(program: Programs, own: stack.Stack, *, size: int, kills: int) -> None:
    """Half of a shop is put at a penny and no event tells of it, half starts a ruinous promotion at midnight."""
    now = timezone.now()
    shop = _a_shop(size=size, at=now)
    worker = program.worker(**named(own))
    _tick(own)
    for turn in range(kills):
        until(lambda some=turn * size // kills + FEW: _counted() >= some, seconds=120)
        worker.kill()
        own.postgres.stop(mode="immediate")
        let_go()
        own.revive()
        worker = _next_minute(program, own)
    until(lambda: _counted() == size, seconds=300, otherwise=lambda: f"{_counted()} of {size}")
    _tick(own)  # a further look finds nothing new
    worker.stop()
    _assert_each_once(shop, size=size, before=now + timedelta(hours=12))
    let_go()


def _a_shop(*, size: int, at: datetime) -> Merchant:
    with tenancy.platform():
        SellingPlatformFactory()
        owner = MembershipFactory(merchant=MerchantFactory(code="shop-a"), role=Role.OWNER)
        shop = owner.merchant
        person = Persona(owner.user, shop)
        rows = ListingFactory.create_batch(size, merchant=shop, price=Decimal(1299), updated_at=at - timedelta(hours=2))
        guarded(shop, person, at=at, floor_price="800", stack_below_floor=True)
        transaction(prices.judge)(shop.pk, [row.pk for row in rows], at=at - timedelta(hours=2))
        dear = rows[: size // 2]
        penny = {"price": Decimal("0.01"), "price_version": 2, "version": 2, "updated_at": at - timedelta(minutes=20)}
        Listing.objects.filter(pk__in=[row.pk for row in rows[size // 2 :]]).update(**penny)
        for row in dear:
            PromotionFactory(
                merchant=shop, code=f"MIDNIGHT-{row.sku}", skus=[row.sku], kind="PERCENTAGE", value=Decimal(60),
                status="PLANNED", starts_at=at + timedelta(hours=12), ends_at=at + timedelta(hours=30),
            )  # fmt: skip
    return shop


def _tick(own: stack.Stack) -> None:
    """What beat sends each minute."""
    with app.connection_for_write(url=own.redis_url.replace("unix:", "redis+socket:", 1)) as broker:
        for name in SWEEPS:
            app.send_task(name, connection=broker)


def _next_minute(program: Programs, own: stack.Stack) -> Program:
    """A supervisor starts the worker again, and beat ticks: the minute's slot that the dead worker took is over."""
    with tenancy.platform():
        Slot.objects.all().delete()
    worker = program.worker(**named(own))
    _tick(own)
    return worker


def _counted() -> int:
    with tenancy.platform():
        return Incident.objects.count()


def _assert_each_once(shop: Merchant, *, size: int, before: datetime) -> None:
    """One incident, one opening and one look for each listing, one alert for each cause, nothing asked twice."""
    with tenancy.platform():
        skus = set(Listing.objects.filter(merchant=shop).values_list("sku", flat=True))
        assert set(Incident.objects.values_list("listing__sku", flat=True)) == skus
        assert Incident.objects.filter(opened_at__lt=before).count() == size
        assert IncidentMove.objects.filter(move="open").count() == size
        assert PromotionLook.objects.count() == size // 2
        assert Incident.objects.filter(source="PRICE", status="TRIPPED").count() == size - size // 2
        assert doubts.held_among(shop.pk, sorted(skus)) == skus
        asked = PlatformAction.objects.filter(verb="delist").values("target").annotate(times=Count("pk"))
        assert {row["times"] for row in asked} == {1}
        causes = Incident.objects.values("cause").distinct().count()
        alerts = Notice.objects.filter(kind__in=("price.incident", "price.incidents"), archived_at=None)
        assert (alerts.count(), Incident.objects.filter(source="PRICE").values("cause").distinct().count()) == (
            causes,
            1,
        )
