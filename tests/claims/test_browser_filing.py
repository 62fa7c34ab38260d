"""A merchant files a complaint in a real browser, in both languages: on a desk and on a phone, by day and by night."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from claims.models import Claim, Evidence
from claims.services import conversing, evidence
from merchant_protection.foundation import tenancy
from tests.factories import claims as make
from tests.factories.marketplace import AfterSaleFactory, OrderFactory
from tests.fixtures.people import Persona
from tests.fixtures.uploads import Send, film, paper, picture

pytestmark = pytest.mark.browser
LOOKS = pytest.mark.parametrize(
    ("language", "width", "dark"), [("zh-CN", 390, True), ("en", 1280, False)], ids=["zh phone night", "en desk day"]
)
# Which element of the page has the focus, and how many of its pixels lie under the bar above and the foot below.
FOCUSED = """() => {
  const at = document.activeElement, foot = document.querySelector(".form-foot");
  if (!at || !at.closest("main") || foot.contains(at)) return null;
  const box = at.getBoundingClientRect(), over = document.querySelector(".top").getBoundingClientRect();
  const under = Math.max(0, box.bottom - foot.getBoundingClientRect().top), above = Math.max(0, over.bottom - box.top);
  return {which: [...document.querySelectorAll("main *")].indexOf(at), name: at.name || at.id, under, above};
}"""
STORY = "买家要求私下转账 200 元，否则给差评。The buyer wants 200 yuan in private."


@LOOKS
def test_a_complaint_is_filed_in_three_steps_with_a_file(
    merchant: Persona,
    open_page: Callable[..., Page],
    axe: Callable[[Page], None],
    screenshot: Callable[[Page, str], Path],
    check_files: Callable[..., int],
    tmp_path: Path,
    language: str,
    width: int,
    dark: bool,
) -> None:
    order = OrderFactory(merchant=merchant.shop, placed_at=timezone.now() - timedelta(days=3))
    AfterSaleFactory(merchant=merchant.shop, order=order)
    chat = tmp_path / "chat.png"
    chat.write_bytes(picture(form="PNG"))
    look = f"{language}-{width}"

    page = open_page("/m/claims/new/", as_=merchant, language=language, width=width, dark=dark)
    axe(page)
    screenshot(page, f"claim-1-{look}")
    page.get_by_text(order.number).click()
    page.locator("main form[action$='/begin/'] button[type=submit]").click()
    page.wait_for_url("**/edit/")
    page.locator("input[name=kind][value=EXTORTION]").check()
    page.locator("#id_amount").fill("300")
    page.locator("#id_story").fill(STORY)
    page.set_input_files("[data-slot=OTHER] input", str(chat))
    expect(page.locator(".evidence-file")).to_have_count(1)
    check_files()
    expect(page.locator(".evidence-file img")).to_be_visible()
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    axe(page)
    _nothing_focused_lies_under_the_bars(page)
    screenshot(page, f"claim-2-{look}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url("**/check/")
    expect(page.locator("main")).to_contain_text(STORY)
    axe(page)
    screenshot(page, f"claim-3-{look}")
    page.locator("#id_is_true").check()
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url(lambda url: url.rstrip("/").rsplit("/", 1)[-1].isdigit())
    axe(page)
    screenshot(page, f"claim-4-{look}")

    with tenancy.platform():
        claim = Claim.objects.get()
        assert (claim.status, claim.kind_code, claim.story) == ("SUBMITTED", "EXTORTION", STORY)
        assert Evidence.objects.get().file.status == "CLEAN"


@LOOKS
def test_a_merchant_answers_the_desk_and_looks_at_the_evidence(
    merchant: Persona,
    reviewer: Persona,
    open_page: Callable[..., Page],
    axe: Callable[[Page], None],
    screenshot: Callable[[Page, str], Path],
    sent: Send,
    language: str,
    width: int,
    dark: bool,
) -> None:
    now, look = timezone.now(), f"{language}-{width}"
    claim = _asked(merchant, reviewer, now)
    for name, body in (("chat.png", picture(form="PNG")), ("report.pdf", paper(pages=3)), ("film.mp4", film())):
        _show(merchant, claim, sent(merchant.actor, name, body), now)

    page = open_page("/m/claims/", as_=merchant, language=language, width=width, dark=dark)
    axe(page)
    screenshot(page, f"claims-{look}")
    page.get_by_text(claim.number).first.click()
    expect(page.locator("main")).to_contain_text("The receipt, please.")
    axe(page)
    screenshot(page, f"claim-asked-{look}")
    page.goto(f"/m/claims/{claim.pk}/view/")
    picture_shown = page.locator(".viewer-frame img")
    expect(picture_shown).to_be_visible()
    before = picture_shown.bounding_box()
    page.locator(".viewer-frame").focus()
    page.keyboard.press("+")
    page.keyboard.press("r")
    assert picture_shown.bounding_box() != before
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer-facts")).to_contain_text("report.pdf")
    page.keyboard.press("PageDown")
    expect(page.locator(".viewer-facts")).to_contain_text("2 / 3")
    page.keyboard.press("s")
    expect(page.locator(".viewer-pane")).to_have_count(2)
    expect(page.locator("video")).to_be_visible()
    page.evaluate("document.querySelector('video').currentTime = 1")
    axe(page)
    screenshot(page, f"claim-viewer-{look}")
    page.goto("/m/evidence/")
    axe(page)
    screenshot(page, f"claim-library-{look}")
    page.goto(f"/m/claims/{claim.pk}/")
    page.locator("form[action$='/sent/'] button").click()
    page.wait_for_load_state("networkidle")

    with tenancy.platform():
        assert Claim.objects.get().status == "SUBMITTED"


def _nothing_focused_lies_under_the_bars(page: Page) -> None:
    """Walk through the page by Tab: whatever has the focus is seen whole, between the bar above and the foot below."""
    page.locator("main a").first.focus()
    seen = set()
    while (found := page.evaluate(FOCUSED)) is not None:
        seen.add(found["which"])
        assert max(found["under"], found["above"]) < 1, found
        page.keyboard.press("Tab")
    assert len(seen) > 10, seen


def _asked(merchant: Persona, reviewer: Persona, now: Any) -> Claim:
    make.on_the_desk(reviewer.user)
    claim = make.taken(merchant.shop, reviewer.actor, at=now - timedelta(hours=3))
    with tenancy.platform():
        return conversing.ask_for_evidence(
            claim_id=claim.pk,
            actor=reviewer.actor,
            at=now - timedelta(hours=1),
            body="The receipt, please.",
            asks_for=["POLICE_REPORT"],
        )


def _show(merchant: Persona, claim: Claim, file: Any, at: Any) -> None:
    with tenancy.platform():
        evidence.add(claim_id=claim.pk, actor=merchant.actor, at=at, file_id=file.pk, type="POLICE_REPORT")
