"""Lists in a real browser: views are saved and taken back, rows are picked on a phone as on a desk."""

import pytest

from merchant_protection.accounts.models import SavedView
from merchant_protection.foundation import tenancy
from merchant_protection.notices.models import Notice
from tests.factories.marketplace import OrderFactory
from tests.factories.notices import NoticeFactory

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@WIDTHS
def test_filters_are_saved_as_a_view_changed_and_taken_back(open_page, axe, screenshot, merchant, width):
    OrderFactory(merchant=merchant.shop, number="PAID-1", status="PAID")
    OrderFactory(merchant=merchant.shop, number="SENT-1", status="SHIPPED")
    page = open_page("/m/orders/", as_=merchant, width=width)
    assert page.locator("#views .btn").count() == 0

    page.select_option("#status", "PAID")
    page.wait_for_selector("#views summary")  # the bar follows the filters without a new page
    page.click("#views summary")
    axe(page)
    screenshot(page, f"view-form-{width}")
    page.fill("#view-name", "To be sent")
    page.click(".view-form button")
    page.wait_for_selector("#views [aria-current] >> text=To be sent")
    assert "SENT-1" not in page.inner_text("#rows")
    page.select_option("#status", "SHIPPED")
    page.click("#views >> text=Update view")
    page.wait_for_selector("#toasts >> text=View updated.")
    assert "SENT-1" in page.inner_text("#rows")
    screenshot(page, f"view-{width}")
    page.click("#views form[action$='/delete/'] button")
    page.click("#toasts >> text=Undo")
    page.wait_for_selector("#views [aria-current] >> text=To be sent")

    with tenancy.platform():
        view = SavedView.objects.get()
    assert (view.query, view.deleted_at) == ("status=SHIPPED", None)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@WIDTHS
def test_notices_are_picked_and_archived(open_page, axe, screenshot, merchant, width):
    for _index in range(3):
        NoticeFactory(merchant=merchant.shop)
    page = open_page("/m/inbox/", as_=merchant, width=width)

    page.locator("tbody .pick input").nth(1).check()
    assert page.inner_text("[data-bulk-count]") == "1"
    page.locator("thead .pick input").check()
    assert page.inner_text("[data-bulk-count]") == "3"
    axe(page)
    screenshot(page, f"inbox-picked-{width}")
    page.click("#bulk button[value=archive]")
    page.wait_for_selector("#toasts >> text=3 notices changed.")

    with tenancy.platform():
        assert Notice.objects.filter(archived_at=None).count() == 0
