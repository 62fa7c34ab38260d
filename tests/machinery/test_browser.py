"""The machinery for browser tests: signed in, real files, and complaints that fail a test."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.fixtures.browser import Complaints, OpenPage
from tests.fixtures.people import Persona

pytestmark = pytest.mark.browser


def test_the_sign_in_page_opens_with_all_its_files(
    open_page: OpenPage, screenshot: Callable[[Page, str], Path], axe: Callable[[Page], None]
) -> None:
    page = open_page("/accounts/login/")

    assert page.locator("input[type=password]").is_visible()
    axe(page)
    assert screenshot(page, "sign-in").stat().st_size > 5_000


def test_a_persona_is_signed_in(open_page: OpenPage, merchant: Persona) -> None:
    page = open_page("/m/orders/", as_=merchant)

    assert merchant.shop
    assert merchant.shop.name in page.content()


def test_a_missing_page_and_the_console_are_heard(open_page: OpenPage, complaints: Complaints) -> None:
    page = open_page("/no-such-page/")
    page.evaluate("console.error('ouch')")

    assert any("404" in each for each in complaints.unexpected)
    assert any("ouch" in each for each in complaints.unexpected)
    complaints.expect("404")
    complaints.expect("ouch")
