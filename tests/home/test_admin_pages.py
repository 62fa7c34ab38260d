"""Which staff role opens which page of the admin, and that no page shows a secret or costs more with more rows."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Switch
from tests.factories.marketplace import InboundSourceFactory, OrderFactory
from tests.fixtures.people import Persona

REVIEWED = {
    *("accounts_merchant", "risk_warning", "marketplace_order", "marketplace_listing"),
    *("marketplace_buyer", "marketplace_aftersale"),
}
PAGES = sorted(
    f"{model._meta.app_label}_{model._meta.model_name}"
    for model in admin.site._registry
    if model.__module__.startswith("merchant_protection.")
)


@pytest.fixture
def second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The staff of these tests have set up their second factor."""
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


def opens(client: Client, page: str) -> int:
    return client.get(reverse(f"admin:{page}_changelist")).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_each_role_opens_just_its_pages(
    page: str, second_factor: None, staff: Persona, reviewer: Persona, senior: Persona, trainer: Persona
) -> None:
    reviewing = 200 if page in REVIEWED else 403

    assert opens(staff.client, page) == 200
    assert (opens(reviewer.client, page), opens(senior.client, page)) == (reviewing, reviewing)
    assert opens(trainer.client, page) == 403


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_nobody_adds_changes_or_deletes_rows_by_hand(page: str, second_factor: None, staff: Persona) -> None:
    assert staff.client.get(reverse(f"admin:{page}_add")).status_code == 403
    assert staff.client.post(reverse(f"admin:{page}_changelist"), {"action": "delete_selected"}).status_code != 500


@pytest.mark.django_db
def test_without_a_second_factor_staff_set_one_up_first(staff: Persona) -> None:
    answer = staff.client.get("/admin/")

    assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_activate_totp"))


@pytest.mark.django_db
def test_merchants_and_strangers_are_sent_to_sign_in(merchant: Persona, client: Client) -> None:
    for visitor in (merchant.client, client):
        assert visitor.get("/admin/")["Location"].startswith("/admin/login/")


@pytest.mark.django_db
def test_the_first_page_counts_and_says_whether_everything_adds_up(second_factor: None, staff: Persona) -> None:
    page = staff.client.get("/admin/", headers={"Accept-Language": "en"}).content.decode()

    assert "Nothing accepted is lost" in page
    assert "does not add up" not in page


@pytest.mark.django_db
def test_a_source_shows_no_secret(second_factor: None, staff: Persona) -> None:
    source = InboundSourceFactory()

    page = staff.client.get(reverse("admin:marketplace_inboundsource_change", args=[source.pk])).content.decode()

    assert source.public_id in page
    assert "secret_sealed" not in page
    assert "whsec_" not in page


@pytest.mark.django_db
def test_fifty_orders_cost_as_many_queries_as_one(
    second_factor: None, staff: Persona, django_assert_max_num_queries: Callable[..., DjangoAssertNumQueries]
) -> None:
    for _ in range(50):
        OrderFactory()
    opens(staff.client, "marketplace_order")

    with django_assert_max_num_queries(12):
        assert opens(staff.client, "marketplace_order") == 200


@pytest.mark.django_db
def test_the_whole_platform_is_stopped_with_a_reason(second_factor: None, staff: Persona) -> None:
    address = reverse("admin:marketplace_switch_stop_platform")

    staff.client.post(address, {"_form_submitted": "True", "reason": "wrong prices from the feed"})

    with tenancy.platform():
        switch = Switch.objects.get(scope="PLATFORM")
    assert (switch.is_stopped, switch.reason) == (True, "wrong prices from the feed")
