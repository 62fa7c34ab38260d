"""A table of complaints is sent in a browser, and the page follows by itself how far it is."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from claims.models import Claim
from claims.services import bulk_filing
from merchant_protection.foundation import tenancy
from tests.claims.test_bulk_filing import GOOD, _good, _interrupted, _table, _work_off
from tests.fixtures.people import Persona

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "width", "dark", "part", "whole"),
    [
        ("zh-CN", 390, True, "已处理 2 / 5 行。", "已处理 5 / 5 行。"),
        ("en", 1280, False, "2 of 5 rows done.", "5 of 5 rows done."),
    ],
    ids=["zh phone night", "en desk day"],
)
def test_the_page_of_a_file_follows_its_rows_without_being_loaded_again(
    merchant: Persona,
    open_page: Callable[..., Page],
    axe: Callable[[Page], None],
    screenshot: Callable[[Page, str], Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    language: str,
    width: int,
    dark: bool,
    part: str,
    whole: str,
) -> None:
    now = timezone.now()
    file = tmp_path / "claims.csv"
    file.write_bytes(_table([*_good(merchant, now, 4), GOOD | {"order": "NOT-THERE"}]))
    monkeypatch.setattr(bulk_filing, "AT_ONCE", 2)
    page = open_page("/m/claims/file/", as_=merchant, width=width, dark=dark, language=language)
    axe(page)

    page.locator("main input[type=file]").set_input_files(file)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/claims/file/*/")
    loads: list[Any] = []
    page.on("load", lambda loaded: loads.append(loaded))
    axe(page)
    _interrupted(monkeypatch, _die)
    _work_off(timezone.now())
    expect(page.locator("#progress")).to_contain_text(part)
    expect(page.locator("#progress progress")).to_have_attribute("value", "40")
    axe(page)
    _work_off(timezone.now() + timedelta(minutes=5))

    expect(page.locator("#progress")).to_contain_text(whole)
    expect(page.locator("#progress progress")).to_have_attribute("value", "100")
    expect(page.locator("#progress .bad")).to_have_count(1)
    expect(page.locator("#progress")).not_to_have_attribute("hx-get", "")
    axe(page)
    screenshot(page, f"claims-batch-{language}-{width}")
    assert loads == []
    assert page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth") <= 0
    page.locator("#progress tbody a").first.click()
    page.wait_for_url("**/m/claims/*/")
    with tenancy.platform():
        assert Claim.objects.count() == 4


def _die() -> None:
    raise OSError("the machine goes away")
