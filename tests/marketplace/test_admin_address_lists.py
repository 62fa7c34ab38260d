"""Staff see what each version of an address list changed, and how far stored addresses follow."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from merchant_protection.accounts.actor import Actor
from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import AddressList, Retagging
from merchant_protection.marketplace.services import address_lists
from tests.fixtures.people import Persona

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_scope", "second_factor")]
CLOCK = Actor.clock("test")


@pytest.fixture
def second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The staff of these tests have set up their second factor."""
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


def seen(person: Persona, address: str) -> str:
    return person.client.get(address, headers={"Accept-Language": "en"}).content.decode()


def replaced(merchant: Persona | None, words: dict[str, list[str]], now: datetime) -> AddressList:
    with tenancy.platform():
        shop = merchant.shop.pk if merchant else None
        return address_lists.replace(merchant_id=shop, words=words, actor=CLOCK, at=now)


def test_a_version_shows_what_it_changed_and_that_addresses_are_tagged_again(
    merchant: Persona, reviewer: Persona, now: datetime
) -> None:
    old = replaced(merchant, {"FREIGHT_FORWARDER": ["集运仓", "转运"]}, now)
    new = replaced(merchant, {"FREIGHT_FORWARDER": ["转运", "中转仓"]}, now + timedelta(minutes=1))

    page = seen(reviewer, reverse("admin:marketplace_addresslist_change", args=[new.pk]))
    before = seen(reviewer, reverse("admin:marketplace_addresslist_change", args=[old.pk]))

    assert "− FREIGHT_FORWARDER: 集运仓" in page
    assert "+ FREIGHT_FORWARDER: 中转仓" in page
    assert "+ FREIGHT_FORWARDER: 转运" not in page
    assert "1 shops to do" in page
    assert "A newer version counts." in before


def test_the_platforms_list_follows_when_no_shop_is_left(merchant: Persona, reviewer: Persona, now: datetime) -> None:
    made = replaced(None, {"LOGISTICS_PARK": ["物流园"]}, now)
    with tenancy.platform():
        Retagging.objects.update(due_at=None, finished_at=now, tagged=7)

    page = seen(reviewer, reverse("admin:marketplace_addresslist_change", args=[made.pk]))
    listed = seen(reviewer, reverse("admin:marketplace_addresslist_changelist"))

    assert "All tagged by this version" in page
    assert "Every shop" in listed
