"""What a shop's people do in a day, in a real browser from the form to the database."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from merchant_protection.foundation import tenancy
from merchant_protection.notices import drains
from merchant_protection.notices.models import Notice
from tests.factories.accounts import PASSWORD, MembershipFactory, MerchantFactory
from tests.factories.marketplace import OrderFactory
from tests.factories.notices import NoticeFactory

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


def sign_in(page, email, password=PASSWORD):
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.click("main button.btn-primary")


@WIDTHS
def test_a_person_signs_in_through_the_form_and_a_wrong_password_is_told(open_page, merchant, width):
    page = open_page("/m/orders/", width=width)
    assert "/accounts/login/" in page.url

    sign_in(page, merchant.user.email, "wrong password here")
    assert page.is_visible("[role=alert], .alert, .errors, .invalid-feedback")
    sign_in(page, merchant.user.email)

    page.wait_for_url("**/m/orders/")
    assert page.is_visible("h1")


def test_who_works_in_two_shops_switches_between_them(open_page, merchant):
    other = MerchantFactory(name="第二家店")
    MembershipFactory(user=merchant.user, merchant=other)
    OrderFactory(merchant=merchant.shop, number="FIRST-1")
    OrderFactory(merchant=other, number="SECOND-1")
    page = open_page("/m/orders/", as_=merchant)
    before = page.inner_text("main")

    page.click(".shop-switch summary")
    page.click(".shop-switch button:not([aria-current])")
    page.wait_for_url("**/m/")
    page.goto("/m/orders/")
    after = page.inner_text("main")

    assert {"FIRST-1" in before, "SECOND-1" in after} == {True}
    assert "SECOND-1" not in before
    assert "FIRST-1" not in after


@WIDTHS
def test_the_language_stays_on_the_next_page(open_page, merchant, width):
    page = open_page("/m/orders/", as_=merchant, width=width)

    page.click(".top button[name=language]")
    page.goto("/m/team/")

    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert page.inner_text("h1") == "成员与权限"


def test_an_order_is_found_by_the_keyboard_alone(open_page, merchant):
    order = OrderFactory(merchant=merchant.shop, number="JD-2026-0042")
    page = open_page("/m/", as_=merchant)

    page.keyboard.press("/")
    page.keyboard.type("jd-2026-0042")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/m/orders/{order.pk}/")
    assert "JD-2026-0042" in page.inner_text("h1")


def test_rows_of_a_list_are_walked_and_opened_by_keys(open_page, merchant, now):
    orders = [OrderFactory(merchant=merchant.shop, placed_at=now.replace(minute=n)) for n in range(3)]
    page = open_page("/m/orders/", as_=merchant)

    for key in ("j", "j", "j", "k", "Enter"):
        page.keyboard.press(key)

    page.wait_for_url(f"**/m/orders/{orders[1].pk}/")


@WIDTHS
def test_a_colleague_is_invited_reads_the_mail_and_joins(open_page, merchant, width):
    page = open_page("/accounts/reauthenticate/?next=/m/team/", as_=merchant, width=width)
    page.fill("input[name=password]", PASSWORD)  # who changes the team has just given the password
    page.click("main button.btn-primary")
    page.wait_for_url("**/m/team/")
    page.fill("input[name=email]", "xiao@a.example")
    page.select_option("form[action*=invite] select[name=role]", "READ_ONLY")
    page.click("form[action*=invite] button.btn-primary")
    page.wait_for_selector("text=xiao@a.example")
    with tenancy.platform():
        drains.send_mail(timezone.now)
    link = re.search(r"/invitations/\S+/", mail.outbox[-1].body).group()

    newcomer = open_page(link, width=width)
    newcomer.fill("input[name=display_name]", "小林")
    newcomer.fill("input[name=password]", "a long and calm password")
    newcomer.click("main button.btn-primary")

    newcomer.wait_for_url("**/m/")
    page.goto("/m/team/")
    assert "小林" in page.inner_text("main")


def test_a_key_is_made_once_the_password_was_given_again_and_opens_the_api(open_page, merchant, live_server):
    OrderFactory(merchant=merchant.shop, number="API-1")
    page = open_page("/accounts/login/", permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, merchant.user.email)
    page.wait_for_url("**/m/")
    page.goto("/m/keys/new/")
    if "reauthenticate" in page.url:
        page.fill("input[name=password]", PASSWORD)
        page.click("main button.btn-primary")
        page.wait_for_url("**/m/keys/new/")

    page.fill("input[name=name]", "Warehouse")
    page.check("input[name=scopes][value='orders:read']")
    page.click("button.btn-primary[type=submit]")
    page.click("copy-text button")
    secret = page.inner_text("[data-copy]")

    assert page.evaluate("navigator.clipboard.readText()") == secret
    asked = page.request.get("/api/v1/orders", headers={"Authorization": f"Bearer {secret}"})
    assert [order["number"] for order in asked.json()["results"]] == ["API-1"]
    page.goto("/m/keys/")
    assert secret not in page.content()


def test_a_session_that_was_not_just_opened_gives_the_password_again(open_page, merchant):
    page = open_page("/m/keys/new/", as_=merchant)

    assert "reauthenticate" in page.url


def test_a_notice_is_archived_and_taken_back(open_page, merchant):
    NoticeFactory(merchant=merchant.shop)
    page = open_page("/m/inbox/", as_=merchant)

    page.check("input[name=pick]")
    page.click("button[name=verb][value=archive]")
    page.wait_for_selector(".toast, [role=status]")
    with tenancy.platform():
        assert Notice.objects.get().archived_at is not None
    page.click("text=Undo")
    page.wait_for_selector("input[name=pick]")

    with tenancy.platform():
        assert Notice.objects.get().archived_at is None
