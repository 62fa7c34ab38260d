"""Every page of the site in Chromium: no barriers, usable by keys, whole at 320 pixels, silent, its policy kept."""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Response
from playwright.sync_api import Page as Tab

from tests.fixtures.browser import Complaints, OpenPage
from tests.fixtures.people import Persona
from tests.home import every_page
from tests.isolation import test_routes

pytestmark = pytest.mark.browser
ids = test_routes.ids
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
MOST_KEYS = 400
# Everything that can be pressed or filled in; of radio buttons of one name the keys reach one.
REACHABLE = """() => {
  const chosen = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true], video, audio';
  const radios = new Set();
  return [...document.querySelectorAll(chosen)].filter(each => {
    const shown = each.checkVisibility({checkVisibilityCSS: true}) && each.getClientRects().length;
    if (!shown || each.disabled || each.tabIndex < 0 || each.closest('[inert]')) return false;
    if (each.type !== 'radio' || !each.name) return true;
    const name = (each.form ? each.form.id + each.form.action : '') + each.name;
    return radios.has(name) ? false : Boolean(radios.add(name));
  }).map((each, place) => { each.dataset.reached = 'no'; return each.outerHTML.slice(0, 120); });
}"""
FOCUSED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  const was = each.dataset.reached;
  each.dataset.reached = 'yes';
  const style = getComputedStyle(each);
  const ringed = thing => {
    const look = getComputedStyle(thing);
    return (look.outlineStyle !== 'none' && look.outlineWidth !== '0px') || look.boxShadow !== 'none';
  };
  const seen = ringed(each) || (each.parentElement && ringed(each.parentElement)) || each.matches('video, audio')
    || [...each.querySelectorAll('*')].some(ringed) || [...(each.labels || [])].some(ringed);
  return {was: was || 'other', seen: Boolean(seen), html: each.outerHTML.slice(0, 120)};
}"""
LEFT = "() => [...document.querySelectorAll('[data-reached=no]')].map(each => each.outerHTML.slice(0, 160))"
# What acts when it is pressed must be something that keys press too.
ONLY_BY_MOUSE = """() => [...document.querySelectorAll('[hx-get], [hx-post], [hx-delete], [role=button]')]
.filter(each => {
  const trigger = each.getAttribute('hx-trigger') || '';
  const acts = each.matches('a, button, input, select, textarea, form, summary') || each.tabIndex >= 0;
  return !acts && (trigger === '' || /\\bclick\\b/.test(trigger)) && !/from:/.test(trigger);
}).map(each => each.outerHTML.slice(0, 160))"""


@pytest.fixture(autouse=True)
def _second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchant_protection.accounts.middleware.is_mfa_enabled", lambda _user: True)


@pytest.fixture
def people(merchant: Persona, staff: Persona, senior: Persona, trainer: Persona) -> dict[str, Persona]:
    return {"merchant": merchant, "staff": staff, "senior": senior, "trainer": trainer}


@pytest.fixture
def pages(
    live_server: Any, ids: dict[str, Any], people: dict[str, Persona], trainer: Persona, now: datetime
) -> list[every_page.Page]:
    """Every page there is; what is none stands in the register, so a new route is looked at or named."""
    found, others, broken = [], set(), []
    for page in every_page.all_pages(every_page.rows(ids, trainer, now)):
        answer = every_page.asked_by(_again(people.get(page.who)), page)
        if answer.status_code >= 500:
            broken.append(page)
        elif every_page.is_page(answer) or page.route == "not found":
            found.append(page)
        elif not page.route.startswith("admin:"):
            others.add(page.route)
    assert broken == []
    named = {*every_page.NO_PAGE.split(), *every_page.NOT_REACHED.split()}
    assert others == named, sorted(others ^ named)
    return found


def _again(person: Persona | None) -> Client:
    """The person signed in, whatever the last page did to the session; nobody is a stranger."""
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person.user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_every_page_has_no_barrier_and_no_report(
    open_page: OpenPage,
    axe: Callable[[Tab], None],
    complaints: Complaints,
    pages: list[every_page.Page],
    people: dict[str, Persona],
) -> None:
    faults: list[str] = []
    for who in ("", *people):
        tab = open_page("/accounts/login/" if not who else "/me/", as_=people.get(who))
        for page in (each for each in pages if each.who == who):
            faults += [f"{page.route} {page.address} as {who or 'a stranger'}: {each}" for each in look(tab, page, axe)]
            faults += [f"{page.route} {page.address}: {each}" for each in heard(complaints, page)]
        faults += cookies(tab.context)

    sys.stdout.write(f"{len(pages)} pages\n")
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def look(tab: Tab, page: every_page.Page, axe: Callable[[Tab], None]) -> Iterator[str]:
    """What is wrong with a page."""
    tab.set_viewport_size(WIDE)
    answer = tab.goto(page.address)
    assert answer
    tab.wait_for_load_state("networkidle")
    yield from policy(answer)
    try:
        axe(tab)
    except AssertionError as fault:
        yield str(fault)
    yield from by_keys(tab)
    tab.set_viewport_size(NARROW)
    wide = tab.evaluate("document.documentElement.scrollWidth")
    if wide > NARROW["width"]:
        yield f"is {wide} pixels wide at 320"


def policy(answer: Response) -> Iterator[str]:
    """The portal's pages allow nothing inline; the library of the admin needs styles of its own (interface.md §1)."""
    said = answer.headers.get("content-security-policy", "")
    if "default-src" not in said:
        yield "has no policy of its content"
    scripts = next((part for part in said.split(";") if part.strip().startswith("script-src")), said)
    if "'unsafe-inline'" in scripts or ("'unsafe-" in said and "/admin/" not in answer.url):
        yield f"allows what is unsafe: {said}"


def by_keys(tab: Tab) -> Iterator[str]:
    """Walk through the page by the tab key: everything is reached, the focus is seen, and nothing holds it."""
    reachable = tab.evaluate(REACHABLE)
    tab.evaluate("document.activeElement && document.activeElement.blur()")
    unseen = []
    for _key in range(min(MOST_KEYS, 2 * len(reachable) + 20)):
        tab.keyboard.press("Tab")
        at = tab.evaluate(FOCUSED)
        if at and not at["seen"]:
            unseen.append(at["html"])
        if at is None or at["was"] == "yes":
            break
    yield from (f"focus is not seen: {html}" for html in unseen[:3])
    yield from (f"keys do not reach: {html}" for html in tab.evaluate(LEFT)[:3])
    yield from (f"only a mouse presses: {html}" for html in tab.evaluate(ONLY_BY_MOUSE)[:3])


def heard(complaints: Complaints, page: every_page.Page) -> list[str]:
    """What the console and the network told since the last page."""
    told = [each for each in complaints.heard if not (page.route == "not found" and "404" in each)]
    complaints.heard.clear()
    return told


def cookies(context: BrowserContext) -> Iterator[str]:
    """A session no script reads, and nothing that another site's request carries along."""
    for cookie in context.cookies():
        if cookie["name"] == settings.SESSION_COOKIE_NAME and not cookie["httpOnly"]:
            yield "scripts can read the session"
        if cookie["sameSite"] not in ("Lax", "Strict"):
            yield f"{cookie['name']} is sent along by other sites"
