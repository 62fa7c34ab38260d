"""An owner adds a webhook, sees a test arrive and fail, and sends it again, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from merchant_protection.foundation import tenancy
from merchant_protection.notices import drains
from merchant_protection.notices.models import Dispatch, Endpoint
from tests.factories.accounts import PASSWORD
from tests.fixtures.browser import Complaints, OpenPage
from tests.fixtures.people import Persona
from tests.notices.listener import Listener

pytestmark = pytest.mark.browser


def drained(listener: Listener) -> None:
    """Let the drain send what is due."""
    with tenancy.platform():
        calls = drains.Calls(listeners=[listener.place])
        while calls(timezone.now):
            pass


@pytest.mark.parametrize(("language", "width"), [("en", 390), ("zh-CN", 1440)])
def test_an_owner_adds_a_webhook_and_sends_again_what_failed(
    open_page: OpenPage,
    complaints: Complaints,
    axe: Callable[[Page], None],
    merchant: Persona,
    settings: Any,
    language: str,
    width: int,
) -> None:
    complaints.expect("422")  # an address that leads inside
    with Listener(lambda _received: (500, {}, b"out of paper")) as listener:
        settings.WEBHOOK_LISTENERS = [listener.place]
        page = open_page("/m/webhooks/", as_=merchant, width=width, language=language)
        axe(page)
        page.click(".empty a.btn-primary")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button.btn-primary")
        page.wait_for_url("**/m/webhooks/new/")
        _fill_in(page, axe, listener.url("/hooks"))
        page.click("form[action$='/test/'] button")
        page.wait_for_url("**/m/webhooks/deliveries/*/")
        axe(page)

        drained(listener)
        page.reload()
        assert "out of paper" in page.inner_text("main")
        axe(page)
        with tenancy.platform():
            Dispatch.objects.update(status="DEAD", due_at=None, finished_at=timezone.now())
            Endpoint.objects.update(failures=0, rests_until=None)
        listener.reply = lambda _received: (200, {}, b"taken")
        page.reload()
        page.click("form[action$='/replay/'] button")
        page.wait_for_load_state()
        drained(listener)
        page.reload()

        assert "HTTP 200" in page.inner_text("main")
        assert len({each.message_id for each in listener.received}) == 1
        page.click("a.back")
        page.wait_for_url("**/m/webhooks/*/")
        axe(page)
        assert page.inner_text(".table tbody") != ""
        page.click("a.back")
        page.wait_for_url("**/m/webhooks/")
        axe(page)


def _fill_in(page: Page, axe: Callable[[Page], None], address: str) -> None:
    """Fill in the form, first with an address that leads inside, then keep the secret that is shown once."""
    page.fill("input[name=name]", "订单系统")
    page.fill("input[name=url]", "https://10.0.0.1/hooks")
    page.check("input[value='claim.decided']")
    page.check("input[value='claim.submitted']")
    axe(page)
    page.click("main button.btn-primary")
    page.wait_for_selector(".invalid-feedback")
    page.fill("input[name=url]", address)
    page.click("main button.btn-primary")
    page.wait_for_selector("copy-text code")
    assert page.inner_text("copy-text code").startswith("whsec_")
    axe(page)
    page.click("main a.btn-primary")
    page.wait_for_selector("form[action$='/test/'] button")
    axe(page)
