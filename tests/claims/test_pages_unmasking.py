"""A senior sees who receives the order of a case only for a reason, and the look is written down."""

import json
from datetime import datetime

import pytest

from claims.models import Claim
from merchant_protection.audit.models import Entry
from merchant_protection.foundation import crypto, tenancy
from merchant_protection.marketplace.models import Order
from tests.factories import claims as make
from tests.fixtures.people import Persona

NAME = "王小明"


@pytest.fixture
def claim(merchant: Persona, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Claim:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    claim = make.submitted(merchant.shop, at=now)
    told = {"name": NAME, "phone": "13800000000", "address": "Nanjing Road 1"}
    with tenancy.platform():
        Order.objects.filter(pk=claim.order_id).update(recipient_sealed=crypto.seal(json.dumps(told)))
    return claim


def _looks() -> list[tuple[str, object]]:
    with tenancy.platform():
        return list(Entry.objects.filter(action="order.recipient_shown").values_list("actor_name", "reason"))


@pytest.mark.django_db
def test_a_senior_says_why_and_sees_the_recipient_and_it_is_written_down(claim: Claim, senior: Persona) -> None:
    path = f"/admin/desk/{claim.pk}/recipient/"

    asked = senior.client.get(path)
    refused = senior.client.post(path, {"reason": " "})
    shown = senior.client.post(path, {"reason": "The parcel went to another town."})

    assert (asked.status_code, refused.status_code, shown.status_code) == (200, 422, 200)
    assert NAME not in asked.content.decode() + refused.content.decode()
    assert NAME in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert len(_looks()) == 1
    assert "The parcel went to another town." in str(_looks())
    assert NAME not in str(_looks())


@pytest.mark.django_db
def test_a_reviewer_is_not_shown_who_receives_an_order(claim: Claim, reviewer: Persona) -> None:
    answer = reviewer.client.post(f"/admin/desk/{claim.pk}/recipient/", {"reason": "I should like to know."})

    assert answer.status_code == 403
    assert NAME not in answer.content.decode()
    assert _looks() == []
    assert "/recipient/" not in reviewer.client.get(f"/admin/desk/{claim.pk}/").content.decode()
