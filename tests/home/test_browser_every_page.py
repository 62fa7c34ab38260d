"""Every page of the site in Chromium: no barriers, usable by keys, whole at 320 pixels, silent, its policy kept."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Response
from playwright.sync_api import Page as Tab

from merchant_protection.accounts import middleware
from tests.factories import claims as make
from tests.factories.accounts import UserFactory
from tests.fixtures import proofs, uploads
from tests.fixtures.browser import Complaints, OpenPage
from tests.fixtures.people import Persona
from tests.home import every_page, every_page_keys, every_page_rows
from tests.isolation import test_routes

pytestmark = pytest.mark.browser
ids = test_routes.ids
# The narrowest phone, a common one, and what is left of a wide window for who reads it twice as large.
NARROW, WIDE = (320, 390, 640), 1280
LANGUAGES = {"en": "en", "zh-CN": "zh-hans"}


@pytest.fixture
def people(
    merchant: Persona,
    operator: Persona,
    staff: Persona,
    reviewer: Persona,
    senior: Persona,
    trainer: Persona,
    settings: Any,
) -> dict[str, Persona]:
    """Who looks: staff have a second factor, the shop's owner has none yet, and each has just given the password."""
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 7_200  # the walk is longer than one sitting
    for person in (staff, reviewer, senior, trainer):
        proofs.second_factor(person)
    for person in (reviewer, senior):
        make.on_the_desk(person.user)
    guarded = every_page_rows.with_second_factor(operator)
    found = {
        "merchant": merchant,
        "guarded": guarded,
        "shopless": Persona(UserFactory()),
        "staff": staff,
        "reviewer": reviewer,
        "senior": senior,
        "trainer": trainer,
    }
    for person in found.values():
        proofs.give_password(person)
    return {**found, "halfway": every_page_rows.half_signed_in(guarded)}


@pytest.fixture
def pages(
    live_server: Any,
    sent: uploads.Send,
    ids: dict[str, Any],
    people: dict[str, Persona],
    now: datetime,
    anonymous_client: Any,
) -> list[every_page.Page]:
    """Every page there is; what is none stands in the register with the reason, so a new route is looked at."""
    found, others, broken = [], set(), []
    owner = people["merchant"].actor
    files = [sent(owner, "聊天记录-2026-11-20.jpg", uploads.picture()), sent(owner, "检测报告.pdf", uploads.paper())]
    for page in every_page.all_pages(every_page_rows.rows(ids, people, now, files=[file.pk for file in files])):
        client = people[page.who].client if page.who else anonymous_client
        client.raise_request_exception = False
        answer = every_page.asked_by(client, page)
        answer.close()
        if page.status != 200:
            assert answer.status_code == page.status, (page, answer.status_code)
            found.append(page)
        elif answer.status_code >= 500:
            broken.append(page)
        elif every_page.is_page(answer):
            found.append(page)
        elif not page.route.startswith("admin:"):
            others.add(page.route)
    assert broken == []
    assert others == every_page.no_pages(), sorted(others ^ every_page.no_pages())
    return found


@pytest.mark.soak
@pytest.mark.case("T34")
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_no_barrier_and_no_report(
    open_page: OpenPage,
    axe: Callable[[Tab], None],
    complaints: Complaints,
    pages: list[every_page.Page],
    people: dict[str, Persona],
    language: str,
) -> None:
    faults: list[str] = []
    for person in people.values():
        person.user.language = LANGUAGES[language]
        person.user.save(update_fields=["language"])
    for who in ("", *people):
        if who:
            was_away(people[who])
        tab = open_page("about:blank", as_=people.get(who), language=language)
        for page in (each for each in pages if each.who == who):
            told = [*look(tab, page, axe), *heard(complaints, page)]
            faults += [f"{page.route} {page.address} as {who or 'a stranger'}: {each}" for each in told]
        faults += cookies(tab.context)

    sys.stdout.write(f"{len(pages)} pages\n")
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def was_away(person: Persona) -> None:
    """The next page sends the session's cookie itself: the browser was given it by the test."""
    session = person.client.session
    session[middleware.SEEN_AT] = time.time() - 2 * middleware.SEEN_EVERY
    session.save()


def look(tab: Tab, page: every_page.Page, axe: Callable[[Tab], None]) -> Iterator[str]:
    """What is wrong with a page."""
    _widen(tab, WIDE)
    answer = tab.goto(page.address)
    assert answer
    yield from policy(answer)
    try:
        axe(tab)
    except AssertionError as fault:
        yield str(fault)
    yield from every_page_keys.walked(tab)
    for width in NARROW:
        _widen(tab, width)
        wide = tab.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"is {wide} pixels wide at {width}"


def policy(answer: Response) -> Iterator[str]:
    """The portal's pages allow nothing inline; the library of the admin needs styles of its own (interface.md §1)."""
    said = answer.headers.get("content-security-policy", "")
    if "default-src" not in said:
        yield "has no policy of its content"
    scripts = next((part for part in said.split(";") if part.strip().startswith("script-src")), said)
    if "'unsafe-inline'" in scripts or ("'unsafe-" in said and "/admin/" not in answer.url):
        yield f"allows what is unsafe: {said}"


def heard(complaints: Complaints, page: every_page.Page) -> list[str]:
    """What the console and the network told since the last page, but that the page answered as it was to."""
    told = [each for each in complaints.heard if page.status == 200 or str(page.status) not in each]
    complaints.heard.clear()
    return told


def cookies(context: BrowserContext) -> Iterator[str]:
    """A session no script reads, and nothing that another site's request carries along."""
    for cookie in context.cookies():
        if cookie["name"] == settings.SESSION_COOKIE_NAME and not cookie["httpOnly"]:
            yield "scripts can read the session"
        if cookie["sameSite"] not in ("Lax", "Strict"):
            yield f"{cookie['name']} is sent along by other sites"


def _widen(tab: Tab, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})


def test_the_walk_by_keys_finds_what_it_looks_for(chromium: Browser) -> None:
    tab = chromium.new_page()
    tab.set_content("""
        <div style="position: fixed; inset: 0 0 auto; height: 40px; background: white"></div>
        <a href="#">Behind the bar</a>
        <p style="margin-top: 80px"><button style="outline: none">No ring</button> <i hx-get="/">Mouse</i></p>
        <input onkeydown="if (event.key === 'Tab') event.preventDefault()"> <button>After the trap</button>
    """)

    told = "\n".join(every_page_keys.walked(tab))
    tab.close()

    assert "focus is not seen: <button style" in told
    assert 'focus is behind something: <a href="#"' in told
    assert "keys do not reach: <button data-reached" in told
    assert "only a mouse presses: <i hx-get" in told
    assert "the focus is held" in told
