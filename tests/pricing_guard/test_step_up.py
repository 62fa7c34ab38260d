"""A rule acts by itself, or lets more through, only on the word of somebody who has just proved who they are."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.foundation.errors import Conflict, NotAllowed, ProofNeeded
from pricing_guard.models import ApprovedWindow, GuardPolicy, GuardShop
from pricing_guard.services import policies, windows
from tests.fixtures.people import Persona
from tests.fixtures.proofs import BY_CODE, BY_PASSWORD, give_code, give_password, second_factor
from tests.pricing_guard.conftest import guarded
from tests.pricing_guard.test_api_price_guard import send

pytestmark = pytest.mark.django_db
AUTO = {"move": "mode", "mode": "AUTO", "acknowledged": "on"}
JSON = {"content_type": "application/json"}


def mode() -> str:
    with tenancy.platform():
        return GuardPolicy.objects.get().mode


def move(person: Persona, policy: GuardPolicy, **fields: str) -> Any:
    return person.client.post(reverse("price_policy_move", args=[policy.pk]), fields)


def over_api(person: Persona, policy: GuardPolicy, verb: str, **body: Any) -> Any:
    return person.client.post(f"/api/v1/guard-policies/{policy.pk}/{verb}", body, **JSON)


@pytest.fixture
def asking(merchant: Persona, now: Any) -> GuardPolicy:
    """A policy that asks first."""
    return guarded(merchant.shop, merchant, at=now, mode="APPROVE")


def test_a_rule_goes_automatic_only_after_the_password_and_only_then(merchant, asking):
    refused = move(merchant, asking, **AUTO)

    assert refused["Location"].startswith(BY_PASSWORD)
    assert "next=%2Fm%2Fprice-guard%2Fpolicies%2F" in refused["Location"]
    assert over_api(merchant, asking, "mode", mode="AUTO", is_acknowledged=True).status_code == 403
    assert mode() == "APPROVE"

    give_password(merchant)

    assert move(merchant, asking, **AUTO)["Location"] == reverse("price_policy", args=[asking.pk])
    assert mode() == "AUTO"


def test_the_mode_that_was_chosen_is_chosen_still_after_the_password(merchant, asking):
    sent = parse_qs(urlsplit(move(merchant, asking, **AUTO)["Location"]).query)["next"][0]
    give_password(merchant)

    page = merchant.client.get(sent).content.decode()

    assert 'name="mode" value="AUTO" checked' in page
    assert 'name="acknowledged">' in page  # said anew
    assert mode() == "APPROVE"
    assert 'value="APPROVE" checked' in merchant.client.get(f"{sent.partition('?')[0]}?mode=NONE").content.decode()


def test_who_has_a_second_factor_gives_that_one(merchant, asking):
    second_factor(merchant)
    give_password(merchant)

    assert move(merchant, asking, **AUTO)["Location"].startswith(BY_CODE)
    assert over_api(merchant, asking, "mode", mode="AUTO", is_acknowledged=True).status_code == 403
    assert mode() == "APPROVE"

    give_code(merchant)

    assert over_api(merchant, asking, "mode", mode="AUTO", is_acknowledged=True).json()["mode"] == "AUTO"


def test_what_was_proved_long_ago_proves_nothing(merchant, asking):
    give_password(merchant)
    session = merchant.client.session
    session["account_authentication_methods"][-1]["at"] -= 301
    session.save()

    assert move(merchant, asking, **AUTO)["Location"].startswith(BY_PASSWORD)
    assert mode() == "APPROVE"


def test_no_key_makes_a_rule_automatic_even_beside_a_person_who_proved(merchant, asking):
    give_password(merchant)
    told = {"mode": "AUTO", "is_acknowledged": True}

    assert send(merchant, f"/api/v1/guard-policies/{asking.pk}/mode", told).status_code == 403
    headers = merchant.key("price_guard:write")["headers"] | {"Idempotency-Key": "1"}
    beside = merchant.client.post(f"/api/v1/guard-policies/{asking.pk}/mode", told, **JSON, headers=headers)
    assert beside.status_code == 403
    assert mode() == "APPROVE"
    assert send(merchant, f"/api/v1/guard-policies/{asking.pk}/mode", {"mode": "SHADOW"}).json()["mode"] == "SHADOW"


def test_going_back_asks_for_nothing(merchant, now):
    policy = guarded(merchant.shop, merchant, at=now, mode="AUTO")

    move(merchant, policy, move="mode", mode="SHADOW")

    assert mode() == "SHADOW"


def test_a_refusal_of_another_kind_comes_before_the_proof(merchant, asking):
    answer = move(merchant, asking, move="mode", mode="AUTO")

    assert answer["Location"] == reverse("price_policy", args=[asking.pk])


@pytest.mark.parametrize(
    ("before", "floor", "asks"), [("AUTO", "700", True), ("AUTO", "900", False), ("APPROVE", "700", False)]
)
def test_loosening_what_acts_by_itself_asks_and_tightening_does_not(merchant, now, before, floor, asks):
    policy = guarded(merchant.shop, merchant, at=now, mode=before, floor_price="800")
    draft = policies.Draft(name="Next", scope="SHOP", thresholds={"floor_price": floor})
    with tenancy.platform():
        policies.save_version(
            merchant_id=merchant.shop.pk, policy_id=policy.pk, draft=draft, actor=merchant.actor, at=now
        )
    told = {"number": 2, "is_acknowledged": True}

    answer = over_api(merchant, policy, "publish", **told)

    assert answer.status_code == (403 if asks else 200)
    if asks:
        assert send(merchant, f"/api/v1/guard-policies/{policy.pk}/publish", told).status_code == 403
        give_password(merchant)
        assert over_api(merchant, policy, "publish", **told).json()["live_number"] == 2


def window(merchant: Persona, at: Any) -> ApprovedWindow:
    """A window that waits for a second person."""
    with tenancy.platform():
        return ApprovedWindow.objects.create(
            merchant=merchant.shop, reason="CLEARANCE", categories=["washers"], starts_at=at, status="ASKED",
            asked_at=at, ends_at=at + timedelta(days=2), asked_by_id=merchant.user.pk, asked_by="Ann",
        )  # fmt: skip


def approve(merchant: Persona, row: ApprovedWindow) -> tuple[str, str]:
    answer = merchant.client.post(reverse("price_window_move", args=[row.pk]), {"move": "approve"})
    with tenancy.platform():
        row.refresh_from_db()
    return answer["Location"], row.status


def test_who_is_alone_waits_ten_minutes_and_then_gives_a_second_factor(merchant):
    now = timezone.now()
    early, late = window(merchant, now), window(merchant, now - timedelta(minutes=11))
    give_password(merchant)

    assert approve(merchant, late) == ("/accounts/2fa/totp/activate/", "ASKED")
    second_factor(merchant)
    assert approve(merchant, late)[0].startswith(BY_CODE)
    give_code(merchant)
    assert approve(merchant, early) == (reverse("price_windows"), "ASKED")
    page = merchant.client.get(reverse("price_windows"))
    assert [row["may_approve"] for row in page.context["rows"]] == [True, False]
    assert approve(merchant, late) == (reverse("price_windows"), "APPROVED")


def test_where_somebody_else_decides_no_second_factor_stands_in(merchant, operator):
    row = window(merchant, timezone.now() - timedelta(minutes=11))
    second_factor(merchant)
    give_code(merchant)

    assert approve(merchant, row)[1] == "ASKED"
    assert merchant.client.post(f"/api/v1/price-windows/{row.pk}/approve").status_code == 409
    assert operator.client.post(f"/api/v1/price-windows/{row.pk}/approve").json()["status"] == "APPROVED"


def test_in_the_demo_its_accounts_give_the_password_for_a_second_factor(merchant, settings):
    row = window(merchant, timezone.now() - timedelta(minutes=11))
    merchant.user.is_demo = True
    merchant.user.save()
    settings.DEMO = True

    assert approve(merchant, row)[0].startswith(BY_PASSWORD)
    give_password(merchant)
    assert approve(merchant, row)[1] == "APPROVED"


def test_commands_ask_whoever_calls_them(merchant, asking, now):
    given = {"policy_id": asking.pk, "mode": "AUTO", "actor": merchant.actor, "at": now, "is_acknowledged": True}
    with tenancy.platform(), pytest.raises(ProofNeeded):
        policies.set_mode(**given)
    row = window(merchant, now)
    with tenancy.platform(), pytest.raises(Conflict):
        windows.approve(window_id=row.pk, actor=merchant.actor, at=now, proved_again=True)
    with tenancy.platform(), pytest.raises(ProofNeeded):
        windows.approve(window_id=row.pk, actor=merchant.actor, at=now + timedelta(minutes=10))


def above() -> Any:
    with tenancy.platform():
        return GuardShop.objects.get().second_person_above


def test_the_owner_says_from_which_amount_on_two_people_are_needed(merchant, operator, asking):
    path = reverse("price_second_person")

    merchant.client.post(path, {"second_person_above": "5000"})
    assert above() == 5000
    assert operator.client.post(path, {"second_person_above": "1"}).status_code == 403
    for wrong in ("-1", "x", "1e40"):
        merchant.client.post(path, {"second_person_above": wrong})
    merchant.client.post(path, {"second_person_above": "400"})
    assert above() == 400
    for wider in ("401", ""):
        assert merchant.client.post(path, {"second_person_above": wider})["Location"].startswith(BY_PASSWORD)
    assert above() == 400
    give_password(merchant)
    merchant.client.post(path, {"second_person_above": ""})
    assert above() is None


def test_the_amount_over_the_api(merchant, operator, asking):
    path = "/api/v1/guard-settings"

    def put(person: Persona, amount: Any) -> int:
        return int(person.client.put(path, {"second_person_above": amount}, **JSON).status_code)

    assert merchant.client.get(path).json() == {"second_person_above": None}
    assert put(merchant, "900.5") == 200
    assert Client().get(path, **merchant.key("price_guard:read")).json() == {"second_person_above": "900.5000"}
    assert (put(operator, "1"), put(merchant, None), put(merchant, 5), put(merchant, "-1")) == (403, 403, 422, 422)
    keyed = Client().put(path, {"second_person_above": "1"}, **JSON, **merchant.key("price_guard:write"))
    assert keyed.status_code == 403
    assert above() == 900.5
    with tenancy.platform(), pytest.raises(NotAllowed):
        windows.set_second_person(merchant_id=merchant.shop.pk, above=None, actor=operator.actor, at=timezone.now())
