"""What judging costs: as many questions to the database for fifty listings as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.foundation.transactions import transaction
from merchant_protection.marketplace.models import Listing
from pricing_guard.services.watching import prices
from tests.factories.marketplace import ListingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope")]


def cost_of(merchant, ids, now):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        transaction(prices.judge)(merchant.shop.pk, ids, at=now)
    return len(asked)


def test_fifty_listings_ask_the_database_as_often_as_one(merchant, now):
    rows = ListingFactory.create_batch(51, merchant=merchant.shop)
    cost_of(merchant, [rows[0].pk], now)
    Listing.objects.update(price=1250, price_version=2)

    one = cost_of(merchant, [rows[0].pk], now)
    Listing.objects.update(price=1240, price_version=3)
    fifty = cost_of(merchant, [row.pk for row in rows[1:]], now)
    Listing.objects.update(price=1230, price_version=4)
    again = cost_of(merchant, [row.pk for row in rows[1:]], now)

    assert again == one
    assert fifty <= one + 1  # the guards of listings never seen are made first
