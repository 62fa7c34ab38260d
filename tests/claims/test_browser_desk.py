"""Two reviewers work the queue in two browsers; keys open the note and never decide; no barriers in either language."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.models import Claim, Decision
from claims.services import breaching
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.fixtures.browser import PICTURES
from tests.fixtures.people import Persona

pytestmark = pytest.mark.browser
LOOKS = [("zh-CN", False), ("en", True)]


@pytest.fixture(autouse=True)
def _desk(reviewer: Persona, senior: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    make.on_the_desk(reviewer.user)
    make.on_the_desk(senior.user)


def test_two_reviewers_in_two_browsers_never_have_the_same_case(
    merchant: Persona, reviewer: Persona, senior: Persona, open_page: Callable[..., Page]
) -> None:
    for _ in range(4):
        make.submitted(merchant.shop)
    first = open_page(reverse("desk"), as_=reviewer, width=1440)
    second = open_page(reverse("desk"), as_=senior, width=1440)

    for page in (first, second):
        page.keyboard.press("n")
        page.wait_for_url("**/admin/desk/*/")
    assert first.url != second.url

    first.keyboard.press("u")
    expect(first.locator("#desk-note")).to_be_focused()
    with tenancy.platform():
        assert not Decision.objects.exists()
    first.get_by_label("The demand is proven").check()
    first.locator("#desk-note").fill("The chat shows it.")
    first.get_by_role("button", name="What both sides will read").click()
    expect(first.locator("#desk-preview")).to_contain_text("The complaint is upheld.")
    before = first.url
    first.get_by_role("button", name="Decide and open the next").click()
    first.wait_for_url(lambda url: url != before and "/admin/desk/" in url)

    second.keyboard.press("a")
    expect(second.locator("#desk-ask-body")).to_be_focused()
    second.get_by_label("Chat with the buyer").first.check()
    second.locator("#desk-ask-body").fill("The whole chat, please.")
    asked_on = second.url
    second.keyboard.press("Control+Enter")
    second.wait_for_url(lambda url: url != asked_on)

    with tenancy.platform():
        statuses = sorted(Claim.objects.values_list("status", flat=True))
        held = list(Claim.objects.filter(reviewer__isnull=False).values_list("reviewer_id", flat=True))
    assert statuses == ["AWAITING_EVIDENCE", "IN_REVIEW", "IN_REVIEW", "UPHELD"]
    assert sorted(held) == sorted([reviewer.user.pk, senior.user.pk])


@pytest.mark.parametrize(("language", "dark"), LOOKS)
def test_the_pages_of_the_desk_have_no_barriers(
    language: str,
    dark: bool,
    merchant: Persona,
    senior: Persona,
    staff: Persona,
    live_server: Any,
    open_page: Callable[..., Page],
    axe: Callable[[Page], None],
    screenshot: Callable[[Page, str], Any],
    now: datetime,
) -> None:
    claim = make.taken(merchant.shop, senior.actor)
    make.submitted(merchant.shop)
    with tenancy.platform():
        breaching.fire_escalations(now=now + timedelta(days=30))
    pages = {
        "queue": reverse("desk"),
        "case": reverse("desk_case", args=[claim.pk]),
        "escalations": reverse("desk_escalations") + "?tab=everybody",
        "figures": reverse("desk_figures"),
        "samples": reverse("desk_samples"),
        "settings": reverse("desk_settings"),
        "public": reverse("review_times"),
    }
    page = open_page("/admin/", as_=senior, width=1440, dark=dark, language=language)
    for name, address in pages.items():
        page.goto(live_server.url + address)
        axe(page)
        if PICTURES:
            screenshot(page, f"desk-{name}-{language}-{'dark' if dark else 'light'}")
