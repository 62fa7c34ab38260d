"""Revoking and changing the team ask for the password again when it was not given lately."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from merchant_protection.accounts.models import ApiKey, Membership
from merchant_protection.foundation import tenancy
from tests.factories.accounts import PASSWORD, ApiKeyFactory
from tests.fixtures.people import Persona

ACTS = {
    "key_revoke": ("keys", {}),
    "team_change_role": ("team", {"role": "READ_ONLY"}),
    "team_remove": ("team", {}),
    "team_invite": ("team", {"email": "new@a.example", "role": "OPERATOR"}),
}


def where(name: str, merchant: Persona, operator: Persona) -> str:
    if name == "team_invite":
        return reverse(name)
    with tenancy.platform():
        member = Membership.objects.get(merchant=merchant.shop, user=operator.user).pk
        key = ApiKey.objects.filter(merchant=merchant.shop).first() or ApiKeyFactory(merchant=merchant.shop)
    return reverse(name, kwargs={"pk": key.pk if name == "key_revoke" else member})


def state(merchant: Persona) -> Any:
    with tenancy.platform():
        return (
            list(Membership.objects.filter(merchant=merchant.shop).order_by("pk").values_list("role", "is_active")),
            list(ApiKey.objects.values_list("revoked_at", flat=True)),
            merchant.shop.invitations.count(),
        )


@pytest.mark.parametrize("name", ACTS)
def test_without_the_password_nothing_happens_and_with_it_it_does(
    name: str, merchant: Persona, operator: Persona
) -> None:
    back, fields = ACTS[name]
    path = where(name, merchant, operator)
    before = state(merchant)

    answer = merchant.client.post(path, fields)

    assert answer.headers["Location"] == f"/accounts/reauthenticate/?next={reverse(back).replace('/', '%2F')}"
    assert state(merchant) == before
    merchant.client.post(answer.headers["Location"], {"password": "wrong"})
    merchant.client.post(path, fields)
    assert state(merchant) == before
    given = merchant.client.post(answer.headers["Location"], {"password": PASSWORD})
    assert given.headers["Location"] == reverse(back)
    assert merchant.client.post(path, fields).headers["Location"] == reverse(back)
    assert state(merchant) != before


def test_an_address_is_changed_by_nobody_and_looking_for_it_bars_no_second_factor(merchant: Persona) -> None:
    merchant.client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    for ask in (merchant.client.get, merchant.client.post):
        assert ask("/accounts/email/", {"action_add": "", "email": "other@a.example"}).headers["Location"] == "/me/"

    assert not EmailAddress.objects.exists()
    assert merchant.client.get("/accounts/2fa/totp/activate/").status_code == 200
