"""The guard over the API: price checks in words, policies, floors, windows, who may do what."""

import secrets
from datetime import timedelta

import pytest
from django.test import Client

from pricing_guard.models import GuardPolicy, PriceCheck
from tests.factories.accounts import ApiKeyFactory
from tests.pricing_guard.conftest import guarded, listing, price

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"content_type": "application/json"}


@pytest.fixture
def known(platform_scope, tell, merchant, now):
    guarded(merchant.shop, merchant, at=now, floor_price="800", max_drop_last="20")
    tell(listing(), price("1299.00", 1, at=now - timedelta(hours=2)))


def ask(client, body, **more):
    return client.post("/api/v1/price-checks", body, **JSON, **more)


def send(shop, where, body, scope="price_guard:write"):
    """Post as a program of the shop, each time under a name of its own."""
    headers = shop.key(scope)["headers"] | {"Idempotency-Key": secrets.token_hex(8)}
    return Client().post(where, body, **JSON, headers=headers)


@pytest.mark.parametrize(
    ("asked", "verdict", "check"),
    [("1250.00", "ALLOW", None), ("999.00", "CONFIRM", "DROP_FROM_LAST"), ("700", "BLOCK", "BELOW_FLOOR")],
)
def test_a_price_is_allowed_confirmed_or_blocked_with_reasons(known, merchant, asked, verdict, check):
    answer = ask(Client(), {"sku": "WM-1", "price": asked}, **merchant.key("price_guard:read"))

    said = answer.json()
    assert answer.status_code == 201
    assert said["verdict"] == verdict
    assert said["confirm_by"] == (["OWNER", "OPERATOR"] if verdict == "CONFIRM" else [])
    assert (said["reasons"][0]["check"] if said["reasons"] else None) == check
    assert PriceCheck.objects.get().verdict == verdict


def test_the_platform_asks_for_any_shop_in_both_languages(known, merchant):
    key = {"Authorization": f"Bearer {ApiKeyFactory(merchant=None, scopes=['price_guard:read']).presented}"}
    body = {"merchant": merchant.shop.code, "sku": "WM-1", "price": "700"}
    said = [ask(Client(), body, headers=key | {"Accept-Language": each}).json() for each in ("en", "zh-hans")]

    assert "below the floor price of ¥800.00" in said[0]["reasons"][0]["words"]
    assert "¥800.00" in said[1]["reasons"][0]["words"]
    assert said[0]["reasons"][0]["words"] != said[1]["reasons"][0]["words"]


def test_who_has_not_the_scope_or_the_shop_gets_no_answer(known, merchant, rival):
    assert ask(Client(), {"sku": "WM-1", "price": "1"}).status_code == 401
    assert ask(Client(), {"sku": "WM-1", "price": "1"}, **merchant.key("orders:read")).status_code == 403
    body = {"merchant": merchant.shop.code, "sku": "WM-1", "price": "1"}
    assert ask(Client(), body, **rival.key("price_guard:read")).status_code in (403, 404)
    assert not PriceCheck.objects.exists()


def test_a_policy_is_made_published_and_reported(platform_scope, merchant):
    body = {"name": "Floors", "scope": "SHOP", "thresholds": {"floor_price": "100", "cost": None}}
    made = send(merchant, "/api/v1/guard-policies", body).json()
    where = f"/api/v1/guard-policies/{made['id']}"
    assert send(merchant, f"{where}/publish", {"number": 1}).json()["mode"] == "SHADOW"
    assert send(merchant, f"{where}/mode", {"mode": "AUTO"}).status_code == 409
    told = {"mode": "APPROVE", "is_acknowledged": True}
    assert send(merchant, f"{where}/mode", told).json()["mode"] == "APPROVE"
    assert Client().get(f"{where}/shadow-report", **merchant.key("price_guard:read")).json()["hits"] == 0

    assert send(merchant, "/api/v1/guard-policies", body, scope="price_guard:read").status_code == 403
    assert GuardPolicy.objects.count() == 1


def test_floors_and_windows_by_program(known, merchant, now):
    rows = {"rows": [{"sku": "WM-1", "floor_price": "900"}, {"sku": "NONE", "floor_price": "1"}]}
    refused = send(merchant, "/api/v1/floor-prices", rows).json()
    assert (refused["status"], refused["faulty"]) == ("FAILED", 1)
    faults = (
        Client()
        .get(f"/api/v1/floor-prices/{refused['id']}/faults", **merchant.key("price_guard:read"))
        .json()["results"]
    )
    assert faults[0]["row"] == 2
    assert "SKU" in faults[0]["words"]

    window = {
        "reason": "CLEARANCE",
        "skus": ["WM-1"],
        "lowest_price": "500",
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(days=1)).isoformat(),
    }
    assert send(merchant, "/api/v1/price-windows", window).json()["status"] == "APPROVED"
    said = ask(Client(), {"sku": "WM-1", "price": "599"}, **merchant.key("price_guard:read")).json()
    assert said["verdict"] == "ALLOW"


def test_a_program_reads_what_holds_for_a_product_and_why(known, merchant, rival):
    send(merchant, "/api/v1/floor-prices", {"rows": [{"sku": "WM-1", "floor_price": "900"}]})
    key = merchant.key("price_guard:read")

    found = Client().get("/api/v1/watched-listings", {"sku": "WM-1"}, **key).json()["results"]
    where = f"/api/v1/watched-listings/{found[0]['id']}"
    holds = Client().get(where, **key).json()["holds"]

    said = {each["name"]: (each["set_by"], each["words"]) for each in holds["thresholds"]}
    assert (len(found), found[0]["floor_price"], found[0]["incident_id"]) == (1, "900.0000", None)
    assert said["floor_price"] == ("OWN_FLOOR", "¥900.00")
    assert said["max_drop_last"][0] == "POLICY"
    assert said["decimal_shift"][0] == "BASELINE"
    assert (holds["policy"], holds["scope"], holds["mode"]) == ("Policy AUTO", "SHOP", "AUTO")
    assert "Policy AUTO" in holds["why"]
    assert Client().get(where, **rival.key("price_guard:read")).status_code == 404
    assert Client().get(where, **merchant.key("orders:read")).status_code == 403
