"""Reviewing what a policy objected to: the page, the two answers, and what it costs the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from merchant_protection.foundation import tenancy
from pricing_guard.models import ApprovedWindow, Backtest, GuardHit, ListingGuard
from tests.factories.marketplace import ListingFactory, PromotionFactory
from tests.pricing_guard.conftest import guarded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(merchant):
    merchant.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def policy(merchant, now):
    return guarded(merchant.shop, merchant, at=now, mode="SHADOW", max_drop_last="30")


def hits_of(merchant, policy, now, count):
    with tenancy.platform():
        return [
            GuardHit.objects.create(
                merchant=merchant.shop, listing=ListingFactory(merchant=merchant.shop), policy=policy, mode="SHADOW",
                severity=2, check_name="DROP", rung="WARN", price=12, currency="CNY", price_version=1, at=now,
                is_statistical=True, findings=[],
            )
            for _ in range(count)
        ]  # fmt: skip


def test_each_objection_is_answered_once_and_leaves_the_list(merchant, policy, now):
    right, false = hits_of(merchant, policy, now, 2)
    path = reverse("price_hits", args=[policy.pk])
    assert right.listing.sku in merchant.client.get(path).content.decode()

    merchant.client.post(reverse("price_hit_review", args=[right.pk]), {"verdict": "RIGHT"})
    merchant.client.post(reverse("price_hit_review", args=[false.pk]), {"verdict": "FALSE"})

    page = merchant.client.get(path).content.decode()
    assert right.listing.sku not in page
    assert false.listing.sku not in page
    assert false.listing.sku in merchant.client.get(f"{path}?view=false").content.decode()
    with tenancy.platform():
        assert dict(GuardHit.objects.values_list("pk", "review")) == {right.pk: "RIGHT", false.pk: "FALSE"}
        assert GuardHit.objects.get(pk=right.pk).reviewed_by == merchant.user.display_name


def test_a_verdict_that_is_none_changes_nothing_and_readers_see_no_buttons(merchant, onlooker, policy, now):
    (hit,) = hits_of(merchant, policy, now, 1)

    merchant.client.post(reverse("price_hit_review", args=[hit.pk]), {"verdict": "MAYBE"})
    page = onlooker.client.get(reverse("price_hits", args=[policy.pk])).content.decode()
    onlooker.client.post(reverse("price_hit_review", args=[hit.pk]), {"verdict": "RIGHT"})

    assert 'name="verdict"' not in page
    with tenancy.platform():
        assert GuardHit.objects.get().review == "NONE"


def cost(merchant, path):
    with CaptureQueriesContext(connection) as asked:
        assert merchant.client.get(path).status_code == 200
    return len(asked)


def more(merchant, policy, now, count):
    """So many further rows of everything these pages show."""
    hits_of(merchant, policy, now, count)
    with tenancy.platform():
        for number, listing in enumerate(ListingFactory.create_batch(count, merchant=merchant.shop)):
            ListingGuard.objects.create(merchant=merchant.shop, listing=listing, price=listing.price)
            until = now + timedelta(hours=1)
            PromotionFactory(merchant=merchant.shop, skus=[listing.sku], starts_at=now, ends_at=until)
            ApprovedWindow.objects.create(
                merchant=merchant.shop, reason="CLEARANCE", skus=[listing.sku], starts_at=now,
                ends_at=until, status="ASKED", asked_at=now, asked_by=f"person {number}",
            )  # fmt: skip
            Backtest.objects.create(merchant=merchant.shop, kind="BACKTEST", policy=policy, asked_at=now, asked_by="x")


def test_pages_ask_the_database_as_often_for_many_rows_as_for_one(merchant, policy, now):
    more(merchant, policy, now, 1)
    with tenancy.platform():
        tried = Backtest.objects.get().pk
    paths = [
        *(reverse(name) for name in ("price_floors", "price_windows", "price_calendar", "price_listings")),
        *(reverse(name, args=[policy.pk]) for name in ("price_hits", "price_policy")),
        reverse("price_backtest", args=[tried]),
    ]
    for path in paths:
        cost(merchant, path)  # what is read once for all and kept
    few = {path: cost(merchant, path) for path in paths}
    more(merchant, policy, now, 12)

    assert {path: cost(merchant, path) for path in paths} == few
