"""What a shop knows of a buyer, masked; restricting and appealing on the page; never another shop's name."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchant_protection.accounts.models import Merchant
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Buyer
from merchant_protection.risk.models import Appeal, BuyerCluster, ClusterMember, Restriction
from tests.factories.marketplace import AfterSaleFactory, BuyerFactory, OrderFactory, SellingPlatformFactory
from tests.factories.risk import (
    AppealFactory,
    BuyerSignalFactory,
    RestrictionFactory,
    SignalDisputeFactory,
    WarningFactory,
)
from tests.fixtures.people import Persona

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(merchant: Persona, onlooker: Persona) -> None:
    for person in (merchant, onlooker):
        person.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def buyer(merchant: Persona) -> Buyer:
    return BuyerFactory(merchant=merchant.shop, ref="buyer-004821")


def page_of(persona: Persona, buyer: Buyer) -> str:
    return persona.client.get(f"/m/buyers/{buyer.pk}/").content.decode()


def test_the_page_shows_orders_claims_warnings_and_ties_masked(merchant: Persona, buyer: Buyer, now: datetime) -> None:
    shop = merchant.shop
    order = OrderFactory(merchant=shop, buyer=buyer)
    claim = AfterSaleFactory(merchant=shop, order=order, buyer=buyer)
    WarningFactory(merchant=shop, kind="ARBITRAGE", buyer=buyer)
    other = BuyerFactory(merchant=shop, ref="other-007777")
    with tenancy.platform():
        cluster = BuyerCluster.objects.create(
            merchant=shop, key="k", size=2, signals=["DEVICE", "PHONE"], created_at=now, updated_at=now
        )
        for each in (buyer, other):
            ClusterMember.objects.create(
                merchant=shop, cluster=cluster, buyer=each, signals=["DEVICE", "PHONE"], added_at=now
            )

    page = page_of(merchant, buyer)

    for words in (order.number, claim.number, "Bought far below the usual price", "2 accounts, tied by device, phone"):
        assert words in page
    assert "b***4821" in page
    assert "o***7777" in page
    assert "004821" not in page.replace("b***4821", "")
    assert "Across shops" not in page


def test_counts_over_shops_are_shown_without_names(merchant: Persona, rival: Persona, buyer: Buyer) -> None:
    BuyerSignalFactory(key=buyer.key)

    page = page_of(merchant, buyer)

    assert "Claims for money against 9 shops in 30 days (12 in all)." in page
    with tenancy.platform():
        strangers = Merchant.objects.exclude(pk=merchant.shop.pk).values_list("name", "code")
        assert strangers
        assert not any(word in page for pair in strangers for word in pair)


@pytest.mark.parametrize("changed", [{"shops": 2}, {"weight": 0.1}])
def test_too_few_shops_or_long_ago_shows_nothing(merchant: Persona, buyer: Buyer, changed: dict[str, float]) -> None:
    BuyerSignalFactory(key=buyer.key, **changed)

    assert "Across shops" not in page_of(merchant, buyer)


def test_a_disputed_count_is_not_shown(merchant: Persona, buyer: Buyer) -> None:
    BuyerSignalFactory(key=buyer.key)
    SignalDisputeFactory(key=buyer.key)

    assert "Across shops" not in page_of(merchant, buyer)


def test_a_buyer_is_restricted_on_the_page_and_let_go(merchant: Persona, buyer: Buyer) -> None:
    SellingPlatformFactory()
    path = f"/m/buyers/{buyer.pk}/restrict/"

    refused = merchant.client.post(path, {"days": 30})
    assert refused.status_code == 422
    page = merchant.client.post(
        path, {"limits": ["NO_ORDERS"], "days": 30, "reason": "hoards stock"}, follow=True
    ).content.decode()
    assert "Restricted. Staff review it within 24 hours." in page
    assert "hoards stock" in page
    with tenancy.platform():
        made = Restriction.objects.get()
    assert made.is_in_force

    again = merchant.client.post(path, {"limits": ["NO_ORDERS"], "days": 30, "reason": "again"})
    assert "This buyer is restricted already." in again.content.decode()

    merchant.client.post(f"/m/restrictions/{made.pk}/lift/")
    with tenancy.platform():
        made.refresh_from_db()
    assert made.status == "LIFTED"
    assert "has ended already" in merchant.client.post(f"/m/restrictions/{made.pk}/lift/", follow=True).content.decode()


def test_who_only_looks_neither_restricts_nor_appeals(onlooker: Persona, buyer: Buyer) -> None:
    SellingPlatformFactory()
    told = {"limits": ["NO_ORDERS"], "days": 30, "reason": "x", "words": "x"}

    page = page_of(onlooker, buyer)
    answers = [onlooker.client.post(f"/m/buyers/{buyer.pk}/{verb}/", told) for verb in ("restrict", "appeal")]

    assert "Restrict in this shop" not in page
    assert [answer.status_code for answer in answers] == [403, 403]
    with tenancy.platform():
        assert not Restriction.objects.exists()
        assert not Appeal.objects.exists()


def test_an_appeal_is_sent_and_listed_with_its_clock(merchant: Persona, buyer: Buyer) -> None:
    answer = merchant.client.post(f"/m/buyers/{buyer.pk}/appeal/", {"words": "a school, every autumn"}, follow=True)

    assert "A reviewer answers within 8 hours." in answer.content.decode()
    with tenancy.platform():
        made = Appeal.objects.get()
    assert (made.source, made.buyer_id) == ("MERCHANT", buyer.pk)
    assert made.reference in merchant.client.get("/m/appeals/").content.decode()


def test_lists_of_restrictions_and_appeals(merchant: Persona) -> None:
    assert "Nobody is restricted" in merchant.client.get("/m/restrictions/").content.decode()
    assert "No appeals" in merchant.client.get("/m/appeals/").content.decode()
    RestrictionFactory(merchant=merchant.shop, reason="held the whole stock")
    AppealFactory(merchant=merchant.shop, words="not me")

    assert "held the whole stock" in merchant.client.get("/m/restrictions/").content.decode()
    assert "held the whole stock" in merchant.client.get("/m/restrictions/?view=all").content.decode()
    assert "not me" in merchant.client.get("/m/appeals/").content.decode()


def test_a_buyer_with_many_orders_costs_as_many_queries(merchant: Persona, buyer: Buyer) -> None:
    costs = []
    page_of(merchant, buyer)
    for many in (1, 20):
        for _ in range(many):
            order = OrderFactory(merchant=merchant.shop, buyer=buyer)
            AfterSaleFactory(merchant=merchant.shop, order=order, buyer=buyer)
            WarningFactory(merchant=merchant.shop, buyer=buyer, order=order)
        with CaptureQueriesContext(connection) as found:
            page_of(merchant, buyer)
        costs.append(len(found))

    assert costs[0] == costs[1]
