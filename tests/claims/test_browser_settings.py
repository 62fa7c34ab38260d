"""Operations work with rows at the desk's settings by keys alone; on a phone the time left stands in sight."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.models import SlaPolicy
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.fixtures.people import Persona

pytestmark = pytest.mark.browser
LOOKS = pytest.mark.parametrize(
    ("language", "dark", "add", "up", "save"),
    [("zh-CN", True, "添加一级", "上移", "生效"), ("en", False, "Add a step", "Move up", "Put in force")],
    ids=["zh night", "en day"],
)
# How far a page, or an element of it, reaches beyond what is seen of it.
BEYOND = "element => element.getBoundingClientRect().right - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def _desk(senior: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    make.on_the_desk(senior.user)


@LOOKS
def test_rows_are_added_moved_and_removed_by_keys_and_faults_stand_in_their_row(
    staff: Persona,
    open_page: Callable[..., Page],
    axe: Callable[[Page], None],
    screenshot: Callable[[Page, str], Any],
    complaints: Any,
    language: str,
    dark: bool,
    add: str,
    up: str,
    save: str,
) -> None:
    complaints.expect("422")
    page = open_page(
        reverse("desk_setting", args=["levels", "STANDARD"]), as_=staff, width=1440, dark=dark, language=language
    )
    steps = page.locator("fieldset.desk-rows").nth(1)
    steps.get_by_role("button", name=add).press("Enter")
    last = steps.locator("li").nth(3)
    expect(last.locator("select").first).to_be_focused()
    last.locator("select").first.select_option("HEAD")
    last.locator("input[type=number]").fill("2")
    last.locator("select").nth(1).select_option("hours")
    last.locator("select").nth(2).select_option("after")
    last.get_by_role("button", name=up).press("Enter")
    expect(steps.locator("li").nth(2).get_by_role("button", name=up)).to_be_focused()
    steps.locator("li").nth(0).locator("[data-row-remove]").press("Enter")
    page.locator("[name=promises-0-within_number]").fill("40")
    page.get_by_role("button", name=save).press("Enter")

    fault = page.locator(".desk-line .desk-fault")
    expect(fault).to_have_count(1)
    expect(page.locator("fieldset.desk-rows").first.locator("li").first.locator(".desk-fault")).to_be_visible()
    expect(page.locator("[data-first-fault]")).to_be_focused()
    expect(page.locator("fieldset.desk-rows").nth(1).locator("li")).to_have_count(3)
    axe(page)
    screenshot(page, f"desk-setting-{language}")

    page.locator("[name=promises-0-within_number]").fill("3")
    page.get_by_role("button", name=save).press("Enter")
    page.wait_for_url("**/settings/levels/")
    axe(page)
    with tenancy.platform():
        steps_kept = SlaPolicy.objects.get(code="STANDARD", is_current=True).steps
    assert [(each["level"], each["audience"], each["minutes"]) for each in steps_kept] == [
        (1, "LEAD", 0),
        (2, "HEAD", 120),
        (3, "HEAD", 240),
    ]


@pytest.mark.parametrize(("language", "dark"), [("zh-CN", False), ("en", True)])
def test_on_a_phone_the_time_left_stands_in_sight_and_forms_fit(
    merchant: Persona,
    senior: Persona,
    staff: Persona,
    open_page: Callable[..., Page],
    axe: Callable[[Page], None],
    live_server: Any,
    language: str,
    dark: bool,
) -> None:
    claim = make.submitted(merchant.shop)
    page = open_page(reverse("desk"), as_=senior, width=390, dark=dark, language=language)
    row = page.locator("#result_list tbody tr").filter(has_text=claim.number)

    assert row.locator(".sla").evaluate(BEYOND) <= 0
    assert row.locator(".sla").bounding_box()["y"] <= row.locator(".desk-first").bounding_box()["y"] + 8  # type: ignore[index]
    assert page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth") <= 0
    axe(page)
    page.goto(live_server.url + reverse("desk_figures"))
    assert page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth") <= 0
    axe(page)

    page = open_page(
        reverse("desk_setting", args=["kinds", "EXTORTION"]), as_=staff, width=390, dark=dark, language=language
    )
    for section in ("kinds/EXTORTION", "routes/returns", "calendars/CN_OFFICE", "fast-track/1"):
        page.goto(f"{live_server.url}/admin/desk/settings/{section}/")
        assert page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth") <= 0, section
        axe(page)
