"""Warnings, restrictions, appeals and disputes for programs: by scope, for one's own shop, once per key."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from merchant_protection.foundation import tenancy
from merchant_protection.risk.models import Appeal, Restriction, SignalDispute, Snooze, Warning
from tests.factories.accounts import ApiKeyFactory
from tests.factories.marketplace import BuyerFactory, OrderFactory
from tests.factories.risk import RestrictionFactory, WarningFactory
from tests.fixtures.people import Persona

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("selling_platform")]


def post(path: str, body: Any = None, *, key: Any) -> Any:
    headers = {"Authorization": f"Bearer {key.presented}", "Idempotency-Key": uuid4().hex}
    return Client().post(f"/api/v1/{path}", body or {}, content_type="application/json", headers=headers)


@pytest.fixture
def key(merchant: Persona) -> Any:
    return ApiKeyFactory(merchant=merchant.shop, scopes=["warnings:read", "warnings:write"])


@pytest.fixture
def platform_key(db: None) -> Any:
    return ApiKeyFactory(merchant=None, scopes=["warnings:read", "warnings:write"])


def test_a_program_answers_its_shops_warnings(merchant: Persona, key: Any) -> None:
    order = OrderFactory(merchant=merchant.shop)
    warning = WarningFactory(merchant=merchant.shop, kind="HOARDING", order=order, buyer=order.buyer)

    assert post(f"warnings/{warning.pk}/acknowledge", key=key).json()["status"] == "ACKNOWLEDGED"
    assert post(f"warnings/{warning.pk}/reopen", key=key).json()["status"] == "OPEN"
    assert post(f"warnings/{warning.pk}/hold_shipment", key=key).status_code == 200
    assert post(f"warnings/{warning.pk}/release_shipment", key=key).status_code == 200
    until = "2999-01-01T00:00:00Z"
    assert post(f"warnings/{warning.pk}/mark_normal", {"snooze_until": until}, key=key).status_code == 422
    assert post(f"warnings/{warning.pk}/mark_normal", {"note": "a school"}, key=key).json()["status"] == "NORMAL"
    assert post(f"warnings/{warning.pk}/mark_normal", key=key).status_code == 409
    with tenancy.platform():
        assert not Snooze.objects.exists()


def test_without_the_scope_or_in_another_shop_nothing_is_answered(merchant: Persona, rival: Persona) -> None:
    warning = WarningFactory(merchant=merchant.shop)
    looking = ApiKeyFactory(merchant=merchant.shop, scopes=["warnings:read"])
    strange = ApiKeyFactory(merchant=rival.shop, scopes=["warnings:read", "warnings:write"])

    assert post(f"warnings/{warning.pk}/acknowledge", key=looking).status_code == 403
    assert post(f"warnings/{warning.pk}/acknowledge", key=strange).status_code == 404
    with tenancy.platform():
        assert Warning.objects.get().status == "OPEN"


def test_a_program_restricts_and_lets_go(merchant: Persona, key: Any) -> None:
    buyer = BuyerFactory(merchant=merchant.shop, ref="buyer-004821")
    wanted = {"buyer_id": buyer.pk, "limits": ["NO_ORDERS"], "days": 7, "reason": "hoards"}

    made = post("buyer-restrictions", wanted, key=key)
    assert (made.status_code, made.json()["buyer"]) == (201, "b***4821")
    assert post("buyer-restrictions", wanted, key=key).status_code == 409
    assert post(f"buyer-restrictions/{made.json()['id']}/lift", key=key).json()["status"] == "LIFTED"


def test_the_platforms_key_restricts_nobody(merchant: Persona, platform_key: Any) -> None:
    buyer = BuyerFactory(merchant=merchant.shop)
    wanted = {"buyer_id": buyer.pk, "limits": ["NO_ORDERS"], "days": 7, "reason": "hoards"}

    assert post("buyer-restrictions", wanted, key=platform_key).status_code == 403
    with tenancy.platform():
        assert not Restriction.objects.exists()


def test_the_platform_appeals_for_a_buyer_and_asks_for_the_answer(merchant: Persona, platform_key: Any) -> None:
    restriction = RestrictionFactory(merchant=merchant.shop)
    told = {
        "merchant": merchant.shop.pk,
        "reference": "AP-9",
        "words": "not me",
        "buyer_ref": restriction.buyer.ref,
    }

    made = post("buyer-appeals", told, key=platform_key)
    again = post("buyer-appeals", told, key=platform_key)

    assert (made.status_code, made.json()["status"], made.json()["source"]) == (201, "OPEN", "PLATFORM")
    assert again.json()["id"] == made.json()["id"]
    with tenancy.platform():
        assert Appeal.objects.get().restriction_id == restriction.pk


@pytest.mark.parametrize("shop", [None, 0, 2**40])
def test_an_appeal_names_a_shop_that_there_is(merchant: Persona, platform_key: Any, shop: int | None) -> None:
    told = {"reference": "AP-9", "words": "not me", "buyer_ref": "b"} | ({} if shop is None else {"merchant": shop})

    answer = post("buyer-appeals", told, key=platform_key)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "merchant")


def test_a_shop_appeals_only_in_its_own_shop(merchant: Persona, rival: Persona, key: Any) -> None:
    order = OrderFactory(merchant=rival.shop)
    told = {"merchant": rival.shop.pk, "reference": "AP-9", "words": "x", "order_number": order.number}

    assert post("buyer-appeals", told, key=key).status_code == 201
    with tenancy.platform():
        made = Appeal.objects.get()
    assert (made.merchant_id, made.order_id) == (merchant.shop.pk, None)


def test_only_the_platform_disputes_a_count(key: Any, platform_key: Any) -> None:
    told = {"buyer_ref": "u-1", "words": "not me"}

    assert post("signal-disputes", told, key=key).status_code == 403
    assert post("signal-disputes", told, key=platform_key).status_code == 201
    assert SignalDispute.objects.count() == 1
