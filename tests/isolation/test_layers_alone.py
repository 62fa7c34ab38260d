"""Each layer between two shops stands alone, and each one broken is noticed: doors, database, marks, files, caches."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.models import CacheEntry
from merchant_protection.marketplace.queries import orders
from tests.factories.accounts import ApiKeyFactory
from tests.factories.marketplace import AfterSaleFactory, OrderFactory, PromotionFactory
from tests.factories.notices import NoticeFactory
from tests.factories.risk import WarningFactory
from tests.fixtures import servers
from tests.fixtures.people import Persona
from tests.isolation.test_routes import said


def doors() -> Iterator[tuple[str, Any]]:
    """Every `…visible_to(actor)` of every app: the only doors for people."""
    for config in apps.get_app_configs():
        path = f"{config.name}.queries"
        if not config.path.startswith(str(servers.ROOT)) or importlib.util.find_spec(path) is None:
            continue
        module = importlib.import_module(path)
        names = [path, *(f"{path}.{each.name}" for each in pkgutil.iter_modules(getattr(module, "__path__", [])))]
        for name in names:
            for function, found in inspect.getmembers(importlib.import_module(name), inspect.isfunction):
                if function.endswith("visible_to") and found.__module__ == name:
                    yield f"{name.removeprefix('merchant_protection.')}.{function}", found


DOORS = dict(doors())


@pytest.fixture
def shops(merchant: Persona, rival: Persona) -> tuple[int, int]:
    """Both shops have the like of each, under the same numbers."""
    for person in (merchant, rival):
        OrderFactory(merchant=person.shop, number="O1", lines=2)
        PromotionFactory(merchant=person.shop, code="P1")
        AfterSaleFactory(merchant=person.shop, number="S1")
        ApiKeyFactory(merchant=person.shop)
        NoticeFactory(merchant=person.shop)
        WarningFactory(merchant=person.shop, dedupe_key="order-1")
    return merchant.shop.pk, rival.shop.pk


def foreign_rows(door: Any, actor: Any, own: int) -> list[Any]:
    """The rows that a door shows of other shops, with the database's own layer out of the way."""
    with tenancy.platform():
        rows: QuerySet[Any] = door(actor)
        is_shop = rows.model._meta.label == "accounts.Merchant"
        if not is_shop and not any(field.column == "merchant_id" for field in rows.model._meta.concrete_fields):
            return []
        return [row.pk for row in rows if (row.pk if is_shop else row.merchant_id) not in (own, None)]


def test_the_doors_are_found() -> None:
    assert {
        "marketplace.queries.orders.visible_to",
        "risk.queries.warnings.visible_to",
        "notices.queries.visible_to",
    } <= set(DOORS)
    assert len(DOORS) > 15


@pytest.mark.case("T06")
@pytest.mark.parametrize("name", DOORS)
def test_a_door_shows_ones_own_rows_without_the_databases_help(
    name: str, shops: tuple[int, int], rival: Persona
) -> None:
    assert foreign_rows(DOORS[name], rival.actor, shops[1]) == []


@pytest.mark.case("T06")
def test_a_door_that_filters_nothing_is_noticed(shops: tuple[int, int], rival: Persona) -> None:
    with mock.patch.object(orders, "_of_shops", side_effect=lambda rows, actor: rows):
        assert foreign_rows(orders.visible_to, rival.actor, shops[1]) != []


@pytest.mark.case("T06")
def test_the_databases_layer_out_of_order_is_noticed(
    transactional_db: None, shops: tuple[int, int], rival: Persona
) -> None:
    def seen() -> int:
        with tenancy.merchant(shops[1]):
            return orders.Order.objects.filter(merchant_id=shops[0]).count()

    assert seen() == 0
    with servers.superuser(database=str(connection.settings_dict["NAME"])) as server:
        server.execute("ALTER TABLE marketplace_order DISABLE ROW LEVEL SECURITY")
        try:
            broken = seen()
        finally:
            server.execute("ALTER TABLE marketplace_order ENABLE ROW LEVEL SECURITY")
    assert broken > 0


@pytest.mark.case("T03")
@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label_lower)
def test_the_admins_rows_keep_to_the_scope(model: Any, shops: tuple[int, int], staff: Persona) -> None:
    page = admin.site._registry[model]
    if not any(field.column == "merchant_id" for field in model._meta.concrete_fields):
        return

    with tenancy.merchant(shops[1]):
        assert {row.merchant_id for row in page.rows(staff.actor)} <= {shops[1]}
    with tenancy.nobody(), pytest.raises(tenancy.ScopeMissing):
        list(page.rows(staff.actor))


POLLED = ("/m/", "/m/inbox/", "/m/orders/", "/m/actions/", "/m/events/", "/m/listings/")


@pytest.mark.case("T06")
@pytest.mark.parametrize("path", POLLED)
def test_the_mark_of_one_shops_page_never_stands_for_anothers(
    path: str, shops: tuple[int, int], merchant: Persona, rival: Persona
) -> None:
    """Two shops with the like of each: what A's browser keeps is nothing to B, for pages and their parts."""
    for headers in ({}, {"HX-Request": "true", "X-Poll": "1"}):
        ours = merchant.client.get(path, headers=headers)
        marks = {"If-None-Match": ours.headers.get("ETag", '"none"')}
        if "Last-Modified" in ours.headers:
            marks["If-Modified-Since"] = ours.headers["Last-Modified"]

        theirs = rival.client.get(path, headers={**headers, **marks})

        assert theirs.status_code == 200, headers
        assert merchant.shop.name not in said(theirs)
        assert "public" not in ours.headers.get("Cache-Control", "")
        assert "Cookie" in ours.headers.get("Vary", "")


@pytest.mark.case("T06")
def test_what_is_shared_holds_nothing_of_a_shop(
    transactional_db: None, shops: tuple[int, int], merchant: Persona, rival: Persona
) -> None:
    for person in (merchant, rival):
        for path in POLLED:
            person.client.get(path)
        Client().get("/api/v1/orders", **person.key("orders:read"))
        person.client.get("/m/orders.csv")
    there = redis.Redis.from_url(settings.REDIS_URL)
    kept = str({name: there.dump(name) for name in there.scan_iter()})
    kept += str(list(CacheEntry.objects.values_list("name", "value")))

    for person in (merchant, rival):
        assert person.shop.name not in kept
        assert person.user.email not in kept
    assert "O1" not in kept
    cache.set("both", "the same", 60)
    with tenancy.merchant(shops[0]):
        assert cache.get("both") == "the same"  # so nothing of a shop may ever be put there


@pytest.mark.case("T06")
@pytest.mark.parametrize("path", ["/m/orders.csv", "/m/activity.csv", "/m/listings.csv"])
def test_a_file_taken_away_holds_ones_own_rows_only(
    path: str, shops: tuple[int, int], merchant: Persona, rival: Persona
) -> None:
    answer = rival.client.get(path)

    assert answer.status_code in (200, 302, 404)
    assert merchant.shop.name not in said(answer)
    if path == "/m/orders.csv" and answer.status_code == 200:
        assert said(answer).count("O1") <= 1
