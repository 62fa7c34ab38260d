"""Which staff role opens which page of the admin, where staff sign in, and that nothing is changed by hand."""

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from merchant_protection.foundation.staff_admin import StaffModelAdmin
from tests.factories.accounts import PASSWORD
from tests.factories.marketplace import InboundSourceFactory
from tests.fixtures.people import Persona

REVIEWED = {
    *("accounts_merchant", "risk_warning", "marketplace_order", "marketplace_listing"),
    *("marketplace_addresslist", "marketplace_buyer", "marketplace_aftersale", "marketplace_promotion"),
    *("risk_appeal", "risk_buyercluster", "risk_restriction", "risk_signaldispute", "risk_violation"),
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
def test_strangers_sign_in_at_the_portal(anonymous_client: Client) -> None:
    answer = anonymous_client.get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_people_of_shops_end_at_their_own_pages(page: str, merchant: Persona) -> None:
    answer = merchant.client.get(reverse(f"admin:{page}_changelist"), follow=True)

    assert [path for path, _ in answer.redirect_chain[-2:]] == ["/", "/m/"]
    assert answer.status_code == 200


@pytest.mark.django_db
def test_the_themes_own_sign_in_and_password_pages_do_not_answer(anonymous_client: Client, staff: Persona) -> None:
    posted = anonymous_client.post("/admin/login/", {"username": staff.user.email, "password": PASSWORD})

    assert posted["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in anonymous_client.session
    elsewhere = anonymous_client.get("/admin/login/?next=https://evil.example/")
    assert elsewhere["Location"].endswith("next=%2Fadmin%2F")
    assert anonymous_client.get("/admin/password_change/")["Location"] == reverse("account_change_password")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["staff", "reviewer", "senior", "trainer"])
def test_the_side_bar_leads_nowhere_closed(name: str, second_factor: None, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(name).client

    answer = client.get("/admin/")

    lines = [line for group in answer.context["sidebar_navigation"] for line in group["items"]]
    shown = [str(line["link"]) for line in lines if line["has_permission"]]
    assert {client.get(link).status_code for link in shown} == {200}


def test_the_side_bar_leads_to_every_page() -> None:
    lines = {str(line["link"]) for group in settings.UNFOLD["SIDEBAR"]["navigation"] for line in group["items"]}

    lists = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    }
    pages = {"/admin/", *(reverse(f"desk{page}") for page in ("", "_escalations", "_samples", "_figures", "_settings"))}
    assert lines == pages | lists


def test_only_our_own_pages_are_there_and_none_changes_a_row() -> None:
    for model, page in admin.site._registry.items():
        assert isinstance(page, StaffModelAdmin), model
        assert page.fields or page.fieldsets, model
        assert page.show_full_result_count is False, model


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
