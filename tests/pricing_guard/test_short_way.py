"""A plain question about a price takes the short way, and every other the endpoint's: nobody can tell by the answer."""

from datetime import timedelta

import pytest
from django.test import Client

from pricing_guard.models import PriceCheck
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = pytest.mark.django_db(transaction=True)
PLAIN = {"sku": "WM-1", "price": "999.5"}
LONG = {"HTTP_ACCEPT": "application/json;q=0.9"}
WITHOUT = ("id", "at")


@pytest.fixture
def known(platform_scope, tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, floor_price="800", max_drop_last="20")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))


def ask(body, **more):
    return Client().post("/api/v1/price-checks", body, content_type="application/json", **more)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"price": "700"},
        {"price": "1250.0001", "currency": "CNY", "list_price": "1400", "cost": "0.5", "category": "帽", "by": "ERP 7"},
        {"sku": "not known yet", "cost": None},
        {"price": "700", "something": "else"},
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans", "fr, zh-hans;q=0.8"])
def test_both_ways_say_the_same(known, merchant, more, language):
    headers = merchant.key("price_guard:read")["headers"] | {"Accept-Language": language}

    short, long = ask(PLAIN | more, headers=headers), ask(PLAIN | more, headers=headers, **LONG)

    assert ("Allow" in short, "Allow" in long) == (False, True)  # each really went its own way
    assert (short.status_code, long.status_code) == (201, 201)
    said = [{name: value for name, value in each.json().items() if name not in WITHOUT} for each in (short, long)]
    assert said[0] == said[1]
    assert [set(short[name].split(", ")) <= set(long[name].split(", ")) for name in ("Vary", "Content-Language")]
    assert short["Content-Language"] == long["Content-Language"]
    kept = PriceCheck.objects.order_by("id").values()
    assert {**kept[0], "id": 0, "at": 0} == {**kept[1], "id": 0, "at": 0}
    assert (
        short.json()["at"] == Client().get(f"/api/v1/price-checks/{short.json()['id']}", headers=headers).json()["at"]
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (PLAIN | {"price": 12}, 422),
        (PLAIN | {"price": "１２"}, 422),
        (PLAIN | {"price": "12\n"}, 422),
        (PLAIN | {"price": "-1"}, 422),
        (PLAIN | {"price": "1.00001"}, 422),
        (PLAIN | {"price": "12345678901"}, 422),
        (PLAIN | {"sku": ""}, 422),
        (PLAIN | {"sku": "a\x00b"}, 422),
        (PLAIN | {"sku": "x" * 81}, 422),
        (PLAIN | {"currency": "cny"}, 422),
        (PLAIN | {"merchant": "nowhere"}, 404),
        (PLAIN | {"price": " 999.5"}, 422),
        (PLAIN | {"price": "1e3"}, 422),
        (PLAIN | {"price": ".5"}, 201),
        (PLAIN | {"sku": " WM-1 "}, 201),
        ("{", 400),
        ("[]", 422),
    ],
)
def test_what_is_not_plain_is_left_to_the_endpoint(known, merchant, body, status):
    answer = ask(body, **merchant.key("price_guard:read"))

    assert "Allow" in answer
    assert answer.status_code == status


def test_a_question_counts_once_by_either_way(known, merchant, settings):
    settings.API_RATES = {"KEY": (3, timedelta(hours=1))}
    key = merchant.key("price_guard:read")

    asked = [ask(PLAIN, **key), ask(PLAIN | {"price": 12}, **key), ask(PLAIN, **key, **LONG), ask(PLAIN, **key)]

    assert [each.status_code for each in asked] == [201, 422, 201, 429]
    assert "Retry-After" in asked[-1]


def test_another_scope_of_the_guard_does_not_open_the_short_way(known, merchant):
    answer = ask(PLAIN, **merchant.key("price_guard:write"))

    assert answer.status_code == 403
    assert not PriceCheck.objects.exists()
