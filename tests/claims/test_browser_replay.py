"""What came over HTTP and what a merchant filed in a browser is worked off by two reviewers in two browsers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from benchmarks import replay_count, replay_shops
from claims.models import Claim, ClaimMove, ReviewLease
from merchant_protection.accounts.models import Merchant, Role
from merchant_protection.foundation import tenancy
from tests.claims.test_replay import replayed
from tests.factories import claims as make
from tests.fixtures.people import Persona

pytestmark = pytest.mark.browser
TURNS = 12


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_two_reviewers_work_off_a_quarter_that_came_over_http_and_from_a_browser(
    reviewer: Persona,
    senior: Persona,
    member: Callable[..., Persona],
    open_page: Callable[..., Page],
    live_server: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)
    for person in (reviewer, senior):
        make.on_the_desk(person.user)
    make.limits(second_approval_amount=9_999_999, second_approval_orders=9_999)  # each decides by themselves
    replay = replay_shops.opened(portal=live_server.url, days=91, orders_a_day=8, stories_a_day=2.5, seed=20261124)
    with tenancy.platform():
        replayed(replay)
        assert replay_count.differences(replay, at=replay.until) == []
        owner = member(Merchant.objects.get(code=next(iter(replay.keys))), Role.OWNER)
        waiting = Claim.objects.filter(status="SUBMITTED").count()

    _filed_in_a_browser(open_page(reverse("claim_new"), as_=owner))
    pages = [open_page(reverse("desk"), as_=person, width=1440) for person in (reviewer, senior)]
    for page in pages:
        page.keyboard.press("n")
    for page in pages * TURNS:
        page.wait_for_url("**/admin/desk/*/")
        _uphold(page)

    replay.close()
    with tenancy.platform():
        for person in (reviewer, senior):
            assert ClaimMove.objects.filter(actor_id=person.user.pk, move="uphold").count() == TURNS
        assert ClaimMove.objects.filter(move="uphold").values("claim").distinct().count() == len(pages) * TURNS
        assert ReviewLease.objects.filter(released_at=None).values("claim").distinct().count() == len(pages)
        taken = ClaimMove.objects.filter(move="take").count()
        assert Claim.objects.filter(status="SUBMITTED").count() == waiting + 1 - taken


def _filed_in_a_browser(page: Page) -> None:
    page.locator("input[name=order]").last.check()
    page.locator("main form[action$='/begin/'] button[type=submit]").click()
    page.wait_for_url("**/edit/")
    page.locator("input[name=kind][value=ABNORMAL_ORDER]").check()
    page.locator("#id_amount").fill("30")
    page.locator("#id_story").fill("同一买家反复下单后要求私下补偿，订单明显异常。")
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url("**/check/")
    page.locator("#id_is_true").check()
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url(lambda url: url.rstrip("/").rsplit("/", 1)[-1].isdigit())


def _uphold(page: Page) -> None:
    before = page.url
    page.keyboard.press("u")
    page.locator("#decide input[name=reason_codes]:visible").first.check()
    page.locator("#desk-note").fill("聊天记录完整，索要事实清楚。")
    page.locator("#decide button[name=then][value=next]").click()
    page.wait_for_url(lambda url: url != before and "/admin/desk/" in url)
