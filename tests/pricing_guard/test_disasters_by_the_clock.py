"""What no event tells of is found by the real clock and worker: a clearance that is over, a promotion at midnight."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from merchant_protection.accounts.models import Role
from merchant_protection.foundation import tenancy
from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Promotion
from pricing_guard.models import Incident
from pricing_guard.services import windows
from pricing_guard.services.watching import prices
from tests.factories.accounts import MembershipFactory, MerchantFactory
from tests.factories.marketplace import ListingFactory, PromotionFactory, SellingPlatformFactory
from tests.fixtures.people import Persona
from tests.fixtures.programs import Programs, until
from tests.pricing_guard.conftest import guarded

pytestmark = [pytest.mark.soak, pytest.mark.usefixtures("transactional_db"), pytest.mark.timeout(900)]
LASTS = timedelta(seconds=20)
TURNS = 660  # the whole catalogue is looked at every five minutes


@pytest.fixture
def shop() -> Persona:
    """A shop whose washing machines cost 1,299 and never less than 800."""
    with tenancy.platform():
        SellingPlatformFactory()
        owner = MembershipFactory(merchant=MerchantFactory(code="shop-a"), role=Role.OWNER)
        person = Persona(owner.user, owner.merchant)
        guarded(owner.merchant, person, at=timezone.now(), floor_price="800", stack_below_floor=True)
        return person


def machine(shop: Persona, sku: str, price: int, *, at: datetime) -> None:
    with tenancy.platform():
        row = ListingFactory(merchant=shop.shop, sku=sku, price=Decimal(price), updated_at=at)
        transaction(prices.judge)(shop.shop.pk, [row.pk], at=at)


def found(sku: str) -> Incident | None:
    with tenancy.platform():
        return Incident.objects.filter(listing__sku=sku).first()


@pytest.mark.case("PG-10")
@pytest.mark.case("PG-13")
def test_a_clearance_ends_and_midnight_comes_without_an_event(shop: Persona, program: Programs) -> None:
    now = timezone.now()
    asked = windows.Ask("CLEARANCE", now - timedelta(hours=1), now + LASTS, skus=["CLEAR"], lowest_price=Decimal(500))
    with tenancy.platform():
        windows.ask(merchant_id=shop.shop.pk, wanted=asked, actor=shop.actor, at=now - timedelta(hours=1))
    machine(shop, "CLEAR", 599, at=now)
    machine(shop, "NIGHT", 900, at=now - timedelta(hours=2))
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    with tenancy.platform():
        PromotionFactory(
            merchant=shop.shop, code="MIDNIGHT", skus=["NIGHT"], kind="PERCENTAGE", value=Decimal(20),
            status="PLANNED", starts_at=midnight, ends_at=midnight + timedelta(days=1),
        )  # fmt: skip
    assert not found("CLEAR")
    assert not found("NIGHT")

    program.worker()
    program.beat()

    until(lambda: found("NIGHT"), seconds=TURNS)
    until(lambda: found("CLEAR"), seconds=TURNS)
    night, clear = found("NIGHT"), found("CLEAR")
    assert night
    assert night.check_name == "STACK_BELOW_FLOOR"
    assert night.opened_at < midnight
    assert clear
    assert (clear.check_name, clear.source) == ("BELOW_FLOOR", "RECHECK")
    assert clear.opened_at >= now + LASTS
    with tenancy.platform():
        assert Promotion.objects.get().status == "PLANNED"
