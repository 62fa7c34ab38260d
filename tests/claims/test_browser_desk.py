"""The pages of the desk in a browser: no barriers in either language, by day and by night."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

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
