"""The shell in a real browser: keys, theme, language, drawer, and no complaint of the accessibility checks."""

import pytest

pytestmark = pytest.mark.browser
PAGE = "/m/team/"


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_a_page_of_the_shell_reads_well_everywhere(open_page, axe, merchant, width):
    for language, dark in (("zh-CN", width == 390), ("en", width != 390)):
        page = open_page(PAGE, as_=merchant, language=language, dark=dark, width=width)

        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.get_attribute("html", "data-bs-theme") == ("dark" if dark else "light")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_page_without_the_side_bar_reads_well(open_page, axe, complaints, language):
    complaints.expect("404")
    page = open_page("about:blank", language=language, width=390)

    for path in ("/accounts/login/", "/accounts/password/reset/", "/nothing/here/"):
        page.goto(path)

        axe(page)
        assert page.get_attribute("html", "lang") == ("zh-Hans" if language == "zh-CN" else "en")


def test_the_theme_that_was_chosen_stays(open_page, merchant):
    page = open_page(PAGE, as_=merchant)
    page.click("summary:has(use[href*='sun-moon'])")

    page.click("[data-set-theme=dark]")
    page.reload()

    assert page.get_attribute("html", "data-bs-theme") == "dark"


def test_the_language_is_switched_in_place(open_page, merchant):
    page = open_page(PAGE, as_=merchant, language="en")

    page.click(".top button[name=language]")

    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert page.url.endswith(PAGE)


def test_the_sheet_of_keys_opens_by_its_key_and_never_while_typing(open_page, merchant):
    page = open_page(PAGE, as_=merchant)

    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")

    assert not page.is_visible("#keys")


def test_single_keys_can_be_switched_off(open_page, merchant):
    merchant.user.single_keys = False
    merchant.user.save(update_fields=["single_keys"])
    page = open_page(PAGE, as_=merchant)

    page.keyboard.press("?")

    assert not page.is_visible("#keys")


def test_the_side_bar_is_a_drawer_on_a_phone(open_page, axe, merchant):
    page = open_page(PAGE, as_=merchant, width=390)
    assert not page.is_visible("#side")

    page.click("[data-drawer]")
    page.wait_for_selector("#side", state="visible")
    axe(page)
    page.keyboard.press("Escape")

    page.wait_for_selector("#side", state="hidden")
