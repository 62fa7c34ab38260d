"""A NUL in an address, which the database cannot look for, is refused: some of these a stranger reaches."""

import pytest
from django.test import Client

from tests.factories.scalper_policies import DrawFactory
from tests.fixtures.people import Persona


@pytest.mark.django_db
def test_a_stranger_asks_for_a_draw_with_a_nul(merchant: Persona) -> None:
    draw = DrawFactory(merchant=merchant.shop)
    own = f"/draws/{draw.commitment}/"
    addresses = ("/draws/%00/", "/draws/%00/entries.csv", f"{own}?entry=%00")

    assert [Client().get(each).status_code for each in (own, *addresses)] == [200, 422, 422, 422]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/m/claims/?q=%00", "/m/claims/new/?q=%00", "/api/v1/orders?search=%00"])
def test_a_member_searches_for_a_nul(merchant: Persona, address: str) -> None:
    assert merchant.client.get(address).status_code == 422
