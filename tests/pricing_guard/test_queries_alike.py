"""Live, a far-off price is told from a new one by what listings of the shop that sold at the same prices have cost."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.accounts.models import Merchant
from merchant_protection.marketplace.models import Listing
from pricing_guard.models import HadPrice, Incident
from pricing_guard.queries import alike
from pricing_guard.rules.alike import Origins, Question
from pricing_guard.services import checks
from tests.factories.marketplace import ListingFactory
from tests.fixtures.people import Persona
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = pytest.mark.django_db(transaction=True)
OTHERS = [f"WM-{place}" for place in range(2, 6)]
ASKED = Question("WM-1", Decimal("0.76"), (Decimal("3.75"),), (Origins(Decimal("7.55"), Decimal("7.65"), -1),))


@pytest.fixture(autouse=True)
def _scope(platform_scope: None) -> None:
    """The test looks at rows as the drains do."""


@pytest.fixture
def shelf(tell, merchant: Persona, now: datetime) -> None:
    """One listing that was always 3.75, and four that sell at 3.75 and at 7.62."""
    guarded(merchant.shop, merchant, at=now, decimal_shift=True)
    at = now - timedelta(days=2)
    for sku in ("WM-1", *OTHERS):
        tell(listing(sku))
    for step in range(1, 10):
        tell(*[price("3.75", step, sku=sku, at=at + timedelta(minutes=step)) for sku in ("WM-1", *OTHERS)])
    tell(*[price("7.62", 10, sku=sku, at=at + timedelta(minutes=20)) for sku in OTHERS])


def test_a_moved_point_of_what_alike_listings_cost_is_asked_about_before_and_after(
    shelf: None, tell, merchant: Persona, now: datetime
) -> None:
    before = _asked("0.76", merchant, now)
    tell(price("0.76", 11, at=now))

    assert (before.verdict, before.findings[0]["reason"]["code"]) == ("CONFIRM", "SHIFTED_AS_ALIKE")
    assert before.findings[0]["reason"]["params"]["count"] == "4"
    incident = Incident.objects.get()
    assert (incident.check_name, incident.status, incident.price) == ("DECIMAL_SHIFT", "SUSPECTED", Decimal("0.76"))


def test_only_a_price_far_from_all_believed_takes_a_second_question(
    shelf: None, merchant: Persona, now: datetime
) -> None:
    near, far = [_questions(lambda value=value: _asked(value, merchant, now)) for value in ("3.99", "0.99")]

    assert far == near + 1


def test_who_shares_a_price_is_read_with_what_it_has_cost_and_a_rival_never(rival: Persona) -> None:
    mine = ListingFactory(sku="WM-2")
    _had(mine.merchant, mine, "3.75", "7.62", "9.00")
    _had(mine.merchant, ListingFactory(merchant=mine.merchant, sku="WM-3"), "4.00", "7.62")
    _had(mine.merchant, ListingFactory(merchant=mine.merchant, sku="WM-1"), "3.75", "0.76")
    _had(rival.shop, ListingFactory(merchant=rival.shop, sku="WM-2"), "3.75", "0.76")

    assert set(alike.having(mine.merchant_id, [ASKED])) == {("WM-2", Decimal("7.62")), ("WM-2", Decimal("3.75"))}
    assert set(alike.having(rival.shop.pk, [ASKED])) == {("WM-2", Decimal("0.76")), ("WM-2", Decimal("3.75"))}


def _asked(value: str, person: Persona, at: datetime):
    question = checks.Question("WM-1", Decimal(value))
    return checks.check(merchant_id=person.shop.pk, question=question, actor=person.actor, at=at)


def _questions(ask) -> int:
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked)


def _had(shop: Merchant, row: Listing, *values: str) -> None:
    HadPrice.objects.bulk_create([HadPrice(merchant=shop, listing=row, price=Decimal(one)) for one in values])
