"""The staff admin in a browser: in both languages, light and dark, without barriers, and a switch stopped by hand."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from merchant_protection.foundation import tenancy
from merchant_protection.marketplace.models import Switch
from tests.factories.marketplace import InboundSourceFactory, OrderFactory
from tests.factories.risk import WarningFactory
from tests.fixtures.browser import PICTURES
from tests.fixtures.people import Persona

pytestmark = pytest.mark.browser
# A page meets both languages and both themes in two of the four looks.
LOOKS = [("zh-CN", False, 0), ("zh-CN", True, 1), ("en", False, 1), ("en", True, 0)]


@pytest.fixture(autouse=True)
def _second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


@pytest.mark.parametrize(("language", "dark", "turn"), LOOKS)
def test_the_pages_have_no_barriers(
    language: str,
    dark: bool,
    turn: int,
    staff: Persona,
    live_server: Any,
    open_page: Callable[..., Page],
    axe: Callable[[Page], None],
    screenshot: Callable[[Page, str], Any],
) -> None:
    order = OrderFactory(lines=3)
    WarningFactory()
    source = InboundSourceFactory()
    with tenancy.platform():
        switch = Switch.objects.create(
            scope="MERCHANT", merchant=order.merchant, is_stopped=True, changed_at=order.placed_at, changed_by="x"
        )
    addresses = {
        "overview": "/admin/",
        "orders": reverse("admin:marketplace_order_changelist"),
        "order": reverse("admin:marketplace_order_change", args=[order.pk]),
        "merchant": reverse("admin:accounts_merchant_change", args=[order.merchant.pk]),
        "switches": reverse("admin:marketplace_switch_changelist"),
        "switch": reverse("admin:marketplace_switch_change", args=[switch.pk]),
        "source": reverse("admin:marketplace_inboundsource_change", args=[source.pk]),
        "audit": reverse("admin:audit_entry_changelist"),
    }
    page = open_page("about:blank", as_=staff, width=1440, dark=dark, language=language)
    for name, address in list(addresses.items())[turn::2]:
        page.goto(live_server.url + address)
        axe(page)
        if PICTURES:
            screenshot(page, f"staff-{name}-{language}-{'dark' if dark else 'light'}")


def test_a_shop_is_stopped_in_the_dialog(staff: Persona, merchant: Persona, open_page: Callable[..., Page]) -> None:
    page = open_page(reverse("admin:marketplace_switch_changelist"), as_=staff, width=1440, language="en")

    page.get_by_role("link", name="Stop a shop or a rule").click()
    page.get_by_label("Shop").select_option(label=merchant.shop.name)
    page.get_by_label("Reason").fill("wrong prices from the feed")
    page.get_by_role("button", name="Stop", exact=True).click()

    expect(page.get_by_text("wrong prices from the feed")).to_be_visible()
    with tenancy.platform():
        assert Switch.objects.get(merchant=merchant.shop).is_stopped
